"""The topics of open data that a record's words name: for themes and keywords."""

from __future__ import annotations

from catalogue.enrichment.lexicon import Lexicon
from ontology.concepts import TOPICS

LEXICON = Lexicon(TOPICS)
