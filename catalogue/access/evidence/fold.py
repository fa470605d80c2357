"""The state of an application, its items and grants as its log tells it (I6: state = fold(events)).

It knows the events and nothing of the tables; a nightly job compares what it finds with them. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

_APPLICATION_AFTER = {
    "created": "draft",
    "submitted": "submitted",
    "returned": "returned",
    "withdrawn": "withdrawn",
    "given_up": "withdrawn",
    "decided": "decided",
}
_ITEM_AFTER = {
    "taken": "in_review",
    "recommended": "recommended",
    "approved": "approved",
    "rejected": "rejected",
    "item_withdrawn": "withdrawn",
}
_GRANT_AFTER = {
    "granted": "pending_terms",
    "terms_accepted": "active",
    "suspended": "suspended",
    "reinstated": "active",
    "revoked": "revoked",
    "expired": "expired",
    "relinquished": "relinquished",
    "superseded": "superseded",
}
# Events that change no state.
_SILENT = frozenset(
    {
        "saved", "item_added", "item_removed", "member_invited", "member_joined", "member_removed",
        "member_left", "applicant_changed", "commented", "noted", "conflict_declared", "reviewer_invited",
        "reviewed", "voted", "match_overridden", "downloaded", "handed_off", "reminded", "blocked",
        "block_lifted", "terms_read", "erased", "file_attached", "file_removed",
    }
)  # fmt: skip


@dataclass(slots=True)
class Folded:
    """What the log says. Keys are ids as text."""

    state: str = ""
    items: dict[str, str] = field(default_factory=dict)
    grants: dict[str, str] = field(default_factory=dict)
    snapshot: str = ""
    unknown: list[str] = field(default_factory=list)


def fold(events: Iterable[tuple[str, str, Mapping[str, Any]]]) -> Folded:
    """Return the state after (type, item id, body) events in order. Never raises."""
    folded = Folded()
    for kind, item, body in events:
        if kind in _APPLICATION_AFTER:
            folded.state = _APPLICATION_AFTER[kind]
            _fold_items(folded, kind, body)
        elif kind in _ITEM_AFTER:
            folded.items[item] = _ITEM_AFTER[kind]
        elif kind in _GRANT_AFTER:
            folded.grants[str(body.get("grant", ""))] = _GRANT_AFTER[kind]
        elif kind not in _SILENT:
            folded.unknown.append(kind)
    return folded


def _fold_items(folded: Folded, kind: str, body: Mapping[str, Any]) -> None:
    """An application's events carry its open items along."""
    if kind == "submitted":
        folded.snapshot = str(body.get("snapshot", ""))
        for item in body.get("pending", ()):
            folded.items[str(item)] = "pending"
        for item in body.get("in_review", ()):
            folded.items[str(item)] = "in_review"
    elif kind in {"withdrawn", "given_up"}:
        for item in body.get("items", ()):
            folded.items[str(item)] = "withdrawn"
