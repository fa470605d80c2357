"""The tables of access requests. One file per subject; constraints first, PROTECT before CASCADE.

Rows of people point at the account and are protected from its deletion: accounts are erased by
domain/erasing.py, which empties them and keeps the evidence.
"""

from __future__ import annotations

from catalogue.access.models.application import (
    Application,
    ApplicationQuerySet,
    Attachment,
    Invitation,
    Item,
    MatchReport,
    Member,
    PersonalAnswer,
    Snapshot,
    TermsAcceptance,
)
from catalogue.access.models.committee import Committee, CommitteeRole, SiteRole, Workflow
from catalogue.access.models.decision import ChainAnchor, Comment, Conflict, Decision, Event, Review
from catalogue.access.models.forms import Form, FormVersion, Terms, TermsVersion
from catalogue.access.models.grant import (
    Block,
    EffectiveRight,
    Grant,
    ScopedToken,
    SigningKey,
    VisaIssue,
)
from catalogue.access.models.mail import MailMessage
from catalogue.access.models.person import ExternalIdentity, Person
from catalogue.access.models.push import RevocationProof, Target, TargetState
from catalogue.access.models.route import AccessRoute, BasketItem, SavedIntent
from catalogue.access.models.sharing import SharingEvent

__all__ = [
    "AccessRoute",
    "Application",
    "ApplicationQuerySet",
    "Attachment",
    "BasketItem",
    "Block",
    "ChainAnchor",
    "Comment",
    "Committee",
    "CommitteeRole",
    "Conflict",
    "Decision",
    "EffectiveRight",
    "Event",
    "ExternalIdentity",
    "Form",
    "FormVersion",
    "Grant",
    "Invitation",
    "Item",
    "MailMessage",
    "MatchReport",
    "Member",
    "Person",
    "PersonalAnswer",
    "Review",
    "RevocationProof",
    "SavedIntent",
    "ScopedToken",
    "SharingEvent",
    "SigningKey",
    "SiteRole",
    "Snapshot",
    "Target",
    "TargetState",
    "Terms",
    "TermsAcceptance",
    "TermsVersion",
    "VisaIssue",
    "Workflow",
]
