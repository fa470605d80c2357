"""Django admin for operators: what is in the tables, with the few actions that are safe there.

What harvests and the resolver write is read-only here: it would be overwritten, and its projections would
not know. Sources are added in the portal, which checks addresses and options.
"""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account.decorators import secure_admin_login
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalogue.domain.runs import request_run, request_stop
from catalogue.domain.sources import pause_source, resume_source
from catalogue.domain.undo import undo_run
from catalogue.errors import Conflict
from catalogue.models import (
    Agent,
    Dataset,
    Outbox,
    Override,
    Proposal,
    Run,
    RunFailure,
    Source,
    SourceRecord,
    SourceVersion,
    User,
)
from catalogue.tasks import nudge_harvest, nudge_projection

admin.site.site_header = admin.site.site_title = "Catalogue administration"
# The administration has no sign-in of its own, which would ask for no second factor.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.register(User, UserAdmin)


class ReadOnlyAdmin(admin.ModelAdmin[Any]):
    """Rows that are looked at, not changed."""

    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes."""
        return False


@admin.register(Source)
class SourceAdmin(admin.ModelAdmin[Source]):
    list_display = ("title", "slug", "protocol", "state", "interval_hours", "last_complete_at", "page")
    list_filter = ("state", "protocol")
    search_fields = ("title", "slug", "url")
    readonly_fields = ("slug", "protocol", "url", "options", "created_by", "created_at")
    exclude = ("next_since", "last_full_at", "last_complete_at")
    formfield_overrides: ClassVar[dict[Any, Any]] = {models.URLField: {"assume_scheme": "https"}}
    actions = ("start_runs", "pause", "resume")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Sources are added in the portal."""
        return False

    @admin.display(description="portal")
    def page(self, row: Source) -> SafeString:
        """Return the link to the source's page."""
        return _link("source", row.slug)

    @admin.action(description="Ask for a harvest")
    def start_runs(self, request: HttpRequest, rows: QuerySet[Source]) -> None:
        """Ask for a harvest of each."""
        for source in rows:
            request_run(source, by=request.user)
        nudge_harvest()
        messages.success(request, "The harvests have been asked for.")

    @admin.action(description="Pause")
    def pause(self, request: HttpRequest, rows: QuerySet[Source]) -> None:
        """Keep the schedule from harvesting them."""
        for source in rows:
            pause_source(source)

    @admin.action(description="Resume")
    def resume(self, request: HttpRequest, rows: QuerySet[Source]) -> None:
        """Let the schedule harvest them again."""
        for source in rows:
            resume_source(source)


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    list_display = (
        "id",
        "source",
        "kind",
        "state",
        "requested_at",
        "ended_at",
        "seen",
        "new",
        "changed",
        "removed",
        "failed",
        "page",
    )
    list_filter = ("state", "kind", "complete", "source")
    list_select_related = ("source",)
    search_fields = ("source__title", "source__slug", "message")
    date_hierarchy = "requested_at"
    actions = ("stop", "undo")

    @admin.display(description="portal")
    def page(self, row: Run) -> SafeString:
        """Return the link to the run's page."""
        return _link("run", row.source.slug, row.pk)

    @admin.action(description="Stop")
    def stop(self, request: HttpRequest, rows: QuerySet[Run]) -> None:
        """Ask those that are open to stop."""
        for run in rows:
            request_stop(run)
        messages.success(request, "Open runs stop at the end of the page they read.")

    @admin.action(description="Undo")
    def undo(self, request: HttpRequest, rows: QuerySet[Run]) -> None:
        """Undo them, the newest first, and say what each led to."""
        for run in rows.order_by("-id"):
            try:
                messages.success(request, f"Run {run.pk}: {undo_run(run)} records were put back.")
            except Conflict as error:
                messages.error(request, str(error))
        nudge_projection()


@admin.register(RunFailure)
class RunFailureAdmin(ReadOnlyAdmin):
    list_display = ("id", "run", "remote_id", "field", "reason", "created_at", "page")
    list_filter = ("run__source", "field")
    list_select_related = ("run__source",)
    search_fields = ("remote_id", "reason")

    @admin.display(description="portal")
    def page(self, row: RunFailure) -> SafeString:
        """Return the link to the failure's page."""
        return _link("failure", row.run.source.slug, row.run_id, row.pk)


class VersionInline(admin.TabularInline[SourceVersion, SourceRecord]):
    """Versions under their record; their content is in the API and the portal."""

    model = SourceVersion
    fields = ("number", "run", "format", "media_type", "first_seen", "last_seen", "undone_at")
    can_delete = False
    extra = 0
    max_num = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[SourceVersion]:
        """Return the versions with what their lines show."""
        return super().get_queryset(request).select_related("run__source").defer("data")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes."""
        return False


@admin.register(SourceRecord)
class SourceRecordAdmin(ReadOnlyAdmin):
    list_display = (
        "remote_id",
        "source",
        "state",
        "number",
        "first_seen",
        "last_seen",
        "missing_since",
        "page",
    )
    list_filter = ("state", "source")
    list_select_related = ("source", "dataset")
    search_fields = ("remote_id",)
    inlines = (VersionInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the rows without the records of their datasets."""
        return super().get_queryset(request).defer("dataset__record", "dataset__provenance")

    @admin.display(description="portal")
    def page(self, row: SourceRecord) -> SafeString:
        """Return the link to the dataset's page."""
        return _link("dataset", row.dataset.slug)


@admin.register(Dataset)
class DatasetAdmin(ReadOnlyAdmin):
    list_display = ("title", "kind", "state", "is_public", "publisher", "revision", "changed_at", "page")
    list_filter = ("state", "kind", "is_public")
    list_select_related = ("publisher",)
    search_fields = ("title", "slug", "identifiers__value")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the rows; lists do without their records."""
        rows: QuerySet[Any] = super().get_queryset(request)
        is_list = request.resolver_match and request.resolver_match.url_name == "catalogue_dataset_changelist"
        return rows.defer("record", "provenance") if is_list else rows

    @admin.display(description="portal")
    def page(self, row: Dataset) -> SafeString:
        """Return the link to the dataset's page."""
        return _link("dataset", row.slug)


@admin.register(Agent)
class AgentAdmin(ReadOnlyAdmin):
    list_display = ("name", "slug", "iri", "homepage", "page")
    search_fields = ("name", "slug", "iri")

    @admin.display(description="portal")
    def page(self, row: Agent) -> SafeString:
        """Return the link to the publisher's page."""
        return _link("publisher", row.slug)


@admin.register(Outbox)
class OutboxAdmin(ReadOnlyAdmin):
    list_display = (
        "kind",
        "key",
        "generation",
        "attempts",
        "next_attempt_at",
        "leased_until",
        "error",
        "created_at",
    )
    list_filter = ("kind", ("error", admin.EmptyFieldListFilter))
    search_fields = ("key", "error")
    actions = ("retry",)

    @admin.action(description="Try again now")
    def retry(self, request: HttpRequest, rows: QuerySet[Outbox]) -> None:
        """Make them due now; the lease of one that is being worked on stays."""
        count = rows.update(next_attempt_at=timezone.now(), attempts=0)
        nudge_projection()
        messages.success(request, f"{count} rows are due now.")


@admin.register(Override)
class OverrideAdmin(ReadOnlyAdmin):
    list_display = ("path", "lang", "dataset", "author", "made_at", "closed_at", "reason", "page")
    list_filter = ("path", ("closed_at", admin.EmptyFieldListFilter))
    list_select_related = ("dataset", "author")
    search_fields = ("path", "reason", "dataset__title")

    @admin.display(description="portal")
    def page(self, row: Override) -> SafeString:
        """Return the link to the dataset's page."""
        return _link("dataset", row.dataset.slug)


@admin.register(Proposal)
class ProposalAdmin(ReadOnlyAdmin):
    list_display = ("path", "program", "confidence", "state", "dataset", "made_at", "page")
    list_filter = ("state", "program", "path")
    list_select_related = ("dataset",)
    search_fields = ("path", "program", "dataset__title")

    @admin.display(description="portal")
    def page(self, row: Proposal) -> SafeString:
        """Return the link to the dataset's page."""
        return _link("dataset", row.dataset.slug)


def _link(name: str, *args: object) -> SafeString:
    return format_html('<a href="{}">open</a>', reverse(name, args=args))
