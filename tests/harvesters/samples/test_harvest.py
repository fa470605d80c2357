"""The sample sources, listed and read by the project's own harvesters, sound and failing."""

from dataclasses import dataclass, field

import pytest

from catalogue.errors import InvalidRecord, UpstreamError
from harvesters.base import SourceConfig
from harvesters.formats.registry import get_format
from harvesters.http import HttpFetcher, HttpLimits
from harvesters.protocols.registry import get_protocol
from harvesters.samples.listing import FAULTS

SOURCES = {
    "dcat": ("dataportal", "/dataportal/catalog.rdf"),
    "oai_pmh": ("repository", "/repository/oai"),
    "ckan": ("ckan", "/ckan"),
}


@dataclass
class Harvest:
    """What came of a listing: records by id, deleted ids, ids that no format could read, and its end."""

    records: dict = field(default_factory=dict)
    deleted: set = field(default_factory=set)
    unreadable: set = field(default_factory=set)
    is_complete: bool = False


def harvest(server, protocol, path, read_timeout_s=30.0):
    result = Harvest()
    host = server.url.removeprefix("http://")
    limits = HttpLimits(read_timeout_s=read_timeout_s, max_retries=0)
    with HttpFetcher(
        "tests", limits=limits, allowed_hosts=frozenset({host}), sleep=lambda _: None
    ) as fetcher:
        try:
            for page in get_protocol(protocol).pages(fetcher, SourceConfig(server.url + path)):
                for remote in page.records:
                    read(remote, result)
                result.is_complete = bool(page.end and page.end.complete)
        except UpstreamError:
            pass  # as the runner does: a listing that stops is not complete
    return result


def read(remote, result):
    if remote.deleted:
        result.deleted.add(remote.remote_id)
        return
    try:
        reader = get_format(remote.format)
        result.records[remote.remote_id] = reader.parse(remote.payload, remote.media_type, remote.remote_id)
    except InvalidRecord:
        result.unreadable.add(remote.remote_id)


@pytest.mark.parametrize("protocol", SOURCES)
def test_sound_source_is_listed_to_its_end_and_every_record_read(server, protocol):
    source, path = SOURCES[protocol]
    result = harvest(server, protocol, path)
    records = server.records.list_all(source)
    removed = len(server.records.list_all(source, deleted=True)) - len(records)
    assert result.is_complete
    assert result.unreadable == set()
    assert len(result.records) == len(records)
    assert len(result.deleted) == (removed if protocol == "oai_pmh" else 0)
    titles = {text.value for record in result.records.values() for text in record.title}
    assert {record.title[record.main_language] for record in records} <= titles


@pytest.mark.parametrize("protocol", SOURCES)
@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault != "bad-record"])
def test_failing_source_is_never_taken_for_complete(server, protocol, fault):
    path = f"/faulty/{fault}{SOURCES[protocol][1]}"
    patience_s = 0.3 if fault == "slow" else 30.0
    assert not harvest(server, protocol, path, patience_s).is_complete


@pytest.mark.parametrize("protocol", SOURCES)
def test_bad_record_falls_out_alone(server, protocol):
    source, path = SOURCES[protocol]
    result = harvest(server, protocol, f"/faulty/bad-record{path}")
    assert result.is_complete
    assert len(result.unreadable) == 1
    assert len(result.records) == len(server.records.list_all(source)) - 1
