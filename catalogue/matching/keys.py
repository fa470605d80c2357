"""By what the records of one dataset find each other among many: keys, equal where two may be one.

Records with a key in common are candidates, and nothing more is claimed. Identities (`doi`, `id`,
`page`, `file`, `sum`) find what sources name alike; `title`, `words`, `band` and `text` what they describe
alike. `band` is a part of the MinHash of the title's 3-grams (Broder 1997): titles whose grams are to
two thirds the same mostly share one. A key that very many records have is evidence of nothing: see
`MOST_RECORDS`, which candidates.py and the database both keep to.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from catalogue.identifiers import is_doi
from catalogue.matching.profile import Profile
from catalogue.matching.titles import Title, cut_grams

MOST_RECORDS: Final = MappingProxyType(
    {"doi": 40, "id": 40, "page": 20, "file": 20, "sum": 20, "title": 30, "words": 30, "band": 20, "text": 20}
)
"""Kind of key -> how many records may share one before it is taken for generic."""

_BANDS = 4
_ROWS = 3
_LEAST_LETTERS = 12  # of a title whose grams are worth hashing
_LEAST_OPENING = 12  # words of a description
_MOST_TITLES = 4
_BITS_64 = (1 << 64) - 1


class Key(NamedTuple):
    """A kind and a value; `digest` is both in 32 hex digits, for stores."""

    kind: str
    value: str

    @property
    def digest(self) -> str:
        return hashlib.blake2b(self.value.encode(), digest_size=16).hexdigest()


def make_keys(profile: Profile) -> tuple[Key, ...]:
    """Return the keys of a record, each once."""
    found: dict[Key, None] = {}

    def add(kind: str, *values: str) -> None:
        found.update(dict.fromkeys(Key(kind, value) for value in values))

    related = profile.works | profile.versions | profile.same_as
    for name in profile.names | related:
        add(_name_kind(name), name)
    publisher = profile.publisher.name if profile.publisher else ""
    names = profile.publisher.words if profile.publisher else frozenset()
    if publisher:
        add("id", *(f"{publisher}|{name}" for name in profile.local_identifiers))
    add("file", *profile.downloads)
    add("sum", *profile.checksums)
    for title in profile.titles[:_MOST_TITLES]:
        if publisher:
            add("title", f"{title.folded}|{publisher}")
        add("words", " ".join(sorted(set(title.words))))
        if bare := set(title.words) - names:  # portals add the publisher to a title
            add("words", " ".join(sorted(bare)))
        add("band", *make_bands(title))
    for opening in profile.openings[:_MOST_TITLES]:
        if len(opening.words) >= _LEAST_OPENING:
            add("text", " ".join(opening.words[:_LEAST_OPENING]))
    return tuple(found)


def _name_kind(name: str) -> str:
    if is_doi(name):
        return "doi"
    return "page" if "/" in name and not name.startswith(("urn:", "ark:")) else "id"


def make_bands(title: Title) -> list[str]:
    """Return the bands of a title's MinHash; none for a title too short to be alike by chance only."""
    if len(title.folded) < _LEAST_LETTERS:
        return []
    hashes = np.array([_hash_gram(gram) for gram in cut_grams(title.folded)], dtype=np.uint64)
    smallest = (hashes[:, None] * _FACTORS + _ADDENDS).min(axis=0)
    return [f"{band}:{smallest[band * _ROWS : (band + 1) * _ROWS].tobytes().hex()}" for band in range(_BANDS)]


@lru_cache(maxsize=100_000)
def _hash_gram(gram: str) -> int:
    return int.from_bytes(hashlib.blake2b(gram.encode(), digest_size=8).digest())


def _constants(name: str) -> NDArray[np.uint64]:
    """Return odd multipliers (or addends) that are the same in every process and release."""
    return np.array(
        [_hash_gram(f"{name} {number}") & _BITS_64 | 1 for number in range(_BANDS * _ROWS)], dtype=np.uint64
    )


_FACTORS = _constants("factor")
_ADDENDS = _constants("addend")
