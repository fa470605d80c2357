"""What speaks for and against two records being one dataset: each fact small enough for a steward to read.

Weights are natural logarithms of likelihood ratios in spirit (Fellegi and Sunter 1969), rounded and set by
hand against the labelled pairs of benchmarks/matching.py; they are not trained. A fact about what is
missing does not exist: silence of a source is neither for nor against.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from catalogue.matching.keys import Key
from catalogue.matching.profile import Opening, Party, Profile
from catalogue.matching.titles import (
    Likeness,
    Title,
    TitlePair,
    compare_titles,
    counts_members,
    measure_similarity,
)

BLOCKING: Final = -3.0
"""A fact of this weight or less keeps a pair from being sure, whatever speaks for it."""


class FactKind(StrEnum):
    """What a fact is about; faces translate these."""

    SAME_DOI = "same_doi"
    OTHER_DOI = "other_doi"
    SAME_IRI = "same_iri"
    SAME_IDENTIFIER = "same_identifier"
    SAME_LOCAL_IDENTIFIER = "same_local_identifier"
    SAME_AS = "same_as"
    SAME_PAGE = "same_page"
    OTHER_PAGE = "other_page"
    SAME_FILE = "same_file"
    OTHER_FILES = "other_files"
    SAME_CHECKSUM = "same_checksum"
    VERSION_OF = "version_of"
    SAME_WORK = "same_work"
    OTHER_VERSION = "other_version"
    SAME_TITLE = "same_title"
    OTHER_TITLE = "other_title"
    LONGER_TITLE = "longer_title"
    SERIES_MEMBER = "series_member"
    NARROWER_TITLE = "narrower_title"
    SAME_PUBLISHER = "same_publisher"
    OTHER_PUBLISHER = "other_publisher"
    SAME_CREATORS = "same_creators"
    OTHER_CREATORS = "other_creators"
    SAME_DESCRIPTION = "same_description"
    LIKE_DESCRIPTION = "like_description"
    OTHER_DESCRIPTION = "other_description"
    OTHER_NUMBERS = "other_numbers"
    OTHER_PERIOD = "other_period"
    OTHER_PLACE = "other_place"
    SAME_ISSUED = "same_issued"
    OTHER_KIND = "other_kind"
    ONE_SOURCE = "one_source"
    AMBIGUOUS = "ambiguous"
    NEAR_MEANING = "near_meaning"
    FAR_MEANING = "far_meaning"


VERSION_FACTS: Final = frozenset({FactKind.VERSION_OF, FactKind.SAME_WORK, FactKind.OTHER_VERSION})
NAMING_FACTS: Final = frozenset(
    {FactKind.SAME_DOI, FactKind.SAME_IRI, FactKind.SAME_IDENTIFIER, FactKind.SAME_AS}
)
IDENTITY_FACTS: Final = NAMING_FACTS | frozenset(
    {
        FactKind.SAME_PAGE,
        FactKind.SAME_FILE,
        FactKind.SAME_CHECKSUM,
    }
)


@dataclass(frozen=True, slots=True)
class Fact:
    """One observation: what it is about, the values it was made on, and how much it weighs."""

    kind: FactKind
    values: tuple[str, ...]
    weight: float


def compare_identities(left: Profile, right: Profile, ignored: Collection[Key]) -> Iterator[Fact]:
    """Yield what identifiers, addresses and files say; keys in `ignored` are too common to say anything."""

    def shared(kind: str, ours: frozenset[str], theirs: frozenset[str]) -> list[str]:
        return sorted(name for name in ours & theirs if Key(kind, name) not in ignored)

    if dois := shared("doi", left.dois, right.dois):
        yield Fact(FactKind.SAME_DOI, tuple(dois), 9)
    elif left.dois and right.dois:
        yield Fact(FactKind.OTHER_DOI, (min(left.dois), min(right.dois)), -6)
    if iris := shared("page", left.iris, right.iris):
        yield Fact(FactKind.SAME_IRI, tuple(iris), 6)
    elif pages := shared("page", left.pages | left.iris, right.pages | right.iris):
        yield Fact(FactKind.SAME_PAGE, tuple(pages), 5)
    elif hosts := _hosts(left.pages) & _hosts(right.pages):
        # One site with a page for each takes them for two.
        yield Fact(FactKind.OTHER_PAGE, (min(hosts), min(left.pages), min(right.pages)), -3)
    if identifiers := shared("id", left.identifiers, right.identifiers):
        yield Fact(FactKind.SAME_IDENTIFIER, tuple(identifiers), 6)
    elif local := sorted(left.local_identifiers & right.local_identifiers):
        yield Fact(FactKind.SAME_LOCAL_IDENTIFIER, tuple(local), 2.5)
    if named := sorted((left.same_as & right.names) | (right.same_as & left.names)):
        yield Fact(FactKind.SAME_AS, tuple(named), 7)
    if sums := shared("sum", left.checksums, right.checksums):
        yield Fact(FactKind.SAME_CHECKSUM, tuple(sums), 5)
    if files := shared("file", left.downloads, right.downloads):
        fewest = min(len(left.downloads), len(right.downloads))
        yield Fact(FactKind.SAME_FILE, tuple(files[:3]), 5 if len(files) * 2 >= fewest else 3)
    elif hosts := _hosts(left.downloads) & _hosts(right.downloads):
        yield Fact(FactKind.OTHER_FILES, (min(hosts), min(left.downloads), min(right.downloads)), -3)


def compare_versions(left: Profile, right: Profile) -> Iterator[Fact]:
    """Yield what shows two versions of one work, or a work and its version."""
    related = (left.works | left.versions) & right.names or (right.works | right.versions) & left.names
    if related:
        yield Fact(FactKind.VERSION_OF, tuple(sorted(related)), 0)
    elif works := left.works & right.works:
        yield Fact(FactKind.SAME_WORK, tuple(sorted(works)), 0)


def compare_words(left: Profile, right: Profile) -> Iterator[Fact]:
    """Yield what the titles say."""
    pair = compare_titles(left.titles, right.titles)
    if pair is None:
        return
    values = (pair.left.text, pair.right.text)
    if pair.likeness is not Likeness.VERSION and _is_told_by_publisher(pair, left, right):
        # "Badplatser" and "Badplatser - Lunds kommun": portals add the publisher to a title.
        shorter = min(pair.left, pair.right, key=_length)
        yield Fact(FactKind.SAME_TITLE, values, 2.5 if shorter.is_telling else 1.5)
        return
    match pair.likeness:
        case Likeness.EQUAL:
            weight = 3.0 if pair.left.is_telling else 1.5
            yield Fact(FactKind.SAME_TITLE, values, weight)
        case Likeness.VERSION:
            yield Fact(FactKind.SAME_TITLE, values, 1.5)
            yield Fact(FactKind.OTHER_VERSION, (pair.left.version, pair.right.version), 0)
        case Likeness.SERIES:
            yield Fact(FactKind.SERIES_MEMBER, values, -8)
        case Likeness.NARROWER:
            yield Fact(FactKind.NARROWER_TITLE, values, -3)
        case Likeness.OTHER_WORDS:
            yield Fact(FactKind.OTHER_TITLE, values, -3 if pair.similarity > 0.6 else -4)
        case Likeness.LONGER:
            yield Fact(FactKind.LONGER_TITLE, values, 0.5)
        case Likeness.DIFFERENT:
            yield Fact(FactKind.OTHER_TITLE, values, -5)


def _is_told_by_publisher(pair: TitlePair, left: Profile, right: Profile) -> bool:
    """Whether one title is the other and words of a publisher's name."""
    ours, theirs = set(pair.left.words), set(pair.right.words)
    names = {word for party in (left.publisher, right.publisher) if party for word in party.words}
    is_part = ours < theirs or theirs < ours
    return is_part and ours ^ theirs <= names and pair.left.version == pair.right.version


def _length(title: Title) -> int:
    return len(title.words)


def compare_agents(left: Profile, right: Profile) -> Iterator[Fact]:
    """Yield what publishers and creators say."""
    if left.publisher and right.publisher:
        same = _is_same_party(left.publisher, right.publisher)
        if same is not None:
            kind = FactKind.SAME_PUBLISHER if same else FactKind.OTHER_PUBLISHER
            yield Fact(kind, (left.publisher.label, right.publisher.label), 1.5 if same else -2.5)
    if left.creators and right.creators:
        pairs = [(one, other) for one in left.creators for other in right.creators]
        same_one = next((pair for pair in pairs if pair[0].words == pair[1].words), None)
        if same_one:
            yield Fact(FactKind.SAME_CREATORS, (same_one[0].label, same_one[1].label), 1.5)
        elif not any(one.words <= other.words or other.words <= one.words for one, other in pairs):
            yield Fact(FactKind.OTHER_CREATORS, (left.creators[0].label, right.creators[0].label), -1)


def compare_descriptions(left: Profile, right: Profile) -> Iterator[Fact]:
    """Yield what the openings of the descriptions say: equal as far as both go, alike, or other."""
    pairs = [
        (one, other)
        for one in left.openings
        for other in right.openings
        if one.lang == other.lang or not (one.lang and other.lang)
    ]
    facts = [fact for pair in pairs for fact in [_compare_openings(*pair)] if fact]
    if facts:
        yield max(facts, key=lambda fact: (fact.kind is FactKind.OTHER_NUMBERS, fact.weight))


def compare_coverage(left: Profile, right: Profile) -> Iterator[Fact]:
    """Yield what kind, period, place and day of issue say."""
    if left.kind != right.kind:
        yield Fact(FactKind.OTHER_KIND, (left.kind, right.kind), -8)
    if left.periods and right.periods and not _overlap_in_time(left, right):
        yield Fact(FactKind.OTHER_PERIOD, ("/".join(left.periods[0]), "/".join(right.periods[0])), -5)
    if left.boxes and right.boxes and not _overlap_on_earth(left, right):
        yield Fact(FactKind.OTHER_PLACE, (str(left.boxes[0]), str(right.boxes[0])), -5)
    elif _name_other_places(left.places, right.places):
        yield Fact(FactKind.OTHER_PLACE, (min(left.places), min(right.places)), -3)
    if left.issued == right.issued and len(left.issued) == 10:
        yield Fact(FactKind.SAME_ISSUED, (left.issued,), 0.5)


COMPARISONS: Final[tuple[Callable[[Profile, Profile], Iterator[Fact]], ...]] = (
    compare_versions,
    compare_words,
    compare_agents,
    compare_descriptions,
    compare_coverage,
)


def _hosts(addresses: Collection[str]) -> set[str]:
    return {address.partition("/")[0] for address in addresses}


def _is_same_party(left: Party, right: Party) -> bool | None:
    """Say whether two parties are one; None where their names are in different languages or merely alike."""
    if left.marks & right.marks:
        return True
    pairs = [
        (ours, theirs)
        for lang, ours in left.names
        for other, theirs in right.names
        if lang == other or not (lang and other)
    ]
    if any(ours == theirs for ours, theirs in pairs) or {n for _, n in left.names} & {
        n for _, n in right.names
    }:
        return True
    alike = [measure_similarity(" ".join(sorted(a)), " ".join(sorted(b))) for a, b in pairs]
    return False if alike and max(alike) < 0.5 else None


def _compare_openings(left: Opening, right: Opening) -> Fact | None:
    """Compare as far as the shorter goes; its last word may be cut off, so it does not count."""
    ours, theirs, values = left.words, right.words, (left.text, right.text)
    length = min(len(ours), len(theirs))
    is_cut = len(ours) != len(theirs)
    ours, theirs = (words[: length - 1 if is_cut else length] for words in (ours, theirs))
    if ours == theirs:
        if len(ours) < 4:
            return None
        return Fact(FactKind.SAME_DESCRIPTION, values, 3.5 if len(ours) >= 8 else 2)
    if length < 6:
        return None
    all_ours, all_theirs = set(ours), set(theirs)
    likeness = len(all_ours & all_theirs) / min(len(all_ours), len(all_theirs))
    other = [
        sorted(filter(counts_members, words)) for words in (all_ours - all_theirs, all_theirs - all_ours)
    ]
    if likeness >= 0.7:
        if all(other):
            return Fact(FactKind.OTHER_NUMBERS, (", ".join(other[0]), ", ".join(other[1])), -3)
        return Fact(FactKind.LIKE_DESCRIPTION, values, 1.5)
    return Fact(FactKind.OTHER_DESCRIPTION, values, -1) if likeness < 0.25 else None


def _overlap_in_time(left: Profile, right: Profile) -> bool:
    """Whether any two periods have a day in common; an open end reaches to any day."""
    return any(
        # "~" sorts after every digit: an end of 2020 lasts until the end of that year.
        (not end or other_start <= f"{end}~") and (not other_end or start <= f"{other_end}~")
        for start, end in left.periods
        for other_start, other_end in right.periods
    )


def _overlap_on_earth(left: Profile, right: Profile) -> bool:
    return any(
        one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]
        for one in left.boxes
        for other in right.boxes
    )


def _name_other_places(ours: frozenset[str], theirs: frozenset[str]) -> bool:
    """Whether two sets of places are disjoint and of one vocabulary: others may name one place twice."""
    if not ours or not theirs or ours & theirs:
        return False
    return {place.rpartition("/")[0] for place in ours} == {place.rpartition("/")[0] for place in theirs}
