"""The format of distributions that state none: by media type, address, title and description.

An address that only leads to a web page says nothing of the data. Words that name two formats ("description
of the CSV file (PDF)") say neither.
"""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterator
from urllib.parse import parse_qsl, unquote, urlsplit

from catalogue.enrichment.distributions import Addressed, Located, list_distributions, list_texts, list_urls
from catalogue.enrichment.reading import Reading
from catalogue.enrichment.suggestions import Suggestion, Words
from catalogue.enrichment.weighing import MOST_SURE
from catalogue.folding import find_words
from catalogue.record_json import value_to_json
from catalogue.records import Term
from ontology.concepts import FORMATS
from ontology.namespaces import FILE_TYPE

_MEDIA, _DOWNLOAD, _QUERY, _ACCESS, _SEGMENT, _TITLE, _DESCRIPTION = 0.96, 0.96, 0.92, 0.85, 0.75, 0.88, 0.72
_CONFLICT = 0.6
_PAGES = frozenset(FILE_TYPE(code) for code in ("HTML", "XHTML", "HTML5"))
_ARCHIVES = frozenset(FILE_TYPE(code) for code in ("ZIP", "GZIP", "TAR", "TAR_GZ", "BZIP2", "7Z", "RAR"))
_PACKED = re.compile(r"\.(?:gz|zip|bz2|xz|zst|7z)$", re.IGNORECASE)
_EXTENSION = re.compile(r"\.[a-z0-9]{1,8}", re.IGNORECASE)
_QUERY_NAMES = frozenset(
    {"format", "f", "type", "outputformat", "file", "filename", "service", "ext", "output"}
)
# Words of a title that a vocabulary takes for a format and people for something else.
_TOO_COMMON = frozenset(
    {
        "text", "text file", "textfil", "web", "webb", "webbsida", "web page", "webpage", "website", "www",
        "hemsida", "plain", "compressed", "image", "word", "map", "view service", "ascii", "acrobat", "access",
        "data", "raw", "doc", "zip", "zip file", "zipped", "zip-fil", "zipfil", "rar", "rest", "app", "atom", "bin",
        "html", "html page", "sparql", "grid", "table", "tables", "list",
    }
)  # fmt: skip
_PARTS_OF_NAME = re.compile(r"[_\-. ]+")


class FormatProgram:
    """Proposes a format for each distribution without one."""

    name = "format"

    def propose(self, reading: Reading) -> Iterator[Suggestion]:
        """Yield one format for each distribution that has none and whose evidence agrees."""
        for item in list_distributions(reading.record):
            if item.distribution.format is None:
                yield from _propose_one(item)


PROGRAM = FormatProgram()


def _propose_one(item: Addressed) -> Iterator[Suggestion]:
    doubts: dict[str, float] = {}
    words: dict[str, list[Words]] = defaultdict(list)
    for iri, confidence, evidence in _list_evidence(item):
        doubts[iri] = doubts.get(iri, 1.0) * (1.0 - confidence)
        words[iri].append(evidence)
    kinds = [iri for iri in doubts if iri not in _ARCHIVES] or list(doubts)
    if not kinds:
        return
    best = min(kinds, key=doubts.__getitem__)
    confidence = min(1.0 - doubts[best], MOST_SURE) * (_CONFLICT if len(kinds) > 1 else 1.0)
    value = value_to_json(Term(best))
    yield Suggestion(f"{item.path}.format", value, False, confidence, words=tuple(words[best]))


def _list_evidence(item: Addressed) -> Iterator[tuple[str, float, Words]]:
    path, distribution = item.path, item.distribution
    if distribution.media_type is not None:
        raw = distribution.media_type.raw or distribution.media_type.iri
        if iri := FORMATS.find(raw):
            yield iri, _MEDIA, Words(f"{path}.media_type", 0, len(raw), raw)
    for url in list_urls(f"{path}.download_urls", distribution.download_urls):
        yield from _read_address(url, _DOWNLOAD)
    for url in list_urls(f"{path}.access_urls", distribution.access_urls):
        yield from _read_address(url, _ACCESS)
    yield from _read_texts(list_texts(f"{path}.title", distribution.title), _TITLE)
    yield from _read_texts(list_texts(f"{path}.description", distribution.description), _DESCRIPTION)


def _read_address(url: Located, confidence: float) -> Iterator[tuple[str, float, Words]]:
    parts = urlsplit(url.text)
    name = posixpath.basename(unquote(parts.path))
    if iri := _find_in_file_name(name):
        if iri not in _PAGES:
            yield iri, confidence, _cite(url, posixpath.basename(parts.path))
    elif (iri := FORMATS.find(name)) and iri not in _PAGES | _ARCHIVES and name.lower() not in _TOO_COMMON:
        yield iri, _SEGMENT, _cite(url, name)
    for key, value in parse_qsl(parts.query):
        if key.lower() in _QUERY_NAMES and value.lower() not in _TOO_COMMON:
            iri = _find_in_file_name(value) or FORMATS.find(value)
            if iri and iri not in _PAGES:
                yield iri, _QUERY, _cite(url, f"{key}={value}")


def _find_in_file_name(name: str) -> str | None:
    """Return the format by a file name's extension; of what is packed, where the name tells it."""
    inner = _PACKED.sub("", name)
    outer = (
        FORMATS.find(posixpath.splitext(name)[1])
        if _EXTENSION.fullmatch(posixpath.splitext(name)[1])
        else None
    )
    if inner == name or outer is None:
        return outer
    extension = posixpath.splitext(inner)[1]
    if extension and (iri := FORMATS.find(extension)):
        return iri
    named = {FORMATS.find(part) for part in _PARTS_OF_NAME.split(inner)[1:] if part not in _TOO_COMMON}
    found = {iri for iri in named if iri and iri not in _PAGES}
    return found.pop() if len(found) == 1 else outer


def _read_texts(texts: Iterator[Located], confidence: float) -> Iterator[tuple[str, float, Words]]:
    for text in texts:
        for start, end in _list_spans(text.text):
            words = text.text[start:end]
            if words.lower() not in _TOO_COMMON and (iri := FORMATS.find(words)) and iri not in _PAGES:
                yield iri, confidence, Words(text.path, start, end, words)


def _list_spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of single words and of two together, without those inside a known pair."""
    words = find_words(text)
    skipped = -1
    for number, (start, end, _) in enumerate(words):
        if number <= skipped:
            continue
        if number + 1 < len(words) and FORMATS.find(text[start : words[number + 1][1]]):
            skipped = number + 1
            yield start, words[number + 1][1]
        else:
            yield start, end


def _cite(url: Located, part: str) -> Words:
    start = max(url.text.rfind(part), 0)
    return Words(url.path, start, start + len(part), part)
