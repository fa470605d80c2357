"""What to ask of the registry next, and whether it has what is wanted. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from catalogue.domain.doi_target import Target
from catalogue.exports.datacite_fingerprint import fingerprint_metadata, list_differences
from catalogue.integrations.datacite import Event, RemoteDoi
from catalogue.models import Doi

Action = Literal["", "reserve", "publish", "update", "hide", "drop"]

EVENTS: dict[str, Event] = {"publish": "publish", "hide": "hide"}
_STATE_WANTED = {
    Doi.Desired.FINDABLE: "findable",
    Doi.Desired.HIDDEN: "registered",
    Doi.Desired.RESERVED: "draft",
}


@dataclass(frozen=True, slots=True)
class Shortfall:
    """How the registry falls short of what is wanted, in the words that a steward is shown."""

    kind: Doi.ErrorKind
    title: str
    source: str = ""


def choose_action(target: Target, remote: RemoteDoi | None, handle: str, *, handle_was_wrong: bool) -> Action:
    """Return what to do about a DOI that the registry shows like this, "" for nothing.

    A handle follows its DOI after a while, so that it is only sent anew when it was wrong the last time, too.
    """
    if target.state == Doi.Desired.NONE:
        return "drop" if remote is not None and remote.state == "draft" else ""
    if target.state == Doi.Desired.RESERVED:
        return "reserve" if remote is None else ""
    if target.state == Doi.Desired.HIDDEN:
        return "hide" if remote is not None and remote.state == "findable" else ""
    if remote is None or remote.state != "findable":
        return "publish"
    if remote.url != target.url or fingerprint_metadata(dict(remote.metadata)) != target.digest:
        return "update"
    return "update" if handle != target.url and handle_was_wrong else ""


def find_shortfall(target: Target, remote: RemoteDoi | None, handle: str) -> Shortfall | None:
    """Return how the registry falls short of what is wanted, None where it has it."""
    if target.state == Doi.Desired.NONE:
        return _still_there(remote)
    if target.state == Doi.Desired.HIDDEN and (remote is None or remote.state == "draft"):
        return None  # nobody ever saw it
    wanted = _STATE_WANTED[target.state]
    if remote is None or remote.state != wanted:
        found = remote.state if remote else "absent"
        return Shortfall(
            Doi.ErrorKind.MISMATCH, f"The registry said yes, but the DOI is {found}, not {wanted}.", "state"
        )
    if target.state == Doi.Desired.FINDABLE:
        if remote.url != target.url:
            return Shortfall(Doi.ErrorKind.MISMATCH, f"The registry has another address: {remote.url}", "url")
        if different := list_differences(target.metadata, dict(remote.metadata)):
            names = ", ".join(different)
            return Shortfall(
                Doi.ErrorKind.MISMATCH, f"The registry shows something else in {names}.", different[0]
            )
    if target.state != Doi.Desired.RESERVED and handle != target.url:
        where = f"resolves to {handle}" if handle else "does not resolve yet"
        return Shortfall(Doi.ErrorKind.HANDLE, f"The DOI {where}.", "handle")
    return None


def _still_there(remote: RemoteDoi | None) -> Shortfall | None:
    if remote is None:
        return None
    if remote.state == "draft":
        return Shortfall(
            Doi.ErrorKind.MISMATCH, "The registry said yes, but the draft is still there.", "state"
        )
    return Shortfall(
        Doi.ErrorKind.REFUSED,
        f"The DOI is {remote.state}: it can be withdrawn, but no longer dropped.",
        "state",
    )
