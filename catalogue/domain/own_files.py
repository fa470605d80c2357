"""Stored files as distributions of own datasets.

A file's distribution is known by its download address. A draft has the files uploaded to it, and those
of earlier editions that its record still lists; taking the distribution out of the record leaves the
file behind, with the editions that have it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _

from catalogue.errors import Violation
from catalogue.models import Concept, Draft, Edition, StoredFile
from catalogue.record_paths import Json
from ontology.concepts import FORMATS, MEDIA_TYPES

_ALGORITHM = "checksumAlgorithm_sha256"
_PENDING = (StoredFile.State.UPLOADING, StoredFile.State.CHECKING)


def file_url(file: StoredFile) -> str:
    """Return the lasting address that a file is downloaded from."""
    return f"{settings.BASE_URL}/files/{file.pk}"


def concept_of(draft: Draft) -> Concept | None:
    """Return the concept that a draft is about, None for that of a first edition."""
    if draft.follows is not None:
        return draft.follows.concept
    edition = Edition.objects.filter(dataset=draft.dataset_id).select_related("concept").first()
    return edition.concept if edition else None


def draft_files(draft: Draft) -> list[StoredFile]:
    """Return the files that a draft may have: its own uploads, and those of earlier editions."""
    concept = concept_of(draft)
    mine = Q(draft=draft)
    if concept is not None:
        mine |= Q(dataset__edition__concept=concept)
    return list(StoredFile.objects.filter(mine).exclude(state=StoredFile.State.DELETED))


def place_files(record: Json, files: Sequence[StoredFile], draft: Draft) -> Json:
    """Return the record with what is known of its files, and with those that were uploaded to the draft.

    Words that people wrote about a file (title, description, licence ...) stay.
    """
    ready = {file_url(file): file for file in files if file.state == StoredFile.State.READY}
    unusable = {file_url(file) for file in files} - ready.keys()
    distributions: list[Json] = []
    placed: set[str] = set()
    for item in record.get("distributions", ()):
        addresses = set(item.get("download_urls", ()))
        address = next((url for url in addresses if url in ready), "")
        if address:
            placed.add(address)
            distributions.append(describe_file(ready[address], item))
        elif not addresses & unusable:
            distributions.append(item)
    fresh = [file for url, file in ready.items() if url not in placed and file.draft_id == draft.pk]
    distributions.extend(describe_file(file, {}) for file in fresh)
    result = {**record, "distributions": distributions}
    if not distributions:
        del result["distributions"]
    return result


def describe_file(file: StoredFile, written: Json) -> Json:
    """Return a file's distribution: what people wrote about it, and what its bytes say."""
    known: Json = {
        "download_urls": [file_url(file)],
        "byte_size": file.size_bytes,
        "checksum": {"algorithm": _ALGORITHM, "value": file.sha256},
    }
    suffix = PurePosixPath(file.name).suffix
    if iri := MEDIA_TYPES.find(file.media_type):
        known["media_type"] = {"iri": iri}
    if not written.get("format") and (iri := FORMATS.find(suffix) or FORMATS.find(file.media_type)):
        known["format"] = {"iri": iri}
    if not written.get("title"):
        known["title"] = [{"value": file.name}]
    return {**written, **known}


def check_files(files: Iterable[StoredFile], draft: Draft) -> list[Violation]:
    """Return why a draft cannot be published because of its uploads."""
    violations = []
    for file in files:
        if file.draft_id != draft.pk:
            continue
        if file.state in _PENDING:
            message = _("“%(name)s” is not ready. Wait until it is uploaded and checked, or take it out.")
        elif file.state == StoredFile.State.REFUSED:
            message = _("“%(name)s” was refused: %(problem)s Take it out, or upload another one.")
        else:
            continue
        words = message % {"name": file.name, "problem": file.problem}
        violations.append(Violation("distributions", words, str(file.pk)))
    return violations


def settle_files(concept: Concept, listed: Sequence[tuple[Edition, Json]]) -> None:
    """Give each file to the newest edition at hand that lists it. Call inside a transaction.

    `listed` are the concept's editions that are not withdrawn with their records, the oldest first: a
    file that two editions have is downloadable as long as one of them is there.
    """
    owner = {
        url: edition
        for edition, record in listed
        for item in record.get("distributions", ())
        for url in item.get("download_urls", ())
    }
    moved = []
    for file in StoredFile.objects.filter(dataset__edition__concept=concept):
        edition = owner.get(file_url(file))
        if edition is not None and file.dataset_id != edition.dataset_id:
            file.dataset = edition.dataset
            moved.append(file)
    StoredFile.objects.bulk_update(moved, ["dataset"])
