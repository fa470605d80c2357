"""The diseases that a dataset is about."""

from __future__ import annotations

from catalogue.enrichment.lexicon import Lexicon
from catalogue.enrichment.subjects import SubjectProgram
from ontology.concepts import DISEASES

LEXICON = Lexicon(DISEASES)

PROGRAM = SubjectProgram("disease", LEXICON, {"title": 0.9, "keywords": 0.8, "lead": 0.8, "description": 0.5})
