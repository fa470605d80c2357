"""What becomes of every real input file beside the checkout, through protocol, format and normalisation.

    python -m benchmarks.shared_files              # a row for each file
    python -m benchmarks.shared_files --summary    # counts by folder, and the files that were refused

Each file is handed to its protocol as if a server had answered with it; files that hold one record
(CKAN packages, DataCite metadata) go to their format at once. The exit status is 1 when anything but
an error of the catalogue's own tree comes out.
"""

from __future__ import annotations

import argparse
import io
import sys
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import msgspec

from catalogue.errors import CatalogueError, UpstreamError
from catalogue.record_json import content_hash, record_to_json
from harvesters.base import BadItem, Page, RemoteRecord, SourceConfig
from harvesters.formats.registry import get_format
from harvesters.normalise import normalise_record
from harvesters.protocols import oai_pmh
from harvesters.protocols.ckan import package_to_item
from harvesters.protocols.oai_formats import PREFERENCE
from harvesters.protocols.registry import get_protocol

DATA = Path(__file__).resolve().parents[2] / "shared/data"
FOLDERS = {
    "rdf-feeds": "dcat",
    "entryscape": "dcat",
    "oai-pmh": "oai_pmh",
    "ckan": "ckan",
    "datacite": "datacite",
}
MEDIA_TYPES = {
    ".json": "application/json",
    ".jsonld": "application/ld+json",
    ".rdf": "application/rdf+xml",
    ".ttl": "text/turtle",
    ".xml": "application/xml",
}
"""Files of other kinds are not what a source would answer with."""
NO_ANSWERS = frozenset({"json-schema"})


class FileAnswer:
    """A file as a server's answer."""

    status = 200
    headers: Mapping[str, str] = {}
    charset = ""

    def __init__(self, path: Path, url: str) -> None:
        self.url = url
        self.media_type = MEDIA_TYPES[path.suffix]
        self.body = path.read_bytes()

    def read(self) -> bytes:
        return self.body

    def stream(self) -> io.BytesIO:
        return io.BytesIO(self.body)


class FileFetcher:
    """Answers the first request with the file; there are no other pages."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.asked = False

    def get(self, url: str, **_: object) -> FileAnswer:
        if self.asked:
            raise UpstreamError(f"The next page {url} is not among the files.")
        self.asked = True
        return FileAnswer(self.path, url)


@dataclass(slots=True)
class FileResult:
    path: Path
    records: int = 0
    failed: int = 0
    reasons: list[str] = field(default_factory=list)
    crash: str = ""

    def fail(self, reason: str) -> None:
        self.failed += 1
        self.reasons.append(" ".join(reason.split()))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--summary", action="store_true")
    options = parser.parse_args()
    if not DATA.is_dir():
        sys.exit("There is no ../shared/data beside the checkout.")
    results = [read_file(path, protocol) for path, protocol in list_paths()]
    (print_summary if options.summary else print_files)(results)
    crashes = [result for result in results if result.crash]
    for result in crashes:
        print(f"\nCRASH in {result.path}:\n{result.crash}", file=sys.stderr)
    sys.exit(bool(crashes))


def list_paths() -> Iterator[tuple[Path, str]]:
    """Yield each file with the protocol that reads it."""
    for folder, protocol in FOLDERS.items():
        for path in sorted((DATA / folder).rglob("*")):
            if path.suffix in MEDIA_TYPES and path.parent.name not in NO_ANSWERS:
                yield path, protocol


def read_file(path: Path, protocol: str) -> FileResult:
    """Return what became of a file."""
    result = FileResult(path)
    try:
        for page in list_file(path, protocol):
            for problem in page.problems:
                result.fail(problem.reason)
            for remote in page.records:
                read_record(remote, result)
            if page.end is not None and not page.end.complete and not result.reasons:
                result.reasons.append(page.end.reason)
    except CatalogueError as error:
        result.fail(str(error))
    except Exception:  # what this program is to find
        result.crash = traceback.format_exc()
    return result


def read_record(remote: RemoteRecord, result: FileResult) -> None:
    if remote.deleted:
        result.reasons.append("a deleted record")
        return
    try:
        data = parse_remote(remote)
    except CatalogueError as error:
        result.fail(str(error))
    else:
        content_hash(data)
        result.records += 1


def parse_remote(remote: RemoteRecord) -> dict:
    """Return the record's JSON. Raises an error of the catalogue's tree."""
    record = get_format(remote.format).parse(remote.payload, remote.media_type, remote.remote_id)
    return record_to_json(normalise_record(record))


def list_file(path: Path, protocol: str) -> Iterator[Page]:
    """Yield the pages of a file."""
    config = SourceConfig(f"https://feed.example.org/{path.name}")
    fetcher = FileFetcher(path)
    body = path.read_bytes()
    if protocol == "oai_pmh":
        prefix = next((name for name in PREFERENCE if f"{name}:".encode() in body), "oai_dc")
        checkpoint = asdict(oai_pmh.Run(prefix=prefix, started="", since="", begin=""))
        yield from get_protocol("oai_pmh").pages(fetcher, config, checkpoint=checkpoint)
    elif protocol == "ckan" and b'"results"' not in body:
        yield package_to_page(body)
    elif protocol == "datacite":
        yield Page(records=(RemoteRecord("", body, MEDIA_TYPES[path.suffix], "datacite"),))
    else:
        yield from get_protocol(protocol).pages(fetcher, config)


def package_to_page(body: bytes) -> Page:
    """Return a file with one package, bare or in package_show's answer."""
    document = msgspec.json.decode(body)
    package = document.get("result", document) if isinstance(document, dict) else document
    if isinstance(package, dict):
        package.setdefault("id", package.get("name"))  # fixtures have none; a site's answers do
    item = package_to_item(package)
    if isinstance(item, BadItem):
        return Page(problems=(item,))
    return Page(records=(item,) if item else ())


def print_files(results: list[FileResult]) -> None:
    print("| file | records | failed | outcome |\n|---|--:|--:|---|")
    for result in results:
        print(f"| {name_file(result)} | {result.records} | {result.failed} | {describe(result)} |")


def print_summary(results: list[FileResult]) -> None:
    print("| folder | files | with records | records | refused items | crashes |\n|---|--:|--:|--:|--:|--:|")
    for folder in FOLDERS:
        own = [result for result in results if result.path.relative_to(DATA).parts[0] == folder]
        print(
            f"| {folder} | {len(own)} | {sum(bool(result.records) for result in own)} "
            f"| {sum(result.records for result in own)} | {sum(result.failed for result in own)} "
            f"| {sum(bool(result.crash) for result in own)} |"
        )
    print("\n| file without a record | why |\n|---|---|")
    for result in results:
        if not result.records:
            print(f"| {name_file(result)} | {describe(result)} |")


def name_file(result: FileResult) -> str:
    name = str(result.path.relative_to(DATA))
    return name if len(name) < 70 else f"{name[:40]}...{name[-25:]}"


def describe(result: FileResult) -> str:
    """Return the outcome in one table cell."""
    if result.crash:
        return f"CRASH: {result.crash.strip().splitlines()[-1]}"
    words = result.reasons[0] if result.reasons else "read"
    words = words if len(words) <= 180 else f"{words[:177]}..."
    return words.replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    main()
