"""Reading a DOI registry's answers: a DOI, a page of them, a handle, and what went wrong in its own words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from catalogue.errors import UpstreamError
from catalogue.integrations.web import WebAnswer
from catalogue.retry_after import parse_retry_after_s

RegistryState = Literal["draft", "registered", "findable"]
ErrorKind = Literal["unknown", "busy", "credentials", "refused"]

_STATES: tuple[RegistryState, ...] = get_args(RegistryState)
_HANDLE_FOUND, _HANDLE_UNKNOWN, _HANDLE_WITHOUT_URL = 1, 100, 200
_WORDS: dict[ErrorKind, str] = {
    "unknown": "The registry did not answer as it should; whether it acted is not known.",
    "busy": "The registry asks to be left alone for a while.",
    "credentials": "The registry does not accept the account's name and password for this.",
    "refused": "The registry refuses this.",
}


class RegistryError(UpstreamError):
    """A registry failed or said no.

    `kind`: `unknown` (no answer or no sense in it: look before acting again), `busy` (not done; wait for
    `retry_after_s`), `credentials` (an operator has to act), `refused` (will be refused until what is sent is
    another). `source` and `title` are the registry's own words for the field and the reason, `status` its HTTP
    status, None where no answer came.
    """

    def __init__(
        self,
        message: str,
        *,
        kind: ErrorKind,
        source: str = "",
        title: str = "",
        status: int | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message, retryable=kind in ("unknown", "busy"), retry_after_s=retry_after_s)
        self.kind = kind
        self.source = source
        self.title = title
        self.status = status


@dataclass(frozen=True, slots=True)
class RemoteDoi:
    """A DOI as the registry shows it; `metadata` is all that it says, its own additions included."""

    doi: str
    state: RegistryState
    url: str
    metadata: Mapping[str, Any]


def read_doi(answer: WebAnswer, doi: str) -> RemoteDoi:
    """Return the DOI of an answer. Raises RegistryError (unknown) where it is not that of this DOI."""
    document = answer.read_json()
    remote = _read_item(document.get("data")) if isinstance(document, dict) else None
    if remote is None or remote.doi != doi.lower():
        raise _nonsense(answer)
    return remote


def read_page(answer: WebAnswer) -> tuple[list[RemoteDoi], str]:
    """Return the DOIs of a page and the next page's address, "" for the last.

    Raises RegistryError (unknown) where the answer is no page.
    """
    document = answer.read_json()
    items = document.get("data") if isinstance(document, dict) else None
    if not isinstance(document, dict) or not isinstance(items, list):
        raise _nonsense(answer)
    found = [remote for item in items if (remote := _read_item(item))]
    if items and not found:  # a single one may be in a state that is no longer used
        raise _nonsense(answer)
    links = document.get("links")
    following = links.get("next") if isinstance(links, dict) else None
    return found, str(following or "")


def read_handle(answer: WebAnswer) -> str:
    """Return the URL that a handle has, "" where it has none. Raises RegistryError (unknown) for any other answer."""
    document = answer.read_json()
    code = document.get("responseCode") if isinstance(document, dict) else None
    if code in (_HANDLE_UNKNOWN, _HANDLE_WITHOUT_URL):
        return ""
    if not isinstance(document, dict) or code != _HANDLE_FOUND:
        raise _nonsense(answer)
    for value in document.get("values") or []:
        if isinstance(value, dict) and value.get("type") == "URL":
            data = value.get("data")
            return str(data.get("value") or "") if isinstance(data, dict) else ""
    return ""


def read_error(answer: WebAnswer) -> RegistryError:
    """Return what an answer without success says, with the first field and all the reasons that it gives."""
    kind = _choose_kind(answer.status)
    source, title = _read_words(answer.read_json())
    message = " ".join(part for part in (_WORDS[kind], f"It says: {title}" if title else "") if part)
    return RegistryError(
        message,
        kind=kind,
        source=source,
        title=title,
        status=answer.status,
        retry_after_s=parse_retry_after_s(answer.headers.get("retry-after", "")),
    )


def _choose_kind(status: int) -> ErrorKind:
    if status in (401, 403):
        return "credentials"
    if status == 429:
        return "busy"
    return "refused" if 400 <= status < 500 and status != 408 else "unknown"


def _read_words(document: Any) -> tuple[str, str]:
    errors = document.get("errors") if isinstance(document, dict) else None
    if isinstance(errors, dict):
        errors = [errors]
    if not isinstance(errors, list):
        return "", ""
    said = [error for error in errors if isinstance(error, dict)]
    source = next((str(error["source"]) for error in said if error.get("source")), "")
    titles = dict.fromkeys(str(e.get("title") or e.get("detail") or "").strip() for e in said)
    return source[:200], "; ".join(title for title in titles if title)[:2000]


def _read_item(item: Any) -> RemoteDoi | None:
    attributes = item.get("attributes") if isinstance(item, dict) else None
    if not isinstance(attributes, dict):
        return None
    doi = str(attributes.get("doi") or item.get("id") or "").lower()
    state = next((state for state in _STATES if state == attributes.get("state")), None)
    if not doi or state is None:
        return None
    return RemoteDoi(doi, state, str(attributes.get("url") or ""), attributes)


def _nonsense(answer: WebAnswer) -> RegistryError:
    return RegistryError(_WORDS["unknown"], kind="unknown", status=answer.status)
