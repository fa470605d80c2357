"""The sample datasets that are asked for: own ones with a small file, harvested ones, and their routes.

The own ones are invented; routes to harvested ones are the demo's, not their publishers'.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from catalogue import stores
from catalogue.access.domain.routes import set_route
from catalogue.access.models import AccessRoute
from catalogue.domain.drafts import start_draft
from catalogue.domain.editions import publish_draft
from catalogue.domain.file_checking import FileProjector
from catalogue.domain.files import begin_upload, finish_upload, plan_parts
from catalogue.domain.outbox import drain
from catalogue.domain.publishers import ensure_publisher
from catalogue.models import Agent, Dataset, Draft, StoredFile
from catalogue.sandbox.access.committees import SampleCommittee, who

_ACCESS = "http://publications.europa.eu/resource/authority/access-right/"
_LICENCE = "http://publications.europa.eu/resource/authority/licence/CC_BYNC_4_0"
_THEME = "http://publications.europa.eu/resource/authority/data-theme/HEAL"
_ROWS = 120
_ODRL = "http://www.w3.org/ns/odrl.jsonld"
_SWEDISH_RESEARCH = {
    "@context": _ODRL,
    "@type": "Offer",
    "permission": [
        {
            "action": "use",
            "constraint": [{"leftOperand": "spatial", "operator": "eq", "rightOperand": "SE"}],
        }
    ],
}


@dataclass(frozen=True, slots=True)
class OwnDataset:
    """A dataset that the demo publishes: its words, the columns of its file, and its conditions of use."""

    key: str
    title: Mapping[str, str]
    about: Mapping[str, str]
    columns: tuple[str, ...]
    conditions: Mapping[str, Any]


XRAYS = OwnDataset(
    "xrays",
    {"en": "Sample chest X-rays with findings", "sv": "Exempelröntgen av lungor med fynd"},
    {
        "en": "Invented findings of invented chest X-rays, made up for this demo: each line is an image that "
        "nobody took of a person who does not exist.",
        "sv": "Påhittade fynd i påhittade lungröntgenbilder, gjorda för den här demon: varje rad är en bild "
        "som ingen har tagit av en person som inte finns.",
    },
    ("image", "age_group", "finding"),
    {"duo": [{"code": "DUO:0000006"}, {"code": "DUO:0000021"}]},
)
SKIN = OwnDataset(
    "skin",
    {"en": "Sample skin lesions under the microscope", "sv": "Exempelbilder av hudförändringar i mikroskop"},
    {
        "en": "Invented whole slide images of skin lesions, made up for this demo, listed with a diagnosis "
        "for each. For use that is not commercial.",
        "sv": "Påhittade helglasbilder av hudförändringar, gjorda för den här demon, förtecknade med en "
        "diagnos för varje. För användning som inte är kommersiell.",
    },
    ("slide", "stain", "diagnosis"),
    {"duo": [{"code": "DUO:0000006"}, {"code": "DUO:0000018"}]},
)
PRESCRIPTIONS = OwnDataset(
    "prescriptions",
    {"en": "Sample prescriptions of a county", "sv": "Exempelrecept från ett län"},
    {
        "en": "Invented prescriptions, made up for this demo, a line for each time that a medicine was not "
        "dispensed to a person who does not exist.",
        "sv": "Påhittade recept, gjorda för den här demon, med en rad för varje gång ett läkemedel inte "
        "lämnades ut till en person som inte finns.",
    },
    ("person", "medicine", "month"),
    {"ehds_purposes": ["a", "c", "e"], "needs": ["data_protection_assessment"]},
)
STAYS = OwnDataset(
    "stays",
    {"en": "Sample hospital stays", "sv": "Exempel på vårdtillfällen"},
    {
        "en": "Invented stays at invented hospitals, made up for this demo, with the month, the ward and the "
        "days in bed. For use in Sweden.",
        "sv": "Påhittade vårdtillfällen på påhittade sjukhus, gjorda för den här demon, med månad, avdelning "
        "och vårddagar. För användning i Sverige.",
    },
    ("person", "ward", "days"),
    {"odrl": [_SWEDISH_RESEARCH]},
)
PRESSURE = OwnDataset(
    "pressure",
    {"en": "Sample blood pressure series", "sv": "Exempelserier av blodtryck"},
    {
        "en": "Invented blood pressure series, made up for this demo. Whoever wants them for research of any "
        "kind and accepts the terms is let in at once.",
        "sv": "Påhittade serier av blodtryck, gjorda för den här demon. Den som vill ha dem för forskning av "
        "vilket slag som helst och godtar villkoren får dem direkt.",
    },
    ("series", "systolic", "diastolic"),
    {"duo": [{"code": "DUO:0000042"}]},
)
IMAGES, REGISTERS = (XRAYS, SKIN), (PRESCRIPTIONS, STAYS)

# Harvested datasets by how their address begins. What is asked for at the imaging committee:
CTPA, SKIN_SLIDES = "ctpa-computed-tomography", "skin-data-from-the-visual-sweden"
NODES, OVARIES = "axillary-lymph-nodes", "ovary-data-from-the-visual-sweden"
BRAIN = "tcga-gbm-radiology"
_ASKED_HERE = (CTPA, SKIN_SLIDES, NODES, OVARIES, BRAIN)
_NOTE = "A route made up for the demo."
# And other ways there are.
_ELSEWHERE: tuple[tuple[str, dict[str, Any]], ...] = (
    ("national-patient-register", {"kind": "elsewhere", "url": "https://register.example/apply"}),
    ("cancerregistret", {"kind": "elsewhere", "email": "committee@register.example"}),
    ("uk-biobank", {"kind": "rems", "url": "https://rems.example/apply"}),
    ("mimic-iv-electronic", {"kind": "registered", "url": "https://physionet.example/sign-in"}),
    ("chexpert-chest-radiographs", {"kind": "registered", "url": "https://images.example/sign-in"}),
    ("eucaim-federated", {"kind": "dataspace", "url": "https://connector.example/negotiate"}),
    ("waymo-open-dataset", {"kind": "none"}),
)


@dataclass(slots=True)
class SampleDatasets:
    """What the demo's requests are for, by key or by the beginning of the address; what is missing is left out."""

    found: dict[str, Dataset] = field(default_factory=dict)

    def __getitem__(self, key: str) -> Dataset:
        return self.found[key]

    def __contains__(self, key: str) -> bool:
        return key in self.found


def publish_own(samples: Sequence[OwnDataset], publisher: str, iri: str, email: str) -> dict[str, Dataset]:
    """Publish the own datasets that are not there yet, each with its file, and return all by key."""
    agent = ensure_publisher(publisher, iri)
    return {sample.key: _publish(sample, agent, email) for sample in samples}


def find_harvested() -> dict[str, Dataset]:
    """Return the harvested datasets that routes are made to, by the beginning of their address."""
    wanted = [*_ASKED_HERE, *(start for start, _route in _ELSEWHERE)]
    rows = {start: Dataset.objects.live().filter(slug__startswith=start).first() for start in wanted}
    return {start: row for start, row in rows.items() if row is not None}


def set_routes(
    datasets: SampleDatasets, imaging: SampleCommittee, register: SampleCommittee, automatic: SampleCommittee
) -> None:
    """Say how each is reached, where nobody has said so."""
    for sample in IMAGES:
        _ask_at(imaging, datasets[sample.key], sample.conditions)
    for sample in REGISTERS:
        _ask_at(register, datasets[sample.key], sample.conditions)
    _ask_at(automatic, datasets[PRESSURE.key], PRESSURE.conditions)
    for start in _ASKED_HERE:
        if start in datasets:
            _ask_at(imaging, datasets[start], {"duo": [{"code": "DUO:0000006"}]}, note=_NOTE)
    for start, route in _ELSEWHERE:
        if start in datasets and not _has_route(datasets[start]):
            set_route(datasets[start], by=who("chief"), note=_NOTE, **route)


def _ask_at(at: SampleCommittee, dataset: Dataset, conditions: Mapping[str, Any], *, note: str = "") -> None:
    if not _has_route(dataset):
        set_route(
            dataset,
            by=who("chief"),
            kind=AccessRoute.Kind.REQUEST,
            workflow=at.workflow,
            form=at.form,
            terms=[at.terms],
            conditions=dict(conditions),
            note=note,
        )


def _has_route(dataset: Dataset) -> bool:
    return AccessRoute.objects.filter(dataset=dataset).exists()


def _publish(sample: OwnDataset, publisher: Agent, email: str) -> Dataset:
    found = Dataset.objects.live().filter(publisher=publisher, title__in=sample.title.values()).first()
    if found is not None:
        return found
    chief = who("chief")
    record = _describe(sample, email)
    draft = Draft.objects.filter(publisher=publisher, record__title=record["title"], dataset=None).first()
    if draft is None:
        draft = start_draft(publisher, by=chief, record=record)
    if not draft.files.filter(state=StoredFile.State.READY).exists():
        _take_in(draft, f"{sample.key}.csv", _write_rows(sample))
    return publish_draft(draft, by=chief, revision=draft.revision).edition.dataset


def _describe(sample: OwnDataset, email: str) -> dict[str, Any]:
    return {
        "title": [{"value": words, "lang": lang} for lang, words in sample.title.items()],
        "description": [{"value": words, "lang": lang} for lang, words in sample.about.items()],
        "access_rights": {"iri": f"{_ACCESS}RESTRICTED"},
        "license": {"iri": _LICENCE},
        "themes": [{"iri": _THEME}],
        "keywords": [{"value": "sample", "lang": "en"}, {"value": "exempel", "lang": "sv"}],
        "contacts": [{"email": email}],
    }


def _write_rows(sample: OwnDataset) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(sample.columns)
    for number in range(1, _ROWS + 1):
        writer.writerow([f"{sample.key}-{number:03}", f"group {number % 7}", 60 + number * 37 % 61])
    return text.getvalue().encode()


def _take_in(draft: Draft, name: str, content: bytes) -> None:
    """Upload a file as its steward would, and let it be checked."""
    file = begin_upload(draft, name, len(content), by=who("chief"))
    upload_id = file.upload.upload_id
    for part in plan_parts(file):
        piece = content[part.offset : part.offset + part.size_bytes]
        stores.file_store().write_part(file.object_key, upload_id, part.number, piece)
    finish_upload(file)
    drain(FileProjector())
