"""`/access/applications`: asking, and everything that is done with an application as a whole."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from catalogue.access.api.bodies import (
    AccessReasonSerializer,
    AccountSerializer,
    ChangeItemsSerializer,
    CodeSerializer,
    ConflictSerializer,
    EmailSerializer,
    HashesSerializer,
    MaybeReasonSerializer,
    NewApplicationSerializer,
    NothingSerializer,
    SaveApplicationSerializer,
    TextSerializer,
)
from catalogue.access.api.commands import (
    IF_MATCH,
    PROBLEMS,
    TAGS,
    Call,
    CommandRoute,
    make_view,
    read_version,
)
from catalogue.access.api.permissions import IsSignedIn, asker
from catalogue.access.api.serializers import (
    ApplicationPageSerializer,
    ApplicationSerializer,
    EventPageSerializer,
    InvitedSerializer,
    SnapshotSerializer,
)
from catalogue.access.api.showing import find_application, show_application, show_summary
from catalogue.access.domain.applications import (
    change_items,
    delete_draft,
    save_application,
    start_application,
    withdraw_application,
)
from catalogue.access.domain.conflicts import add_comment, declare_conflict, find_colleague
from catalogue.access.domain.evidence import make_evidence
from catalogue.access.domain.handling import change_applicant, return_application
from catalogue.access.domain.invitations import (
    accept_invitation,
    invite_member,
    leave_application,
    remove_member,
)
from catalogue.access.domain.submitting import submit_application
from catalogue.access.domain.terms import accept_terms
from catalogue.access.models import Application, Event, Member, Snapshot
from catalogue.access.policies import can, items_for, require
from catalogue.api.lookup import find_dataset
from catalogue.api.paging import Keyset, answer_page, take_page
from catalogue.api.parameters import read_choice
from catalogue.api.schema import PAGING, describe, path_parameter
from catalogue.api.view import ApiView
from catalogue.errors import InvalidRecord, NotFound, Violation
from catalogue.models import User

APPLICATION_ID = path_parameter("application_id", "The application's id.", "", uuid.UUID)


def answer_application(application: Application, user: Any, status: int = 200) -> Response:
    """Return the answer with a whole application, its version as ETag."""
    row = show_application(find_application(application.pk, user), user)
    headers = {"ETag": f'"{row.version}"'}
    if status == 201:
        headers["Location"] = row.api_url
    return Response(ApplicationSerializer(row).data, status=status, headers=headers)


class ApplicationsView(ApiView):
    """Applications that the asker may know of."""

    parameters = ("state", "limit", "cursor")
    permission_classes = (IsSignedIn,)

    @describe(
        "List applications",
        ApplicationPageSerializer,
        operation="listApplications",
        tags=TAGS,
        description="Own and joined ones, and those that you serve or audit. The newest change first.",
        parameters=[*PAGING],
        problems=(401,),
    )
    def get(self, request: Request) -> Response:
        """Answer with one page."""
        rows = Application.objects.visible_to(request.user)
        state = read_choice(request.query_params, "state", [*Application.State.values, "any"], "any")
        rows = rows if state == "any" else rows.filter(state=state)
        page = take_page(request, rows, Keyset(("changed_at", "id"), is_descending=True))
        return answer_page(request, page, [show_summary(row) for row in page.rows], ApplicationPageSerializer)

    @describe(
        "Begin an application",
        ApplicationSerializer,
        operation="beginApplication",
        tags=TAGS,
        description="For datasets that are asked for here. Forms and terms are pinned as they are now.",
        status=201,
        request=NewApplicationSerializer,
        body_example={"datasets": ["lakes-of-sweden"], "title": "Warm lakes"},
        problems=PROBLEMS,
    )
    def post(self, request: Request) -> Response:
        """Begin it."""
        form = NewApplicationSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        values = form.validated_data
        datasets = [find_dataset(key, request.user) for key in values["datasets"]]
        application = start_application(
            datasets, by=asker(request), title=values["title"], intent=values.get("intent")
        )
        return answer_application(application, request.user, 201)


class ApplicationView(ApiView):
    """One application."""

    permission_classes = (IsSignedIn,)

    @describe(
        "Read an application",
        ApplicationSerializer,
        operation="readApplication",
        tags=TAGS,
        description="Its ETag is what changes ask for as If-Match; `may` names the commands you may give.",
        parameters=[APPLICATION_ID],
        problems=(401, 404),
    )
    def get(self, request: Request, application_id: uuid.UUID) -> Response:
        """Answer with it."""
        return answer_application(find_application(application_id, request.user), request.user)

    @describe(
        "Save a draft",
        ApplicationSerializer,
        operation="saveApplication",
        tags=TAGS,
        description="Answers, title or intent; what is left out stays. Complete or not.",
        parameters=[APPLICATION_ID, IF_MATCH],
        request=SaveApplicationSerializer,
        body_example={"answers": {"shared": {"purpose": "To see lakes warm."}, "datasets": {}}},
        problems=(*PROBLEMS, 412, 428),
    )
    def patch(self, request: Request, application_id: uuid.UUID) -> Response:
        """Save it."""
        application = find_application(application_id, request.user)
        version = read_version(request)
        form = SaveApplicationSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        _refuse_others(request.data, form)
        saved = save_application(application, by=asker(request), version=version, **form.validated_data)
        return answer_application(saved, request.user)

    @describe(
        "Delete a draft",
        None,
        operation="deleteApplication",
        tags=TAGS,
        description="Only one that was never submitted; others are withdrawn.",
        status=204,
        parameters=[APPLICATION_ID],
        problems=(401, 403, 404, 409),
    )
    def delete(self, request: Request, application_id: uuid.UUID) -> Response:
        """Delete it."""
        delete_draft(find_application(application_id, request.user), by=asker(request))
        return Response(status=204)


class ApplicationEventsView(ApiView):
    """The log of an application."""

    parameters = ("limit", "cursor")
    permission_classes = (IsSignedIn,)

    @describe(
        "Read the log of an application",
        EventPageSerializer,
        operation="listApplicationEvents",
        tags=TAGS,
        description="Each entry carries the hash that chains it to the one before. Private ones are the committee's.",
        parameters=[APPLICATION_ID, *PAGING],
        problems=(401, 404),
    )
    def get(self, request: Request, application_id: uuid.UUID) -> Response:
        """Answer with one page."""
        application = find_application(application_id, request.user)
        rows = Event.objects.filter(application=application)
        if not can(request.user, "read_log", application):
            rows = rows.filter(is_public=True)
        page = take_page(request, rows, Keyset(("seq",)))
        return answer_page(request, page, page.rows, EventPageSerializer)


class SnapshotView(ApiView):
    """One round of an application as it was submitted."""

    permission_classes = (IsSignedIn,)

    @describe(
        "Read what was submitted",
        SnapshotSerializer,
        operation="readSnapshot",
        tags=TAGS,
        description="The canonical content whose hash decisions name. Personal answers are commitments in it.",
        parameters=[APPLICATION_ID, path_parameter("number", "The round, from 1.", "1", int)],
        problems=(401, 404),
    )
    def get(self, request: Request, application_id: uuid.UUID, number: int) -> Response:
        """Answer with it."""
        application = find_application(application_id, request.user)
        require(request.user, "read_evidence", application)
        snapshot = Snapshot.objects.filter(application=application, number=min(number, 10**6)).first()
        seen = items_for(request.user, application).count()
        if snapshot is None or seen < application.items.count():
            raise NotFound("There is no such round, or it also holds what other committees decide on.")
        return Response(
            SnapshotSerializer(
                {
                    "number": snapshot.number,
                    "sha256": snapshot.sha256,
                    "submitted_at": snapshot.submitted_at,
                    "content": json.loads(snapshot.canonical_json),
                }
            ).data
        )


class EvidenceView(ApiView):
    """The evidence of an application."""

    permission_classes = (IsSignedIn,)

    @describe(
        "Fetch the evidence of an application",
        None,
        media_types=("application/zip",),
        operation="fetchEvidence",
        tags=TAGS,
        description=(
            "A ZIP archive: what was submitted, decided and logged, the letters, and a signature. "
            "`python -m catalogue.access.evidence.verify FILE` checks it without a network."
        ),
        parameters=[APPLICATION_ID],
        problems=(401, 403, 404, 409),
    )
    def get(self, request: Request, application_id: uuid.UUID) -> HttpResponse:
        """Answer with the archive."""
        application = find_application(application_id, request.user)
        response = HttpResponse(make_evidence(application, asker(request)), content_type="application/zip")
        response.headers["Content-Disposition"] = f'attachment; filename="evidence-{application.number}.zip"'
        response.headers["Cache-Control"] = "private, no-store"
        return response


class MemberRemoveView(ApiView):
    """Taking a member out."""

    permission_classes = (IsSignedIn,)

    @describe(
        "Take a member out",
        None,
        operation="removeMember",
        tags=TAGS,
        description="Rights that the member has from this application end.",
        status=204,
        parameters=[APPLICATION_ID, path_parameter("member_id", "The member's number.", "", int)],
        problems=(401, 403, 404, 409),
    )
    def delete(self, request: Request, application_id: uuid.UUID, member_id: int) -> Response:
        """Take the member out."""
        application = find_application(application_id, request.user)
        member = Member.objects.filter(application=application, pk=min(member_id, 2**63 - 1)).first()
        if member is None:
            raise NotFound("There is no such member.")
        remove_member(member, by=asker(request))
        return Response(status=204)


class JoinView(ApiView):
    """Using an invitation."""

    permission_classes = (IsSignedIn,)

    @describe(
        "Use an invitation",
        ApplicationSerializer,
        operation="acceptInvitation",
        tags=TAGS,
        description="By the code that was handed over. Unknown, used and expired ones are answered alike.",
        request=CodeSerializer,
        body_example={"code": "the code"},
        problems=(401, 404, 409),
    )
    def post(self, request: Request) -> Response:
        """Join, or begin to review."""
        form = CodeSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        values = form.validated_data
        application = accept_invitation(
            by=asker(request), code=values["code"], invitation_id=values.get("invitation")
        )
        return answer_application(application, request.user)


def _invite(call: Call) -> str:
    return invite_member(call.thing, call.values["email"], by=call.user)[1]


def _leave(call: Call) -> None:
    leave_application(call.thing, by=call.user)


def _comment(is_public: bool) -> Any:
    def act(call: Call) -> Application:
        items = items_for(call.user, call.thing)
        item = items.filter(pk=call.values["item"]).first() if "item" in call.values else None
        add_comment(call.thing, by=call.user, text=call.values["text"], is_public=is_public, item=item)
        application: Application = call.thing
        return application

    return act


def _declare(call: Call) -> Application:
    about = find_colleague(call.values["about"], by=call.user) if call.values.get("about") else None
    declare_conflict(call.thing, by=call.user, note=call.values["note"], about=about)
    application: Application = call.thing
    return application


def find_account(username: str) -> User | None:
    """Return an account by its name; the commands answer None as they answer a stranger to the thing."""
    return User.objects.filter(username=username, is_active=True).first()


def read_hashes(values: dict[str, Any]) -> dict[int, str]:
    """Return {terms version id: hash}. Raises InvalidRecord for keys that are no numbers."""
    wrong = [key for key in values["terms"] if not (key.isdigit() and len(key) < 19)]
    if wrong:
        raise InvalidRecord(
            "The terms cannot be read.",
            (Violation("terms", "Use the ids of the terms as keys.", wrong[0][:40]),),
        )
    return {int(key): value for key, value in values["terms"].items()}


ROUTES = (
    CommandRoute(
        "submit",
        "Submit an application",
        NothingSerializer,
        lambda c: submit_application(c.thing, by=c.user, version=c.version),
        needs_version=True,
        description="Everything that is missing or wrong is named at once (422).",
    ),
    CommandRoute(
        "items",
        "Add datasets, or take some out",
        ChangeItemsSerializer,
        lambda c: change_items(
            c.thing,
            by=c.user,
            version=c.version,
            add=[find_dataset(key, c.user) for key in c.values["add"]],
            remove=c.values["remove"],
        ),
        needs_version=True,
    ),
    CommandRoute(
        "withdraw",
        "Withdraw an application",
        MaybeReasonSerializer,
        lambda c: withdraw_application(c.thing, by=c.user, reason=c.values["reason"]),
    ),
    CommandRoute(
        "return",
        "Ask the applicant back",
        AccessReasonSerializer,
        lambda c: return_application(c.thing, by=c.user, reason=c.values["reason"]),
    ),
    CommandRoute(
        "change-applicant",
        "Make a member the applicant",
        AccountSerializer,
        lambda c: change_applicant(c.thing, find_account(c.values["username"]), by=c.user),
    ),
    CommandRoute(
        "accept-terms",
        "Accept terms",
        HashesSerializer,
        lambda c: accept_terms(c.thing, read_hashes(c.values), by=c.user),
        description="Each by the hash of the words that were read. Rights that waited for them begin.",
        example={"terms": {"1": "0" * 64}},
    ),
    CommandRoute(
        "invite",
        "Invite a member",
        EmailSerializer,
        _invite,
        answer=lambda code, _user: Response(InvitedSerializer({"code": code}).data),
        answer_schema=InvitedSerializer,
        description=(
            "They get a mail without a code, and join with a verified address, or with the code that is "
            "answered here once. The answer is the same whether or not the address is known."
        ),
        example={"email": "name@example.org"},
    ),
    CommandRoute(
        "leave",
        "Leave an application",
        NothingSerializer,
        _leave,
        answer=lambda _done, _user: Response(status=204),
        status=204,
        description="As a member; rights from it are given back.",
    ),
    CommandRoute("comment", "Say something to everybody", TextSerializer, _comment(True)),
    CommandRoute("note", "Write a note for the committee", TextSerializer, _comment(False)),
    CommandRoute(
        "declare-conflict",
        "Declare a conflict of interest",
        ConflictSerializer,
        _declare,
        answer=lambda _done, _user: Response(status=204),
        status=204,
        description=(
            "One's own, or that of a colleague. What they held goes on to others; a reviewer who declares one "
            "no longer sees the application."
        ),
    ),
)
COMMAND_VIEWS = {
    route.name: make_view(
        route,
        parameter="application_id",
        find=find_application,
        answer=answer_application,
        schema=ApplicationSerializer,
        noun="application",
    )
    for route in ROUTES
}


def _refuse_others(data: Any, form: Any) -> None:
    """Raise InvalidRecord for fields that nobody may set here: state, applicant, end ..."""
    others = set(data) - set(form.fields)
    if others:
        raise InvalidRecord(
            "The body has fields that cannot be set.",
            tuple(Violation(name, "Leave it out; commands change it.") for name in sorted(others)),
        )
