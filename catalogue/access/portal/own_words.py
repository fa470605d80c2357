"""What the pages of those who ask call the states of requests, datasets and rights, and what comes next."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Tone = tuple[str, str | Promise]
"""An icon's name and words."""

APPLICATION_WORDS: dict[str, Tone] = {
    "draft": ("quiet", _("Being written")),
    "returned": ("warning", _("Waits for your answer")),
    "submitted": ("busy", _("With the committees")),
    "withdrawn": ("quiet", _("Withdrawn")),
    "decided": ("good", _("Decided")),
}
ITEM_WORDS: dict[str, Tone] = {
    "draft": ("quiet", _("Not submitted")),
    "pending": ("busy", _("Waits to be taken up")),
    "in_review": ("busy", _("In review")),
    "recommended": ("busy", _("Soon decided")),
    "approved": ("good", _("Approved")),
    "rejected": ("bad", _("Refused")),
    "withdrawn": ("quiet", _("Withdrawn")),
}
ITEM_NEXT: dict[str, str | Promise] = {
    "draft": _("Submit the request; then the committee sees it."),
    "pending": _("Somebody of the committee takes it up next."),
    "in_review": _("The committee reads it. It may ask you something."),
    "recommended": _("A second person of the committee decides next."),
    "approved": "",
    "rejected": _("You can ask again with another purpose or other answers."),
    "withdrawn": "",
}
GRANT_WORDS: dict[str, Tone] = {
    "pending_terms": ("warning", _("Waits for you to accept the terms")),
    "active": ("good", _("Active")),
    "suspended": ("warning", _("Suspended")),
    "revoked": ("bad", _("Revoked")),
    "expired": ("quiet", _("Ended")),
    "relinquished": ("quiet", _("Given back")),
    "superseded": ("quiet", _("Followed by a newer one")),
}
KIND_WORDS: dict[str, str | Promise] = {
    "new": "",
    "amendment": _("Amendment"),
    "renewal": _("Renewal"),
}
