"""DOIs that the registry refused, or that have failed for hours."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from catalogue.domain.doi_status import describe_doi
from catalogue.domain.dois import failing_dois, resume_account, update_doi
from catalogue.domain.work.kind import Card, Choice, Decision, WorkKind
from catalogue.models import Doi
from catalogue.policies import can_operate_sources, require_operator, roles_of


class DoiWork(WorkKind[Doi]):
    """A DOI that is not at the registry as it should be, with the registry's own words."""

    name = "dois"
    label = _("Failing DOIs")
    help = _("DOIs that the registry refused, or that have failed for hours. Each is tried again by itself.")
    since = "failing_since"
    order = ("failing_since", "pk")
    publisher = "dataset__publisher__"

    def rows(self, user: Any) -> QuerySet[Doi]:
        """Return the failing DOIs of what the user may publish; operators see all."""
        rows = (
            failing_dois().select_related("prefix", "dataset").defer("dataset__record", "dataset__provenance")
        )
        roles = roles_of(user)
        if roles.is_chief or roles.is_operator:
            return rows
        of_concept = Q(concept__editions__publisher__in=roles.publishers)
        mine = failing_dois().filter(Q(dataset__publisher__in=roles.publishers) | of_concept)
        return rows.filter(pk__in=mine.values("pk"))

    def title(self, row: Doi) -> str:
        """Return the DOI and what it names."""
        return f"{row.doi} · {row.dataset.title}" if row.dataset else row.doi

    def card(self, row: Doi) -> Card:
        """Return what the registry said, and what is to be done."""
        status = describe_doi(row)
        return Card(
            title=self.title(row),
            since=row.failing_since,
            address=("dataset", (row.dataset.slug,)) if row.dataset else None,
            why=status.advice,
            facts=(
                (_("As it was last seen"), status.status.label),
                (_("The registry's words"), status.title),
                (_("The field that it names"), status.source),
                (_("Account"), row.prefix.account),
                (_("Halted"), row.prefix.halted),
            ),
        )

    def decisions(self, row: Doi, user: Any) -> tuple[Decision, ...]:
        """Return trying again; and, where an account is halted, letting it go on."""
        again = Decision("again", _("Try again now"), is_main=True)
        if row.prefix.halted and can_operate_sources(user):
            return Decision("resume", _("Let the account go on"), is_main=True), again
        return (again,)

    def decide(self, row: Doi, choice: Choice) -> None:
        """Have it compared and sent again, or all of its account."""
        if choice.decision == "resume":
            require_operator(choice.by)
            resume_account(row.prefix.account)
        else:
            update_doi(row)
