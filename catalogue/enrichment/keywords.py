"""Keywords from the vocabularies for what the title and description name and the keywords do not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from catalogue.enrichment import disease, ml_task, modality, topics
from catalogue.enrichment.lexicon import Lexicon, Mention
from catalogue.enrichment.reading import Reading
from catalogue.enrichment.suggestions import FLOOR, Suggestion
from catalogue.enrichment.weighing import Weights, list_words, weigh_mentions

LEXICONS = (topics.LEXICON, disease.LEXICON, modality.LEXICON, ml_task.LEXICON)

_WEIGHTS: Weights = {"title": 0.9, "keywords": 0.0, "lead": 0.65, "description": 0.4}


class KeywordProgram:
    """Proposes a concept's name as a keyword, in each language that the record names it in."""

    name = "keywords"

    def propose(self, reading: Reading) -> Iterator[Suggestion]:
        """Yield names of concepts that no keyword of the record names, in whatever words."""
        for lexicon in LEXICONS:
            for iri, mentions in lexicon.find(reading).items():
                confidence = weigh_mentions(mentions, _WEIGHTS)
                if confidence >= FLOOR and not any(item.place == "keywords" for item in mentions):
                    yield from _name_concept(lexicon, iri, mentions, confidence)


PROGRAM = KeywordProgram()


def _name_concept(
    lexicon: Lexicon, iri: str, mentions: Sequence[Mention], confidence: float
) -> Iterator[Suggestion]:
    for lang in dict.fromkeys(mention.lang for mention in mentions):
        if name := lexicon.label(iri, lang) if lang in {"en", "sv"} else "":
            words = list_words(mention for mention in mentions if mention.lang == lang)
            yield Suggestion("keywords", {"value": name, "lang": lang}, True, confidence, words=words)
