"""The fields of an index, and a document's words in them: the same for every engine.

Words come analysed from analysis.py, so that an engine only cuts at spaces and both rank alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalogue.folding import split_words
from catalogue.search.analysis import COMPOUNDING, make_grams, normalise_title, stem_words
from catalogue.search.engine import FACETS, IndexDocument
from catalogue.search.places import MOST_BOXES
from catalogue.search.query import shorten_value

SCHEMA_VERSION = 2  # of what follows; a change of it needs a rebuild

POSITIONED = ("title", "keyword", "body", "name")  # phrases are looked for in these
COUNTED = ("title_stem", "keyword_stem", "body_stem", "gram", "body_gram")
EXACT = ("title_exact", "identifier", "value", "language", *(f"facet_{name}" for name in FACETS))
BOXES = MOST_BOXES
SIDES = ("west", "south", "east", "north")
BOXED = tuple(f"{side}_{slot}" for slot in range(BOXES) for side in SIDES)

LONGEST_TITLE = 500  # characters of a title that are compared and sorted
_LARGEST = 2**62  # bytes; what is more is no size
_GRAMMED_BODY = 1200  # characters
_STEMMED = {"title": "title_stem", "keyword": "keyword_stem", "body": "body_stem"}


# Stands in an empty field, as one engine's statistics (how many documents, how long) count documents that have
# the field, and the other's count all. No question has this word.
_NOTHING = "_"


@dataclass(frozen=True, slots=True)
class Fields:
    """A document as engines index it: words between spaces, and whole values."""

    words: Mapping[str, str]  # of POSITIONED and COUNTED
    values: Mapping[str, Sequence[str]]  # of EXACT; a field without values may be left out
    degrees: Mapping[str, float]  # of BOXED; a box that is not there is left out
    size_bytes: int | None


def analyse_document(document: IndexDocument) -> Fields:
    """Return a document's fields."""
    words: dict[str, str] = {}
    grams: dict[str, None] = {}
    body_grams: list[str] = []
    texts = (("title", document.titles), ("keyword", document.keywords), ("body", document.descriptions))
    for field, tagged in texts:
        plain: list[str] = []
        stems: list[str] = []
        for language, text in tagged:
            split = split_words(text)
            plain.extend(split)
            stems.extend(stem_words(split, language))
            if field != "body":
                for word in split:
                    grams.update(dict.fromkeys(make_grams(word)))
            elif language in COMPOUNDING:
                beginning = split_words(text[:_GRAMMED_BODY])
                body_grams.extend(gram for word in beginning for gram in make_grams(word) if gram[0] != "_")
        words[field] = " ".join(plain)
        words[_STEMMED[field]] = " ".join(stems)
    words["gram"] = " ".join(grams)
    words["body_gram"] = " ".join(body_grams)
    words["name"] = " ".join(word for name in document.names for word in split_words(name))
    degrees = {
        f"{side}_{slot}": float(value)
        for slot, box in enumerate(document.boxes[:BOXES])
        for side, value in zip(SIDES, box, strict=True)
    }
    size_bytes = min(int(document.size_bytes), _LARGEST) if document.size_bytes > 0 else None
    filled = {name: text or _NOTHING for name, text in words.items()}
    return Fields(filled, _list_values(document), degrees, size_bytes)


def _list_values(document: IndexDocument) -> dict[str, Sequence[str]]:
    values: dict[str, Sequence[str]] = {
        "title_exact": [normalise_title(title)[:LONGEST_TITLE] for _, title in document.titles],
        "identifier": document.identifiers,
        "language": sorted({language for language, _ in (*document.titles, *document.descriptions)}),
        "value": [
            f"{name}={shorten_value(value)}" for name, values in document.facets.items() for value in values
        ],
    }
    values.update((f"facet_{name}", found) for name, found in document.facets.items())
    return values
