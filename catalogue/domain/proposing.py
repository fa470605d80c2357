"""Keeping the proposals of programs (catalogue/enrichment) true to the records: made, renewed, withdrawn.

An outbox row `propose` follows every change of a dataset. Programs read what people see less what programs
put there, so that an accepted proposal neither speaks for others nor takes away its own ground. What was
refused once, by whatever program it was proposed, is not proposed again.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import transaction
from django.utils import timezone

from catalogue import stores
from catalogue.domain.history import read_layers
from catalogue.domain.layers import lock_datasets, rewrite_from_database
from catalogue.enrichment.reading import Reading, read_record
from catalogue.enrichment.registry import PROGRAM_NAMES, build_concept_space, build_programs, propose
from catalogue.enrichment.suggestions import Program, Suggestion
from catalogue.models import Dataset, Proposal
from catalogue.record_json import record_from_json
from catalogue.record_paths import Json, get_path, set_path, split_path, value_digest
from catalogue.search.documents import build_document
from catalogue.search.vector_cache import encode_documents

_RENEWED = ("state", "confidence", "evidence", "made_at", "decided_at", "decided_by", "act")
_State = Proposal.State


@dataclass(frozen=True, slots=True)
class _Found:
    """What programs suggest for a dataset as it was at a revision."""

    revision: int
    suggestions: Sequence[tuple[str, Suggestion]]


class ProposeProjector:
    """Brings the proposals for datasets up to date. With an encoder, texts are encoded as a batch."""

    kind = "propose"
    batch_size = 100

    def project(self, keys: Sequence[str]) -> None:
        """Run the programs over the datasets and write what is new. Raises Unavailable."""
        ids = [uuid.UUID(key) for key in keys]
        found = _suggest(list(Dataset.objects.live().filter(pk__in=ids)))
        now = timezone.now()
        with transaction.atomic():
            locked = lock_datasets(ids)
            stored: dict[uuid.UUID, list[Proposal]] = defaultdict(list)
            for row in Proposal.objects.filter(dataset__in=ids):
                stored[row.dataset_id].append(row)
            changes = _Changes(now)
            for key, dataset in locked.items():
                if dataset.state != Dataset.State.LIVE:
                    changes.withdraw(stored[key])
                elif key in found and found[key].revision == dataset.revision:
                    changes.renew(key, found[key].suggestions, stored[key])
                # else it has changed meanwhile, and its next row is waiting
            overtaken = [
                row
                for key in found.keys() & locked.keys()
                for row in _list_overtaken(locked[key], stored[key])
            ]
            changes.withdraw(overtaken, _State.ACCEPTED)
            changes.write()
            rewrite_from_database({row.dataset_id for row in overtaken}, now)


class _Changes:
    """Proposals to write, gathered over a batch."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._new: list[Proposal] = []
        self._renewed: list[Proposal] = []

    def renew(
        self,
        dataset_id: uuid.UUID,
        suggestions: Iterable[tuple[str, Suggestion]],
        stored: Sequence[Proposal],
    ) -> None:
        """Make the dataset's open proposals those that are suggested now and nobody has decided."""
        decided = {
            (row.path, _identify(row.value))
            for row in stored
            if row.state in {_State.ACCEPTED, _State.REFUSED}
        }
        known = {(row.program, row.path, row.value_key): row for row in stored}
        kept = set()
        for program, suggestion in suggestions:
            if (suggestion.path, _identify(suggestion.value)) in decided:
                continue
            key = (program, suggestion.path, value_digest(suggestion.value))
            kept.add(key)
            row = known.get(key)
            if row is None:
                self._new.append(_make_row(dataset_id, program, suggestion, self._now))
            elif not _says_the_same(row, suggestion):
                if row.state != _State.PROPOSED:
                    row.made_at, row.act, row.decided_at, row.decided_by = self._now, None, None, None
                row.state, row.evidence = _State.PROPOSED, suggestion.evidence
                row.confidence = suggestion.confidence
                self._renewed.append(row)
        self.withdraw(row for key, row in known.items() if key not in kept)

    def withdraw(self, rows: Iterable[Proposal], state: str = _State.PROPOSED) -> None:
        """Withdraw those of our programs' proposals that are in a state."""
        for row in rows:
            if row.state == state and row.program in PROGRAM_NAMES:
                row.state, row.decided_at = _State.WITHDRAWN, self._now
                self._renewed.append(row)

    def write(self) -> None:
        """Write what was gathered."""
        Proposal.objects.bulk_create(self._new, batch_size=500)
        Proposal.objects.bulk_update(self._renewed, _RENEWED, batch_size=500)


def _suggest(datasets: Sequence[Dataset]) -> dict[uuid.UUID, _Found]:
    """Return what programs suggest for each dataset. Raises Unavailable while an encoder is loading."""
    records = [record_from_json(strip_programs(row.record, row.provenance)) for row in datasets]
    encoder = stores.encoder()
    if encoder is None:
        programs, readings = build_programs(), [read_record(record) for record in records]
    else:
        ready = stores.ready_encoder()
        documents = [
            build_document(str(row.pk), row.revision, record)
            for row, record in zip(datasets, records, strict=True)
        ]
        vectors = encode_documents(ready, stores.vector_cache(), documents)
        programs = _build_for_encoder(ready.fingerprint)
        readings = [read_record(record, vector) for record, vector in zip(records, vectors, strict=True)]
    return {
        row.pk: _Found(row.revision, _list_best(reading, programs))
        for row, reading in zip(datasets, readings, strict=True)
    }


@lru_cache(maxsize=2)
def _build_for_encoder(fingerprint: str) -> tuple[Program, ...]:
    """Return the programs for the encoder in use; its concepts are encoded once in each process."""
    return build_programs(build_concept_space(stores.ready_encoder()))


def _list_best(reading: Reading, programs: Iterable[Program]) -> list[tuple[str, Suggestion]]:
    """Return the suggestions, each value of a program once: with its highest confidence."""
    best: dict[tuple[str, str, str], Suggestion] = {}
    for program, suggestion in propose(reading, programs):
        key = (program, suggestion.path, value_digest(suggestion.value))
        if key not in best or best[key].confidence < suggestion.confidence:
            best[key] = suggestion
    return [(key[0], suggestion) for key, suggestion in best.items()]


def strip_programs(record: Mapping[str, Any], provenance: Mapping[str, Mapping[str, Any]]) -> Json:
    """Return a record without the values that came from proposals of our programs."""
    paths = [
        path
        for path, origin in provenance.items()
        if origin.get("layer") == "enrichment" and origin.get("program") in PROGRAM_NAMES
    ]
    stripped = dict(record)
    for path in sorted(paths, key=split_path, reverse=True):  # later elements of a list first
        set_path(stripped, path, None)
        if not get_path(stripped, parent := path.rpartition("[")[0] or path):
            set_path(stripped, parent, None)
    return stripped


def _list_overtaken(dataset: Dataset, stored: Iterable[Proposal]) -> list[Proposal]:
    """Return accepted proposals that filled a gap which a source has filled since."""
    rows = [
        row
        for row in stored
        if row.state == _State.ACCEPTED and not row.adds and row.program in PROGRAM_NAMES
    ]
    if not rows:
        return []
    said = replace(read_layers(dataset), proposals=()).resolve_under().data
    return [row for row in rows if get_path(said, row.path) is not None]


def _make_row(dataset_id: uuid.UUID, program: str, suggestion: Suggestion, now: datetime) -> Proposal:
    return Proposal(
        dataset_id=dataset_id,
        program=program,
        path=suggestion.path,
        value=suggestion.value,
        value_key=value_digest(suggestion.value),
        adds=suggestion.adds,
        confidence=suggestion.confidence,
        evidence=suggestion.evidence,
        made_at=now,
    )


def _says_the_same(row: Proposal, suggestion: Suggestion) -> bool:
    return (
        row.state == _State.PROPOSED
        and abs(row.confidence - suggestion.confidence) < 1e-6
        and row.evidence == suggestion.evidence
    )


def _identify(value: Any) -> str:
    """Return by what a value is remembered: its IRI, whatever it is called; else all of it."""
    iri = value.get("iri") if isinstance(value, Mapping) else None
    return str(iri) if iri else value_digest(value)
