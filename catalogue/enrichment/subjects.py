"""What a dataset is about or made of, by the words of a vocabulary: added to its subjects (dct:subject)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from catalogue.enrichment.lexicon import Lexicon, Mention
from catalogue.enrichment.reading import Reading
from catalogue.enrichment.suggestions import FLOOR, Suggestion
from catalogue.enrichment.weighing import Weights, list_words, weigh_mentions
from catalogue.record_json import value_to_json
from catalogue.records import Record, Term, Text


class SubjectProgram:
    """Proposes the concepts of some vocabularies that the record's words name."""

    def __init__(
        self,
        name: str,
        lexicon: Lexicon,
        weights: Weights,
        weaken: Callable[[Reading, Mention], Mention] | None = None,
    ) -> None:
        """Make one; `weaken` may lower a mention's strength by what stands around it."""
        self.name = name
        self._lexicon = lexicon
        self._weights = weights
        self._weaken = weaken

    def propose(self, reading: Reading) -> Iterator[Suggestion]:
        """Yield the named concepts that are not among the record's subjects, themes and types."""
        stated = find_stated(reading.record, self._lexicon)
        for iri, found in self._lexicon.find(reading).items():
            mentions = [self._weaken(reading, item) for item in found] if self._weaken else found
            confidence = weigh_mentions(mentions, self._weights)
            if iri not in stated and confidence >= FLOOR:
                value = value_to_json(concept_term(iri, self._lexicon))
                yield Suggestion("subjects", value, True, confidence, words=list_words(mentions))


def concept_term(iri: str, lexicon: Lexicon) -> Term:
    """Return the concept as a record carries it, with its names in both languages."""
    names = ((lexicon.label(iri, lang), lang) for lang in ("en", "sv"))
    return Term(iri, tuple(Text(name, lang) for name, lang in names if name))


def find_stated(record: Record, lexicon: Lexicon) -> set[str]:
    """Return the concepts that the record states as coded values, by IRI or in words."""
    terms = (*record.subjects, *record.themes, *record.types)
    words = [word for term in terms for word in (term.iri, term.raw, *(text.value for text in term.label))]
    found = (vocabulary.find(word) for vocabulary in lexicon.vocabularies for word in words if word)
    return {iri for iri in found if iri}
