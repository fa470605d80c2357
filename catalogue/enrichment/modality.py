"""The modality of the data: what one sample of it is (an image, speech, a CT scan, a time series)."""

from __future__ import annotations

import re
from dataclasses import replace

from catalogue.enrichment.lexicon import Lexicon, Mention
from catalogue.enrichment.reading import Reading
from catalogue.enrichment.subjects import SubjectProgram
from ontology.concepts import IMAGING_MODALITIES, MODALITIES

LEXICON = Lexicon(IMAGING_MODALITIES, MODALITIES)

_SOURCE = re.compile(
    r"\b(?:from|using|based on|together with|compared with|ur|från|utifrån|tillsammans med|med hjälp av)\s+(?:[\w-]+,?\s+){0,3}$",
    re.IGNORECASE,
)
_SOURCE_SHARE = 0.6


def _weaken_source(reading: Reading, mention: Mention) -> Mention:
    """Trust a mention less when it says what the data were made from: "drawn from aerial images"."""
    passage = next(item for item in reading.passages if item.path == mention.words.field)
    if mention.place in {"lead", "description"} and _SOURCE.search(passage.text[: mention.words.start]):
        return replace(mention, strength=mention.strength * _SOURCE_SHARE)
    return mention


# A modality late in a description is often that of something the data was made from or compared with.
PROGRAM = SubjectProgram(
    "modality", LEXICON, {"title": 0.85, "keywords": 0.85, "lead": 0.75, "description": 0.45}, _weaken_source
)
