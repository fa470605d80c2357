"""Who may do what with applications, items, grants and committees, and why not.

All of it reads access/table.py. `relations_to` says what somebody is to a thing, `explain` why a command
would be refused to them now (None: it would succeed as far as roles, states and conflicts go), `require`
raises the same. Views, the API, templates and the domain use these and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue.access.models import (
    Application,
    Committee,
    CommitteeRole,
    Conflict,
    Grant,
    Item,
    Member,
    Review,
    SiteRole,
)
from catalogue.access.table import COMMANDS, DRAFT_READERS, Command, Relation, Subject
from catalogue.errors import Conflict as StateConflict
from catalogue.errors import NotFound, NotPermitted
from catalogue.models import Dataset, map_minters
from catalogue.policies import roles_of

Thing = Application | Item | Grant | Committee | Dataset | None

_STATE_WORDS = {
    "draft": gettext_lazy("a draft"),
    "returned": gettext_lazy("returned to the applicant"),
    "submitted": gettext_lazy("submitted"),
    "withdrawn": gettext_lazy("withdrawn"),
    "decided": gettext_lazy("decided"),
    "pending": gettext_lazy("waiting for a handler"),
    "in_review": gettext_lazy("in review"),
    "recommended": gettext_lazy("recommended for decision"),
    "approved": gettext_lazy("approved"),
    "rejected": gettext_lazy("refused"),
    "pending_terms": gettext_lazy("waiting for the terms to be accepted"),
    "active": gettext_lazy("active"),
    "suspended": gettext_lazy("suspended"),
    "revoked": gettext_lazy("revoked"),
    "expired": gettext_lazy("expired"),
    "relinquished": gettext_lazy("given back"),
    "superseded": gettext_lazy("followed by a newer one"),
}
_COMMITTEE_RELATIONS = {
    CommitteeRole.Role.HANDLER: Relation.HANDLER,
    CommitteeRole.Role.DECIDER: Relation.DECIDER,
    CommitteeRole.Role.MANAGER: Relation.MANAGER,
    CommitteeRole.Role.AUDITOR: Relation.COMMITTEE_AUDITOR,
}
_SITE_RELATIONS = {SiteRole.Role.AUDITOR: Relation.AUDITOR, SiteRole.Role.SECURITY: Relation.SECURITY}
# What makes somebody know of an application at all.
_INSIDERS = frozenset(
    {
        Relation.APPLICANT,
        Relation.MEMBER,
        Relation.HANDLER,
        Relation.DECIDER,
        Relation.REVIEWER,
        Relation.COMMITTEE_AUDITOR,
        Relation.AUDITOR,
    }
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a command would be refused. `is_hidden`: the asker may not know that the thing exists."""

    code: str  # hidden, role, state, conflict
    message: str

    @property
    def is_hidden(self) -> bool:
        """Whether the answer is that there is no such thing."""
        return self.code == "hidden"


def site_relations(user: Any) -> frozenset[Relation]:
    """Return what somebody is to the site as a whole."""
    if not (getattr(user, "is_authenticated", False) and user.is_active):
        return frozenset({Relation.VISITOR})
    roles = roles_of(user)
    found = {Relation.ACCOUNT}
    if roles.is_chief:
        found.add(Relation.CHIEF)
    if roles.is_operator:
        found.add(Relation.OPERATOR)
    found |= {_SITE_RELATIONS[SiteRole.Role(row)] for row in user.site_roles.values_list("role", flat=True)}
    return frozenset(found)


def committee_relations(user: Any, committees: Any) -> frozenset[Relation]:
    """Return what somebody is now in any of the committees given (a committee, or ids)."""
    ids = [committees.pk] if isinstance(committees, Committee) else committees
    return frozenset(
        relation
        for role in roles_now(user).filter(committee__in=ids).values_list("role", flat=True).distinct()
        if (relation := _COMMITTEE_RELATIONS.get(CommitteeRole.Role(role))) is not None
    )


def roles_now(user: Any) -> Any:
    """Return the committee roles that somebody has at this moment."""
    now = timezone.now()
    if not (getattr(user, "is_authenticated", False) and user.is_active):
        return CommitteeRole.objects.none()
    return CommitteeRole.objects.filter(user=user, starts_at__lte=now).filter(
        Q(ends_at__isnull=True) | Q(ends_at__gt=now)
    )


def relations_to(user: Any, thing: Thing) -> frozenset[Relation]:
    """Return what somebody is to an application, item, grant, committee, dataset or (None) the site."""
    found = set(site_relations(user))
    if Relation.VISITOR in found or thing is None:
        return frozenset(found)
    if isinstance(thing, Committee):
        return frozenset(found | committee_relations(user, thing))
    if isinstance(thing, Dataset):
        # Whoever may mint for it speaks for it: the publisher it was published for, else the one it names.
        if (mine := roles_of(user).publishers) and map_minters([thing])[thing.pk] in mine:
            found.add(Relation.STEWARD)
        return frozenset(found)
    item: Item | None = thing if isinstance(thing, Item) else None
    if isinstance(thing, Grant):
        if thing.user_id == user.pk:
            found.add(Relation.HOLDER)
        item = thing.item
    application = item.application if item is not None else thing
    if not isinstance(application, Application):
        raise TypeError(f"{thing!r} is nothing that one has relations to")
    if application.applicant_id == user.pk:
        found.add(Relation.APPLICANT)
    if Member.objects.filter(application=application, user=user, state=Member.State.JOINED).exists():
        found.add(Relation.MEMBER)
    if application.submitted_at is None and not isinstance(thing, Grant):
        # Nobody else knows of a draft, whatever their roles.
        return frozenset(found & {*DRAFT_READERS, Relation.ACCOUNT})
    committees = (
        [item.committee_id]
        if item is not None
        else list(application.items.values_list("committee_id", flat=True).distinct())
    )
    found |= committee_relations(user, committees) - {Relation.MANAGER}
    reviews = Review.objects.filter(reviewer=user, is_open=True)
    reviews = reviews.filter(item=item) if item is not None else reviews.filter(item__application=application)
    if reviews.exists():
        found.add(Relation.REVIEWER)
    return frozenset(found)


def has_conflict(user: Any, application: Application) -> bool:
    """Whether somebody must not act on an application (I2).

    The applicant, members (whoever joined, even if they left since), whoever declared or was declared to
    have a conflict, another account of the same ORCID iD, and, where the committee says so, of the same
    organisation.
    """
    if application.applicant_id == user.pk:
        return True
    if Member.objects.filter(application=application, user=user).exists():
        return True
    members = Member.objects.filter(application=application, state=Member.State.JOINED)
    if Conflict.objects.filter(user=user, application=application).exists():
        return True
    person = getattr(user, "person", None)
    if person is None:
        return False
    asking = Q(user=application.applicant_id) | Q(user__in=members.values("user"))
    others = type(person).objects.filter(asking)
    if person.orcid and others.filter(orcid=person.orcid).exists():
        return True
    if not person.ror or not others.filter(ror=person.ror).exists():
        return False
    strict = application.items.filter(committee__same_ror_conflicts=True)
    serving = roles_now(user).filter(committee__in=application.items.values("committee"))
    # A reviewer from outside has no role in any of the committees: one that is strict is enough.
    return strict.filter(committee__in=serving.values("committee")).exists() if serving else strict.exists()


def conflicted_among(user: Any, application_ids: Any) -> frozenset[Any]:
    """Return which of these applications somebody must not act on: `has_conflict` for many, in a few queries."""
    ids = set(application_ids)
    if not ids or not getattr(user, "is_authenticated", False):
        return frozenset()
    applications = Application.objects.filter(pk__in=ids)
    joined = Q(members__user=user, members__state=Member.State.JOINED)
    found = set(applications.filter(Q(applicant=user) | joined).values_list("pk", flat=True))
    found |= set(
        Conflict.objects.filter(user=user, application__in=ids).values_list("application", flat=True)
    )
    person = getattr(user, "person", None)
    if person is None:
        return frozenset(found)
    twins = _asked_by(applications, "orcid", person.orcid) if person.orcid else set()
    neighbours = _asked_by(applications, "ror", person.ror) if person.ror else set()
    if neighbours:
        mine = roles_now(user).values("committee")
        strict = Item.objects.filter(
            application__in=neighbours, committee__in=mine, committee__same_ror_conflicts=True
        )
        neighbours = set(strict.values_list("application", flat=True))
    return frozenset(found | twins | neighbours)


def committees_for(user: Any, name: str) -> Any:
    """Return the committees for which a command of the table is somebody's, by role there or on the site."""
    command = COMMANDS[name]
    if site_relations(user) & command.by:
        return Committee.objects.all()
    roles = [role for role, relation in _COMMITTEE_RELATIONS.items() if relation in command.by]
    return Committee.objects.filter(pk__in=roles_now(user).filter(role__in=roles).values("committee"))


class Standing:
    """What somebody is to one thing, looked up once for many questions. Only for as long as nothing changes."""

    def __init__(self, user: Any, thing: Thing = None) -> None:
        self.user = user
        self.thing = thing
        self.application = _application_of(thing)

    @cached_property
    def relations(self) -> frozenset[Relation]:
        """What they are to it."""
        return relations_to(self.user, self.thing)

    @cached_property
    def is_conflicted(self) -> bool:
        """Whether they have a conflict of interest."""
        return self.application is not None and has_conflict(self.user, self.application)

    def explain(self, name: str) -> Refusal | None:
        """Return why a command would be refused now, or None. Raises KeyError for one not in the table."""
        command, thing = COMMANDS[name], self.thing
        if not self.relations & command.by:
            return _refuse_role(command, thing, self.relations)
        if command.states and _state_of(command, thing) not in command.states:
            return Refusal("state", _why_state(command, thing))
        if command.subject == Subject.ITEM and isinstance(thing, Item) and name != "withdraw_item":
            paused = thing.application.state != Application.State.SUBMITTED
            if paused and thing.state in Item.OPEN:
                return Refusal(
                    "state",
                    _("The application is %(state)s: what is asked for may still change.")
                    % {"state": _STATE_WORDS[thing.application.state]},
                )
        if command.impartial and self.is_conflicted:
            return Refusal(
                "conflict",
                _("You have a conflict of interest in this application. A colleague has to do this."),
            )
        return None


def explain(user: Any, name: str, thing: Thing = None) -> Refusal | None:
    """Return why the command would be refused to the user now, or None; for several, see `Standing`."""
    return Standing(user, thing).explain(name)


def require(user: Any, name: str, thing: Thing = None) -> None:
    """Raise NotFound, NotPermitted or Conflict where `explain` finds a reason."""
    refusal = explain(user, name, thing)
    if refusal is None:
        return
    if refusal.is_hidden:
        raise NotFound(refusal.message)
    if refusal.code == "state":
        raise StateConflict(refusal.message)
    raise NotPermitted(refusal.message)


def can(user: Any, name: str, thing: Thing = None) -> bool:
    """Whether the command would not be refused."""
    return explain(user, name, thing) is None


def items_for(user: Any, application: Application) -> Any:
    """Return the items of an application that somebody may see: all to its people, else those they serve."""
    relations = relations_to(user, application)
    items = application.items.select_related("dataset", "committee", "workflow")
    if relations & {Relation.APPLICANT, Relation.MEMBER, Relation.AUDITOR}:
        return items
    serving = roles_now(user).filter(role__in=("handler", "decider", "auditor")).values("committee")
    reviewing = Review.objects.filter(reviewer=user, is_open=True).values("item")
    return items.filter(Q(committee__in=serving) | Q(pk__in=reviewing))


def is_insider(relations: frozenset[Relation]) -> bool:
    """Whether somebody with these relations may know that an application exists."""
    return bool(relations & _INSIDERS)


def _asked_by(applications: Any, field: str, value: str) -> set[Any]:
    """Return the ids of applications that a person with this ORCID iD or ROR asks in."""
    asking = Q(**{f"applicant__person__{field}": value})
    joined = Q(**{f"members__user__person__{field}": value, "members__state": Member.State.JOINED})
    return set(applications.filter(asking | joined).values_list("pk", flat=True))


def _refuse_role(command: Command, thing: Thing, relations: frozenset[Relation]) -> Refusal:
    if Relation.VISITOR in relations:
        return Refusal("role", _("Sign in first."))
    knows = isinstance(thing, Committee | Dataset) or thing is None or is_insider(relations)
    if isinstance(thing, Grant):
        knows = bool(relations & COMMANDS["read_grant"].by)
    if not knows:
        return Refusal("hidden", _("There is no such thing, or it is not yours to know of."))
    return Refusal("role", _("Your role does not allow this."))


def _state_of(command: Command, thing: Thing) -> str:
    if command.subject == Subject.APPLICATION:
        application = _application_of(thing)
        return application.state if application is not None else ""
    return thing.state if isinstance(thing, Item | Grant) else ""


def _why_state(command: Command, thing: Thing) -> str:
    state = _state_of(command, thing)
    wanted = " / ".join(str(_STATE_WORDS[word]) for word in sorted(command.states))
    return _("It is %(state)s; this needs it to be: %(wanted)s.") % {
        "state": _STATE_WORDS.get(state, state),
        "wanted": wanted,
    }


def _application_of(thing: Thing) -> Application | None:
    if isinstance(thing, Application):
        return thing
    if isinstance(thing, Item):
        return thing.application
    return thing.item.application if isinstance(thing, Grant) else None
