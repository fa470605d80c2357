"""An encoder without a model: words of one concept, in whatever language, have one direction."""

from __future__ import annotations

import hashlib

import numpy as np

from catalogue.folding import split_words

CONCEPTS = {
    "air": ("luft", "luftkvalitet", "air"),
    "forest": ("skog", "skogar", "forest", "forests", "trees", "träd"),
    "lung": ("lungor", "lungs", "lung", "chest"),
    "picture": ("bilder", "images", "image", "röntgenbilder", "scans", "radiographs"),
}
_CONCEPT_OF = {word: concept for concept, words in CONCEPTS.items() for word in words}


class ConceptEncoder:
    """An `Encoder`; counts the passages it was asked for."""

    def __init__(self, fingerprint="concepts-1", dimension=64):
        self.fingerprint = fingerprint
        self.dimension = dimension
        self.passages = 0

    def encode_passages(self, texts):
        self.passages += len(texts)
        return self._encode_all(texts)

    def encode_queries(self, texts):
        return self._encode_all(texts)

    def _encode_all(self, texts):
        return np.array([self._encode(text) for text in texts], dtype=np.float32).reshape(-1, self.dimension)

    def _encode(self, text):
        concepts = [_CONCEPT_OF.get(word, word) for word in split_words(text)] or [""]
        vector = np.sum([self._direction(concept) for concept in concepts], axis=0)
        return (vector / np.linalg.norm(vector)).astype(np.float32)

    def _direction(self, concept):
        seed = int.from_bytes(hashlib.sha256(concept.encode()).digest()[:8], "little")
        return np.random.default_rng(seed).normal(size=self.dimension)
