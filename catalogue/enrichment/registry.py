"""All programs, and running them over records. A new program is a module here and a line in `build_programs`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from catalogue.enrichment import disease, file_format, keywords, language, licence, ml_task, modality, topics
from catalogue.enrichment.nearest import ConceptSpace
from catalogue.enrichment.reading import Reading
from catalogue.enrichment.suggestions import Program, Suggestion
from catalogue.enrichment.theme import ThemeProgram
from catalogue.search.engine import Encoder

PROGRAM_NAMES = ("theme", "keywords", "modality", "ml-task", "disease", "language", "format", "licence")


def build_programs(space: ConceptSpace | None = None) -> tuple[Program, ...]:
    """Return all programs; with a concept space, themes are proposed by meaning too."""
    return (
        ThemeProgram(space),
        keywords.PROGRAM,
        modality.PROGRAM,
        ml_task.PROGRAM,
        disease.PROGRAM,
        language.PROGRAM,
        file_format.PROGRAM,
        licence.PROGRAM,
    )


def build_concept_space(encoder: Encoder) -> ConceptSpace:
    """Return the topics as the encoder's vectors: some seconds. Raises Unavailable."""
    return ConceptSpace(topics.LEXICON, encoder)


def propose(reading: Reading, programs: Iterable[Program]) -> Iterator[tuple[str, Suggestion]]:
    """Yield (program's name, suggestion) for a dataset; services and series get none."""
    if reading.record.kind != "dataset":
        return
    for program in programs:
        for suggestion in program.propose(reading):
            yield program.name, suggestion
