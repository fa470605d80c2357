"""What a person typed, or a program sent, to a question that engines understand.

Any text is legal. Identifiers are recognised first; then `"phrases"`, `-without` and `field:value` for
known fields; whatever does not fit that is plain words, so no text can be a syntax error. Nothing typed
ever reaches an engine's own query parser.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol, cast, get_args

from catalogue.errors import InvalidRecord, Violation
from catalogue.folding import split_words
from catalogue.identifiers import find_identifiers, normalise_identifier
from catalogue.search.engine import FACETS, Box, SearchQuery, Sort
from catalogue.search.places import format_box, parse_box

LONGEST_TEXT = 1000  # characters that are read; the rest of a longer text is left out
MOST_WORDS = 40
PAGE_SIZE = 20
LARGEST_PAGE = 100
DEEPEST_RESULT = 10_000
FIRST_YEAR, LAST_YEAR = 1000, 2100  # that are indexed

_TEXT_FIELDS = ("title", "publisher", "creator", "keyword", "description")
_VALUE_FIELDS = tuple(name for name in FACETS if name != "publisher")
_IDENTIFIER_FIELDS = ("doi", "identifier", "id")
_PART = re.compile(
    r"(?P<minus>(?<!\S)-)?(?:(?P<field>[A-Za-z]+):)?(?:[\"“”](?P<phrase>[^\"“”]*)[\"“”]|(?P<word>[^\s\"“”]+))"
)
_SIZE = re.compile(r"^([0-9]{1,15}(?:[.,][0-9]{1,6})?)\s*(|[kmgtp]i?b?|b)$", re.IGNORECASE)
_UNITS = {
    "": 1,
    "b": 1,
    **{
        f"{letter}{mark}": 1024**power
        for power, letter in enumerate("kmgtp", 1)
        for mark in ("", "b", "i", "ib")  # binary, as the pages show them
    },
}
RANGES = ("year_from", "year_to", "size_min", "size_max")
NARROWING = (*FACETS, *RANGES, "bbox")
"""All parameters that narrow down a search."""

_YEARS = re.compile(r"^(\d{4})(?:-|\.\.)(\d{4})$")


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """A question in parts. Words are in lower case, as the index splits them.

    `words` may be missing in part; phrases, fields and what is excluded are conditions. `meaning` is
    what the encoder reads, "" when there is nothing to understand.
    """

    words: tuple[str, ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()
    excluded: tuple[tuple[str, ...], ...] = ()  # words or phrases that may not be there
    fields: tuple[tuple[str, tuple[str, ...]], ...] = ()  # title, publisher ...: words as a phrase
    values: tuple[tuple[str, tuple[str, ...]], ...] = ()  # facet -> last parts of values, alternatives
    identifiers: tuple[str, ...] = ()
    meaning: str = ""
    is_cut: bool = False  # there were more words than are read

    @property
    def is_identifier_only(self) -> bool:
        """Whether nothing but identifiers is asked for."""
        return bool(self.identifiers) and not (self.words or self.phrases)

    @property
    def is_empty(self) -> bool:
        """Whether there are only conditions, or nothing at all."""
        return not (self.words or self.phrases or self.identifiers)


def parse_query(text: str) -> ParsedQuery:
    """Return the parts of a text; never raises."""
    read = text[:LONGEST_TEXT].replace("\x00", " ").strip()
    identifiers, rest = find_identifiers(read)
    found = dict.fromkeys(identifiers)
    words: list[str] = []
    meaning: list[str] = []
    parts: dict[str, list[tuple[str, tuple[str, ...]]]] = {"fields": [], "values": []}
    phrases: list[tuple[str, ...]] = []
    excluded: list[tuple[str, ...]] = []
    for match in _PART.finditer(rest):
        name = (match["field"] or "").lower()
        value = match["word"] if match["phrase"] is None else match["phrase"]
        split = tuple(split_words(value))
        if name in _IDENTIFIER_FIELDS and value and not match["minus"]:
            found[normalise_identifier(value)] = None
        elif not split:
            continue
        elif match["minus"]:
            excluded.append(split)
        elif name in _TEXT_FIELDS:
            parts["fields"].append((name, split))
            meaning.append(value)
        elif name in _VALUE_FIELDS:
            parts["values"].append((name, _list_values(value)))
        elif match["phrase"] is not None and len(split) > 1:
            phrases.append(split)
            meaning.append(value)
        else:  # an unknown field is a word like the next one
            words.extend(split_words(match["field"] or ""))
            words.extend(split)
            meaning.append(match[0])
    if words and not identifiers and not re.search(r"\s", read):
        found[normalise_identifier(read)] = None  # a source's own identifier may look like a word
    return ParsedQuery(
        words=tuple(dict.fromkeys(words))[:MOST_WORDS],
        phrases=tuple(phrases[:MOST_WORDS]),
        excluded=tuple(excluded[:MOST_WORDS]),
        fields=tuple(parts["fields"][:MOST_WORDS]),
        values=tuple(parts["values"][:MOST_WORDS]),
        identifiers=tuple(found),
        meaning=" ".join(meaning),
        is_cut=len(text) > LONGEST_TEXT or len(set(words)) > MOST_WORDS,
    )


@lru_cache(maxsize=10_000)
def shorten_value(value: str) -> str:
    """Return the last part of a facet value's IRI in lower case: what one types after `format:`."""
    return re.split(r"[/#]", value.rstrip("/#"))[-1].lower()


class _QueryDict(Protocol):
    def getlist(self, key: str) -> list[str]: ...


Params = Mapping[str, str | Sequence[str]] | _QueryDict


def query_from_params(
    params: Params, *, is_strict: bool = False, may_cut: bool = False, page_size: int = PAGE_SIZE
) -> SearchQuery:
    """Return the question of a request.

    Read are `q`, each facet's name (repeatable), RANGES, `bbox`, `sort`, `page` and `page_size`. Unknown names are
    not looked at. Strict (programs): a value out of range raises InvalidRecord, which names each parameter.
    Otherwise (people): it is brought into range. `may_cut`: a text too long is so for programs too, as the
    answer says it (`is_cut`).
    """
    read = _make_reader(params)
    violations: list[Violation] = []
    sort = _last(read("sort")) or "relevance"
    if sort not in get_args(Sort):
        violations.append(Violation("sort", f"Use one of {', '.join(get_args(Sort))}.", sort))
        sort = "relevance"
    limit = _read_number("page_size", read("page_size"), page_size, LARGEST_PAGE, violations)
    page = _read_number("page", read("page"), 1, max(DEEPEST_RESULT // limit, 1), violations)
    text = _last(read("q"))
    is_cut = len(text) > LONGEST_TEXT
    if is_cut and not may_cut:
        violations.append(
            Violation("q", f"Use at most {LONGEST_TEXT} characters.", f"{len(text)} characters")
        )
    years = (
        _read_year("year_from", read("year_from"), violations),
        _read_year("year_to", read("year_to"), violations),
    )
    size = (
        _read_size("size_min", read("size_min"), violations),
        _read_size("size_max", read("size_max"), violations),
    )
    box = _read_box(read("bbox"), violations)
    if is_strict and violations:
        names = ", ".join(violation.field for violation in violations)
        raise InvalidRecord(f"Not a valid search: see {names}.", tuple(violations))
    chosen = {name: tuple(dict.fromkeys(value for value in read(name) if value)) for name in FACETS}
    return SearchQuery(
        text=text[:LONGEST_TEXT],
        filters={name: values for name, values in chosen.items() if values},
        sort=cast("Sort", sort),
        offset=(page - 1) * limit,
        limit=limit,
        years=years,
        size_bytes=size,
        box=box,
        is_cut=is_cut,
    )


def query_to_params(query: SearchQuery, *, page_size: int = PAGE_SIZE) -> list[tuple[str, str]]:
    """Return the parameters of a question, defaults left out, in an order that makes equal links equal.

    `fits` stands for `among`: which datasets fit the reader's purpose is found anew at each question.
    """
    pairs = [("q", query.text)] if query.text else []
    for name in FACETS:
        pairs.extend((name, value) for value in sorted(query.filters.get(name, ())))
    pairs.extend(ranges_to_params(query))
    if query.among:
        pairs.append(("fits", "1"))
    if query.sort != "relevance":
        pairs.append(("sort", query.sort))
    if query.offset >= query.limit:
        pairs.append(("page", str(query.offset // query.limit + 1)))
    if query.limit != page_size:
        pairs.append(("page_size", str(query.limit)))
    return pairs


def ranges_to_params(query: SearchQuery) -> list[tuple[str, str]]:
    """Return the parameters of a question's ranges and its box."""
    named = zip(RANGES, (*query.years, *query.size_bytes), strict=True)
    pairs = [(name, str(value)) for name, value in named if value is not None]
    if query.box is not None:
        pairs.append(("bbox", format_box(query.box)))
    return pairs


def _list_values(value: str) -> tuple[str, ...]:
    years = _YEARS.match(value)
    if years and 0 <= int(years[2]) - int(years[1]) <= 200:
        return tuple(str(year) for year in range(int(years[1]), int(years[2]) + 1))
    return (shorten_value(value),)


def _make_reader(params: Params) -> Callable[[str], list[str]]:
    if isinstance(params, Mapping) and not hasattr(params, "getlist"):
        plain = params

        def read(name: str) -> list[str]:
            value = plain.get(name, ())
            return [value] if isinstance(value, str) else list(value)

        return read
    return cast("_QueryDict", params).getlist


def _read_year(name: str, values: Sequence[str], violations: list[Violation]) -> int | None:
    text = _last(values)
    if not text:
        return None
    if re.fullmatch(r"[0-9]{4}", text) and FIRST_YEAR <= int(text) <= LAST_YEAR:
        return int(text)
    violations.append(Violation(name, f"Use a year from {FIRST_YEAR} to {LAST_YEAR}.", text[:100]))
    return None


def _read_size(name: str, values: Sequence[str], violations: list[Violation]) -> int | None:
    text = _last(values)
    if not text:
        return None
    match = _SIZE.match(text)
    if match:
        return int(float(match[1].replace(",", ".")) * _UNITS[match[2].lower()])
    violations.append(Violation(name, "Use a number of bytes, or a size such as 10 MiB.", text[:100]))
    return None


def _read_box(values: Sequence[str], violations: list[Violation]) -> Box | None:
    """Return the box of one value "west,south,east,north", or of four values in that order."""
    text = ",".join(value.strip() for value in values) if len(values) == 4 else _last(values)
    if not text.strip(","):
        return None
    box = parse_box(text)
    if box is None:
        advice = "Use west,south,east,north in degrees, such as 10.5,55.2,24.2,69.1."
        violations.append(Violation("bbox", advice, text[:100]))
    return box


def _last(values: Sequence[str]) -> str:
    return values[-1].strip() if values else ""


def _read_number(
    name: str, values: Sequence[str], default: int, highest: int, violations: list[Violation]
) -> int:
    text = _last(values)
    if not text:
        return default
    if text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= highest:
        return int(text)
    violations.append(Violation(name, f"Use a whole number from 1 to {highest}.", text[:100]))
    is_too_high = text.isascii() and text.isdigit() and int(text[:9]) > highest
    return highest if is_too_high else default
