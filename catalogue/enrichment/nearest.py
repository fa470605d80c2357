"""Topics near to a record in meaning, by the encoder that search uses.

Cosines of one model lie close together (with the bundled one between 0.7 and 0.9), so a topic's nearness
is its distance from the record's mean over all topics, in standard deviations.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalogue.enrichment.lexicon import Lexicon
from catalogue.enrichment.suggestions import Nearest
from catalogue.search.engine import Encoder


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A concept with its nearness to a record, in standard deviations above the record's mean."""

    concept: Nearest
    nearness: float


class ConceptSpace:
    """The concepts of a lexicon as vectors, for one encoder."""

    def __init__(self, lexicon: Lexicon, encoder: Encoder) -> None:
        """Encode the concepts: some seconds. Raises Unavailable."""
        self._iris: Sequence[str] = list(lexicon.concepts)
        self._labels = [lexicon.label(iri, "en") for iri in self._iris]
        self._vectors = encoder.encode_passages([lexicon.describe(iri) for iri in self._iris])

    def rank(self, vector: NDArray[np.float32]) -> list[Neighbour]:
        """Return all concepts, those nearest to a record's vector first."""
        cosines = self._vectors @ vector
        nearness = (cosines - cosines.mean()) / (cosines.std() or 1.0)
        return [
            Neighbour(
                Nearest(self._iris[number], self._labels[number], float(cosines[number])),
                float(nearness[number]),
            )
            for number in np.argsort(-nearness)
        ]
