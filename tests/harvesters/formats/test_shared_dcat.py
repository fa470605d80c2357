"""Real feeds through reading, cutting, parsing and export. Skipped where the folder of feeds is not beside the repository."""

from pathlib import Path

import pytest

from catalogue.errors import InvalidRecord, UpstreamError
from catalogue.exports.dcat_ap import record_to_triples
from catalogue.exports.rdf_serialise import N_TRIPLES, serialise_triples
from harvesters.base import RemoteRecord
from harvesters.formats.dcat import Dcat
from harvesters.protocols.rdf_cut import cut_records
from harvesters.protocols.rdf_index import PageIndex
from harvesters.protocols.rdf_syntax import Reading, read_triples

SHARED = Path(__file__).parents[3].parent / "shared" / "data"
TYPES = {
    ".rdf": "application/rdf+xml", ".xml": "application/rdf+xml", ".ttl": "text/turtle",
    ".jsonld": "application/ld+json", ".json": "application/json",
}  # fmt: skip
FILES = sorted(
    path
    for folder in ("rdf-feeds", "entryscape")
    for path in (SHARED / folder).rglob("*")
    if path.suffix in TYPES and path.stat().st_size < 5_000_000
)

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="no shared data here")


def read_records(path):
    """Return the file's records; none where the file as a whole is unreadable (some are meant to be)."""
    records = []
    with path.open("rb") as stream, PageIndex() as index:
        reading = Reading()
        try:
            index.load(read_triples(stream, TYPES[path.suffix], path.as_uri(), reading))
            records = [item for item in cut_records(index, reading.damaged) if isinstance(item, RemoteRecord)]
        except UpstreamError:
            pass
    return records


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SHARED)))
def test_every_record_of_a_real_feed_is_read_or_refused_in_words(path):
    for item in read_records(path):
        try:
            record = Dcat().parse(item.payload, item.media_type, item.remote_id)
        except InvalidRecord as error:
            assert error.violations  # noqa: PT017 - the only way out besides a record
            continue
        assert record.title
        subject = (
            record.iri if record.iri.startswith("http") and " " not in record.iri else "https://example.org/1"
        )
        exported = serialise_triples(record_to_triples(record, subject), N_TRIPLES)
        again = Dcat().parse(exported, N_TRIPLES, subject)
        assert set(again.title) == set(record.title)
        assert len(again.distributions) <= len(record.distributions)
