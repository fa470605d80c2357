"""What a dataset's page says of how it is reached: access/domain/reach.py in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from catalogue.access.domain.pace import Pace
from catalogue.access.domain.reach import Reach, describe_reach
from catalogue.access.models import Committee, TermsVersion
from catalogue.models import Dataset
from catalogue.portal.links import host_of, safe_href

ReachWords = tuple[str, str | Promise, str | Promise]
"""Icon, word, meaning."""

_WORDS: dict[str, ReachWords] = {
    "open": ("open", gettext_lazy("Take it"), gettext_lazy("Nobody has to be asked.")),
    "registered": (
        "key",
        gettext_lazy("Sign in there"),
        gettext_lazy("Whoever has an account at the holder's gets the data."),
    ),
    "request": (
        "lock",
        gettext_lazy("Ask for it here"),
        gettext_lazy("A committee decides on each request. You can ask for several datasets at once."),
    ),
    "elsewhere": (
        "external",
        gettext_lazy("Ask for it elsewhere"),
        gettext_lazy("Its holder takes requests, and not through this catalogue."),
    ),
    "rems": (
        "external",
        gettext_lazy("Ask for it in another system"),
        gettext_lazy("Its holder takes requests in a system of its own (REMS)."),
    ),
    "dataspace": (
        "source",
        gettext_lazy("Through a data space"),
        gettext_lazy("A connector of your organisation negotiates a contract and fetches the data."),
    ),
    "none": ("bad", gettext_lazy("Not available"), gettext_lazy("It is described here, and not given out.")),
    "unknown": (
        "question",
        gettext_lazy("Not stated"),
        gettext_lazy("The source does not say. Look there, or ask the contact."),
    ),
}
_FROM_RECORD: dict[str, str | Promise] = {
    "elsewhere": gettext_lazy(
        "The record says that it is not open to all, and not where to ask. Look at the source, or ask the contact."
    ),
}
_ITEM_WORDS = {
    "draft": gettext_lazy("You have begun a request for it."),
    "returned": gettext_lazy("The committee asks you something about your request."),
    "submitted": gettext_lazy("Your request is with the committee."),
}
_RIGHT_WORDS = {
    "effective": gettext_lazy("You have access."),
    "pending_terms": gettext_lazy("It is approved. Accept the terms and your access begins."),
    "suspended": gettext_lazy("Your access is suspended."),
}


@dataclass(frozen=True, slots=True)
class ReachSection:
    """Everything that templates/access/reach.html shows."""

    reach: Reach
    icon: str
    word: str | Promise
    meaning: str | Promise
    decides: str
    pace: str
    terms: Sequence[tuple[str, str]]  # name, words
    right: str | Promise
    request: str | Promise
    href: str
    host: str
    is_in_basket: bool

    @property
    def has_own_action(self) -> bool:
        """Whether the main button is the basket's, and not a link to the data."""
        return self.reach.can_request and self.reach.right is None and self.reach.request is None

    @property
    def is_held_back(self) -> bool:
        """Whether its files are given only to who has a right, and this person has none now."""
        holds = self.reach.right is not None and self.reach.right.state == "effective"
        return self.reach.kind == "request" and not holds

    @property
    def is_data_first(self) -> bool:
        """Whether most visitors want the link to the data, and not to ask for it."""
        holds = self.reach.right is not None and self.reach.right.state == "effective"
        return holds or self.reach.kind in {"open", "unknown"} or not self.reach.is_stated


def build_reach_section(dataset: Dataset, user: Any, *, is_in_basket: bool) -> ReachSection:
    """Return how a dataset is reached, in words. A fixed number of queries."""
    reach = describe_reach(dataset, user)
    icon, word, meaning = _WORDS[reach.kind]
    if not reach.is_stated:
        meaning = _FROM_RECORD.get(reach.kind, meaning)
    href = safe_href(reach.url)
    return ReachSection(
        reach=reach,
        icon=icon,
        word=word,
        meaning=meaning,
        decides=name_committee(reach.committee),
        pace=word_pace(reach.pace, reach.workflow_kind) if reach.committee else "",
        terms=[(version.terms.name, choose_text(version)) for version in reach.terms],
        right=_RIGHT_WORDS.get(reach.right.state, "") if reach.right else "",
        request=_ITEM_WORDS.get(reach.request.state, "") if reach.request else "",
        href=href,
        host=host_of(href) if href else "",
        is_in_basket=is_in_basket,
    )


def name_committee(committee: Committee | None) -> str:
    """Return a committee's name in the page's language, "" for none."""
    if committee is None:
        return ""
    is_swedish = (get_language() or "").startswith("sv")
    return committee.name_sv if is_swedish and committee.name_sv else committee.name


def word_pace(pace: Pace, workflow_kind: str = "") -> str:
    """Return how long a decision takes, in words; that there are too few to tell, where there are."""
    if workflow_kind == "auto":
        return _("At once where your purpose fits its conditions; a person looks at the rest.")
    if pace.median_days is None:
        return _("Too few decisions so far to tell how long it takes.")
    days = ngettext("Usually %(n)d day", "Usually %(n)d days", pace.median_days) % {"n": pace.median_days}
    of = ngettext("median of the last decision", "median of the last %(n)d decisions", pace.decided) % {
        "n": pace.decided
    }
    return f"{days} ({of})."


def choose_text(version: TermsVersion) -> str:
    """Return the words of terms in the page's language, else in one that they are written in."""
    language = (get_language() or "en")[:2]
    texts: dict[str, str] = version.texts
    return texts.get(language) or next(iter(texts.values()), "")
