"""The licence of distributions that state none: its address or exact name in rights statements and descriptions.

Only a licence with its version is proposed, and only where the text speaks of one: of two, a person has to
say which holds for what. A licence of an article or of code is not one of the data, and a denied one is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from catalogue.enrichment.distributions import Located, list_distributions, list_texts
from catalogue.enrichment.negation import is_denied
from catalogue.enrichment.reading import Reading
from catalogue.enrichment.suggestions import Suggestion, Words
from catalogue.folding import find_words
from catalogue.record_json import value_to_json
from catalogue.records import Term
from ontology.licences import LICENSES

_OF_ITSELF, _OF_DATASET, _DESCRIBED = 0.96, 0.93, 0.88
_ADDRESS = re.compile(r"https?://[^\s<>\"')\]]+")
_SPEAKS = re.compile(
    r"licen[cs]|creative commons|\bcc[ -]?(?:0|by|zero)|public domain|\b(?:odbl|pddl|odc)\b|apache|gpl|open data commons",
    re.IGNORECASE,
)
_CLAUSE_END = re.compile(r"[;!?\n]|\.(?=\s|$)")
_OF_OTHER_THINGS = re.compile(
    r"\b(?:articles?|papers?|code|software|scripts?|manuscript|program|artikeln?|programkod(?:en)?|koden|källkod(?:en)?"
    r"|mjukvaran?)\b",
    re.IGNORECASE,
)
_OF_DATA = re.compile(r"\b(?:data\w*|dataset\w*|files?|filer\w*|uppgifter\w*|materialet)\b", re.IGNORECASE)
_LONGEST_NAME = 10  # words
_SHORT_NAMES = frozenset({"cc0", "odbl", "pddl"})  # the one-word names that mean nothing else
_UNVERSIONED = "opendefinition.org"


@dataclass(frozen=True, slots=True)
class _Statement:
    located: Located
    confidence: float


class LicenceProgram:
    """Proposes a licence for each distribution when neither it nor the dataset has one."""

    name = "licence"

    def propose(self, reading: Reading) -> Iterator[Suggestion]:
        """Yield the one licence that is stated for a distribution, else for the dataset."""
        record = reading.record
        if record.license is not None:
            return
        shared = [
            *(_Statement(text, _OF_DATASET) for text in _list_rights("rights", record.rights)),
            *(_Statement(text, _DESCRIBED) for text in list_texts("description", record.description)),
        ]
        for item in list_distributions(record):
            if item.distribution.license is not None:
                continue
            rights = _list_rights(f"{item.path}.rights", item.distribution.rights)
            texts = list_texts(f"{item.path}.description", item.distribution.description)
            own = [
                *(_Statement(text, _OF_ITSELF) for text in rights),
                *(_Statement(text, _DESCRIBED) for text in texts),
            ]
            for statements in (own, shared):
                found = _find_licences(statements)
                if len(found) == 1:
                    ((iri, (confidence, words)),) = found.items()
                    value = value_to_json(Term(iri))
                    yield Suggestion(f"{item.path}.license", value, False, confidence, words=tuple(words))
                if found:
                    break


PROGRAM = LicenceProgram()


def _list_rights(path: str, rights: Iterable[Term]) -> Iterator[Located]:
    for number, term in enumerate(rights):
        for name, value in (("iri", term.iri), ("raw", term.raw)):
            if value:
                yield Located(f"{path}[{number}].{name}", value)
        yield from list_texts(f"{path}[{number}].label", term.label)


def _find_licences(statements: Iterable[_Statement]) -> dict[str, tuple[float, list[Words]]]:
    found: dict[str, tuple[float, list[Words]]] = {}
    for statement in statements:
        text = statement.located.text
        for iri, start, end in _list_mentions(text):
            confidence, words = found.get(iri, (0.0, []))
            words.append(Words(statement.located.path, start, end, text[start:end]))
            found[iri] = (max(confidence, statement.confidence), words)
    return found


def _list_mentions(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield (licence, start, end) for each licence that the text says holds for the data."""
    for clause_start, clause_end in _list_clauses(text):
        clause = text[clause_start:clause_end]
        if _OF_OTHER_THINGS.search(clause) and not _OF_DATA.search(clause):
            continue
        for iri, start, end in (*_list_addresses(clause), *_list_names(clause)):
            if _UNVERSIONED not in iri and not is_denied(clause, start, end):
                yield iri, clause_start + start, clause_start + end


def _list_clauses(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in _CLAUSE_END.finditer(text):
        yield start, match.start()
        start = match.end()
    yield start, len(text)


def _list_addresses(clause: str) -> Iterator[tuple[str, int, int]]:
    for match in _ADDRESS.finditer(clause):
        address = match[0].rstrip(".,;:")
        if iri := LICENSES.find(address):
            yield iri, match.start(), match.start() + len(address)


def _list_names(clause: str) -> Iterator[tuple[str, int, int]]:
    if not _SPEAKS.search(clause):
        return
    blanked = _ADDRESS.sub(lambda match: " " * len(match[0]), clause)
    words = find_words(blanked)
    number = 0
    while number < len(words):
        for last in range(min(number + _LONGEST_NAME, len(words)) - 1, number - 1, -1):
            start, end = words[number][0], words[last][1]
            name = blanked[start:end]
            if (last > number or name.lower() in _SHORT_NAMES) and (iri := LICENSES.find(name)):
                yield iri, start, end
                number = last
                break
        number += 1
