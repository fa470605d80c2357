"""`/runs`: harvests, asked for, watched, stopped and undone. Operators only."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from catalogue.api.lookup import find_run, find_source
from catalogue.api.paging import Keyset, answer_page, take_page
from catalogue.api.permissions import MayOperateSources, MaySeeRuns
from catalogue.api.schema import PAGING, describe, path_parameter
from catalogue.api.serializers.pages import page_of
from catalogue.api.serializers.sources import (
    NewRunSerializer,
    RunFailureSerializer,
    RunSerializer,
    UndoneSerializer,
)
from catalogue.api.summary import build_url
from catalogue.api.view import ApiView
from catalogue.api.views.sources import SLUG
from catalogue.domain.runs import request_run, request_stop
from catalogue.domain.undo import undo_run
from catalogue.errors import Conflict
from catalogue.models import Run
from catalogue.tasks import nudge_harvest, nudge_projection

RunPageSerializer = page_of(RunSerializer, "RunPage")
RunFailurePageSerializer = page_of(RunFailureSerializer, "RunFailurePage")
_NUMBER = path_parameter("run_id", "The run's number.", "", int)
_TAGS = ["Runs"]
_MINE = (401, 403, 404)


class SourceRunsView(ApiView):
    """Runs of a source."""

    parameters = ("limit", "cursor")
    permission_classes = (MaySeeRuns, MayOperateSources)

    @describe(
        "List the runs of a source",
        RunPageSerializer,
        operation="listRuns",
        tags=_TAGS,
        description="For operators. The newest first.",
        parameters=[SLUG, *PAGING],
        problems=_MINE,
    )
    def get(self, request: Request, slug: str) -> Response:
        """Answer with one page."""
        rows = find_source(slug).runs.select_related("source", "requested_by")
        page = take_page(request, rows, Keyset(("id",), is_descending=True))
        return answer_page(request, page, [add_addresses(run) for run in page.rows], RunPageSerializer)

    @describe(
        "Ask for a run",
        RunSerializer,
        operation="startRun",
        tags=_TAGS,
        description=(
            "For operators. A harvest that is open already is returned instead of a second one, as it was "
            "asked for; one that broke off less than a day ago goes on where it stood."
        ),
        status=202,
        parameters=[SLUG],
        request=NewRunSerializer,
        body_example={"kind": "preview", "limit": 200},
        problems=_MINE,
    )
    def post(self, request: Request, slug: str) -> Response:
        """Ask for the run of the body."""
        source = find_source(slug)
        form = NewRunSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        run = request_run(source, by=request.user, **form.validated_data)
        nudge_harvest()
        answer = add_addresses(find_run(run.pk))
        return Response(RunSerializer(answer).data, status=202, headers={"Location": answer.api_url})


class RunView(ApiView):
    """One run."""

    permission_classes = (MaySeeRuns, MayOperateSources)

    @describe(
        "Read a run",
        RunSerializer,
        operation="readRun",
        tags=_TAGS,
        description="For operators.",
        parameters=[_NUMBER],
        problems=_MINE,
    )
    def get(self, request: Request, run_id: int) -> Response:
        """Answer with the run."""
        return Response(RunSerializer(add_addresses(find_run(run_id))).data)


class RunFailuresView(ApiView):
    """What a run could not use."""

    parameters = ("limit", "cursor")
    permission_classes = (MaySeeRuns, MayOperateSources)

    @describe(
        "List what a run could not use",
        RunFailurePageSerializer,
        operation="listRunFailures",
        tags=_TAGS,
        description="For operators. In the order they were met.",
        parameters=[_NUMBER, *PAGING],
        problems=_MINE,
    )
    def get(self, request: Request, run_id: int) -> Response:
        """Answer with one page."""
        page = take_page(request, find_run(run_id).failures.all(), Keyset(("id",)))
        return answer_page(request, page, page.rows, RunFailurePageSerializer)


class StopRunView(ApiView):
    """Stopping a run."""

    permission_classes = (MaySeeRuns, MayOperateSources)

    @describe(
        "Stop a run",
        RunSerializer,
        operation="stopRun",
        tags=_TAGS,
        description="For operators. What it did stays; a running one stops at the end of the page it reads.",
        status=202,
        parameters=[_NUMBER],
        problems=(*_MINE, 409),
    )
    def post(self, request: Request, run_id: int) -> Response:
        """Ask the run to stop."""
        run = find_run(run_id)
        if not run.is_open:
            raise Conflict(f"Run {run_id} has ended already ({run.state}); there is nothing to stop.")
        request_stop(run)
        answer = add_addresses(find_run(run_id))
        return Response(RunSerializer(answer).data, status=202, headers={"Location": answer.api_url})


class UndoRunView(ApiView):
    """Undoing a run."""

    permission_classes = (MaySeeRuns, MayOperateSources)

    @describe(
        "Undo a run",
        UndoneSerializer,
        operation="undoRun",
        tags=_TAGS,
        description="For operators. Every record goes back to what it was before, and the source is paused.",
        parameters=[_NUMBER],
        problems=(*_MINE, 409),
    )
    def post(self, request: Request, run_id: int) -> Response:
        """Undo the run."""
        count = undo_run(find_run(run_id))
        nudge_projection()
        return Response(UndoneSerializer({"records": count, "run": add_addresses(find_run(run_id))}).data)


def add_addresses(run: Run) -> Any:
    """Return the run with the addresses that its serializer shows."""
    row: Any = run
    row.api_url = build_url("api-run", run.pk)
    row.failures_url = build_url("api-run-failures", run.pk)
    row.page = build_url("run", run.source.slug, run.pk)
    return row
