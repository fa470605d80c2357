"""The machine-learning tasks that a dataset is made for or used for."""

from __future__ import annotations

from catalogue.enrichment.lexicon import Lexicon
from catalogue.enrichment.subjects import SubjectProgram
from ontology.concepts import ML_TASKS

LEXICON = Lexicon(ML_TASKS)

# "Used for ..." ends a description: there a task means as much as anywhere.
PROGRAM = SubjectProgram(
    "ml-task", LEXICON, {"title": 0.85, "keywords": 0.85, "lead": 0.8, "description": 0.75}
)
