"""What an index was made with, and whether the encoder and this version can use it. The same for every engine."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalogue.errors import Conflict, Unavailable
from catalogue.search.engine import Encoder
from catalogue.search.index_fields import SCHEMA_VERSION


@dataclass(frozen=True, slots=True)
class Meta:
    """What a generation's vectors are. Without vectors the fingerprint is "" and the dimension 0."""

    fingerprint: str
    dimension: int
    schema: int


def make_meta(encoder: Encoder | None) -> Meta:
    """Return what a new generation is; while the encoder is not there, it has words only."""
    try:
        known = (encoder.fingerprint, encoder.dimension) if encoder else ("", 0)
    except Unavailable:
        known = ("", 0)
    return Meta(*known, SCHEMA_VERSION)


def is_readable(meta: Meta) -> bool:
    """Whether a generation was written with this version's fields."""
    return meta.schema == SCHEMA_VERSION


def check_schema(meta: Meta) -> None:
    """Raise Unavailable when a generation was written with other fields than this version's."""
    if not is_readable(meta):
        raise Unavailable(
            f"The search index has schema {meta.schema}, this version needs {SCHEMA_VERSION}. "
            "Build it again with `manage.py rebuild search`."
        )


def check_fingerprint(meta: Meta, encoder: Encoder | None) -> None:
    """Raise Conflict when a generation holds another model's vectors than the encoder's."""
    fingerprint = make_meta(encoder).fingerprint
    if fingerprint and meta.fingerprint and meta.fingerprint != fingerprint:
        raise Conflict(
            "The search index holds vectors of another model or setting than the encoder's. "
            "Build it again with `manage.py rebuild search`."
        )


def take_vectors(meta: Meta, encoder: Encoder | None, vectors: NDArray[np.float32], documents: int) -> Meta:
    """Return what a generation is once it has taken these vectors.

    Raises ValueError when they do not fit, Conflict when they are another model's.
    """
    if len(vectors) != documents:
        raise ValueError(f"{documents} documents came with {len(vectors)} vectors")
    if not documents:
        return meta
    made_by = make_meta(encoder)
    if not made_by.fingerprint:
        raise Conflict(
            "Vectors came, but no encoder is open: open the engine with the encoder that made them."
        )
    if meta.fingerprint not in ("", made_by.fingerprint):
        raise Conflict("The vectors are another model's than those of the index; build the index again.")
    return (
        meta
        if meta.fingerprint or not documents
        else Meta(made_by.fingerprint, vectors.shape[1], meta.schema)
    )
