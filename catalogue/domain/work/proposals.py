"""Proposals: values that programs found for what records lack."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from catalogue.domain import proposals
from catalogue.domain.proposals import accept_above, accept_proposals, proposals_for, refuse_proposals
from catalogue.domain.work.kind import LIGHT, Batch, Card, Choice, DatasetWork, Decision, Filters, Side
from catalogue.enrichment.precision import measured_precision
from catalogue.field_guide import find_field
from catalogue.models import Proposal
from catalogue.record_paths import get_path, split_path

PROGRAMS = {
    "theme": _("Themes"),
    "keywords": _("Keywords"),
    "modality": _("Modality"),
    "ml-task": _("Machine-learning task"),
    "disease": _("Disease"),
    "language": _("Language"),
    "format": _("Format"),
    "licence": _("Licence"),
}
_PERCENT = 100


class ProposalWork(DatasetWork[Proposal]):
    """One value for one field of one dataset, with the program's confidence and evidence."""

    name = "proposals"
    label = _("Proposals")
    help = _("What programs found in the words of records. What you refuse is never proposed again.")
    since = "made_at"
    order = ("-confidence", "pk")

    def rows(self, user: Any) -> QuerySet[Proposal]:
        """Return the open proposals about datasets that the user curates."""
        rows = proposals_for(user).filter(state=Proposal.State.PROPOSED)
        return rows.select_related("dataset").defer(*LIGHT)

    def title(self, row: Proposal) -> str:
        """Return the dataset's title."""
        return row.dataset.title

    def card(self, row: Proposal) -> Card:
        """Return the value beside what the record says, and the words that speak for it. One query."""
        says = get_path(row.dataset.record, row.path)
        return Card(
            title=row.dataset.title,
            since=row.made_at,
            address=("dataset", (row.dataset.slug,)),
            path=row.path,
            facts=(
                (_("Found by"), str(PROGRAMS.get(row.program, row.program))),
                (_("Confidence"), f"{row.confidence * _PERCENT:.0f} %"),
                (_("Right, where so sure"), _say_precision(row)),
                *_list_evidence(row.evidence),
            ),
            sides=(
                Side(_("One more value") if row.adds else _("The value"), row.value),
                Side(_("The record says"), says),
            ),
        )

    def decisions(self, row: Proposal, user: Any) -> tuple[Decision, ...]:
        """Return accepting and refusing."""
        return Decision("accept", _("Accept"), is_main=True), Decision("refuse", _("Refuse, for good"))

    def decide(self, row: Proposal, choice: Choice) -> None:
        """Accept or refuse the proposal."""
        verb = accept_proposals if choice.decision == "accept" else refuse_proposals
        verb([row.pk], by=choice.by, reason=choice.reason)

    def batches(self, user: Any, filters: Filters, above: float) -> tuple[Batch, ...]:
        """Return each program with what waits from this confidence, and its measured precision. One query."""
        found = proposals.summarise_programs(user, _narrow(filters), threshold=above)
        return tuple(
            Batch(
                name=item.program,
                label=PROGRAMS.get(item.program, item.program),
                waiting=item.waiting,
                count=item.above_threshold,
                right=item.precision.right,
                measured=item.precision.made,
            )
            for item in found
            if item.waiting
        )

    def decide_batch(self, name: str, above: float, filters: Filters, by: Any) -> int:
        """Accept all of a program from a confidence on, as one act; return of how many datasets."""
        return accept_above(name, above, by=by, filters=_narrow(filters)).size


def _say_precision(row: Proposal) -> str:
    """Return how often the program was right on the labelled sample, where it was at least as sure."""
    found = measured_precision(row.program, row.confidence)
    if found.share is None:
        return now("not measured from here on")
    said = {"percent": round(found.share * _PERCENT), "right": found.right, "all": found.made}
    return now("%(percent)s %% of a labelled sample (%(right)s of %(all)s)") % said


def _narrow(filters: Filters) -> proposals.Filters:
    return proposals.Filters(publisher=filters.publisher, source=filters.source)


def _list_evidence(evidence: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    words = [f"“{item['text']}” ({_call(item['field'])})" for item in evidence.get("words", ())]
    near = [f"{item['label']} ({item['similarity']:.2f})" for item in evidence.get("nearest", ())]
    yield _("Words that speak for it"), words
    yield _("Near in meaning"), near


def _call(path: str) -> str:
    """Return what people call the field that a path begins with."""
    return str(find_field(str(split_path(path)[0]))[1].label)
