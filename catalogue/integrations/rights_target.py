"""Systems that are told who may have what, behind one interface, and three that speak HTTP or are a folder.

- `http`: ours. `PUT {address}/{person}/{dataset id}` gives, `DELETE` takes (404 is fine), `GET` of the same
  asks (200 or 404), `GET {address}` lists `{"rights": [{"person", "dataset"}], "next": address or null}`.
- `rems`: what REMS posts to an entitlement target (https://github.com/CSCfi/rems/blob/master/docs/
  configuration.md, "entitlement push"): a list of `{resource, application, user, mail, end}` to
  `{address}/add` and `{address}/remove`; read back from `GET {address}` with the same objects.
- `folder`: a JSON file for each dataset, replaced as a whole, for systems that watch a folder.

What a target answers proves nothing: callers ask `has` afterwards. Bucket policies: rights_bucket.py.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote, urlsplit, urlunsplit

from catalogue.errors import UpstreamError
from catalogue.integrations.durable_folder import folder_errors, write_durably
from catalogue.integrations.web import WebAnswer, WebClient
from catalogue.retry_after import parse_retry_after_s

_MOST_PAGES = 10_000


@dataclass(frozen=True, slots=True)
class PushedRight:
    """One right as targets are told of it. `ends_at` is ISO 8601 in UTC; ids are text."""

    person: str
    dataset: str  # its id; `iri` is its address
    iri: str = ""
    application: str = ""
    ends_at: str = ""
    identities: tuple[tuple[str, str], ...] = ()  # (provider, subject)


class RightsTarget(Protocol):
    """A system that keeps rights. Every method raises UpstreamError."""

    def put(self, right: PushedRight) -> None:
        """Tell it that this right holds."""

    def remove(self, right: PushedRight) -> None:
        """Tell it that this right does not hold; one that it does not know is fine."""

    def has(self, right: PushedRight) -> bool:
        """Ask whether it keeps the right."""

    def list_all(self) -> Iterator[tuple[str, str]]:
        """Yield all (person, dataset id) pairs that it keeps."""


class HttpTarget:
    """A target that speaks our own small interface."""

    def __init__(self, address: str, secret: str = "", *, client: WebClient | None = None) -> None:
        self.address = address.rstrip("/")
        self.headers = {"Authorization": f"Bearer {secret}"} if secret else {}
        self.client = client or WebClient(timeout_s=20)

    def put(self, right: PushedRight) -> None:
        """Tell it that this right holds."""
        body = {
            "person": right.person,
            "identities": [{"provider": name, "subject": subject} for name, subject in right.identities],
            "dataset": right.iri,
            "ends_at": right.ends_at,
        }
        _expect(self._send("PUT", self._one(right), body), 200, 201, 204)

    def remove(self, right: PushedRight) -> None:
        """Tell it that this right does not hold."""
        _expect(self._send("DELETE", self._one(right)), 200, 204, 404)

    def has(self, right: PushedRight) -> bool:
        """Ask whether it keeps the right."""
        answer = self._send("GET", self._one(right))
        _expect(answer, 200, 404)
        return answer.status == 200

    def list_all(self) -> Iterator[tuple[str, str]]:
        """Yield all pairs that it keeps, page by page. A page that repeats ends it with an error."""
        seen: set[str] = set()
        url = self.address
        while url and len(seen) < _MOST_PAGES:
            if url in seen:
                raise UpstreamError("The target's list leads in a circle.", retryable=True)
            seen.add(url)
            answer = self._send("GET", url)
            _expect(answer, 200)
            page = answer.read_json()
            if not isinstance(page, dict) or not isinstance(page.get("rights"), list):
                raise UpstreamError("The target's list cannot be read.", retryable=True)
            for row in page["rights"]:
                yield _read_pair(row, "person", "dataset")
            url = self._follow(page.get("next"))

    def _one(self, right: PushedRight) -> str:
        return f"{self.address}/{quote(right.person, safe='')}/{quote(right.dataset, safe='')}"

    def _follow(self, url: Any) -> str:
        """The next page has to be at the same host: the secret travels with the request."""
        if not url:
            return ""
        if urlsplit(str(url))[:2] != urlsplit(self.address)[:2]:
            raise UpstreamError("The target's list leads to another host.")
        return str(url)

    def _send(self, method: str, url: str, body: Any = None) -> WebAnswer:
        data = json.dumps(body).encode() if body is not None else None
        headers = {**self.headers, **({"Content-Type": "application/json"} if data else {})}
        return self.client.request(method, url, headers=headers, body=data)


class RemsTarget:
    """A target that takes what REMS posts."""

    def __init__(self, address: str, secret: str = "", *, client: WebClient | None = None) -> None:
        self.address = address.rstrip("/")
        self.headers = {"Authorization": f"Bearer {secret}"} if secret else {}
        self.client = client or WebClient(timeout_s=20)

    def put(self, right: PushedRight) -> None:
        """Post it to `add`."""
        _expect(self._post("add", right), 200, 201, 204)

    def remove(self, right: PushedRight) -> None:
        """Post it to `remove`."""
        _expect(self._post("remove", right), 200, 201, 204, 404)

    def has(self, right: PushedRight) -> bool:
        """Look it up in the list of its user."""
        return (right.person, right.dataset) in set(self._read({"user": right.person}))

    def list_all(self) -> Iterator[tuple[str, str]]:
        """Yield all pairs that it keeps."""
        yield from self._read({})

    def _post(self, verb: str, right: PushedRight) -> WebAnswer:
        body = [
            {
                "resource": right.iri,
                "application": right.application,
                "user": right.person,
                "mail": None,
                "end": right.ends_at or None,
            }
        ]
        headers = {**self.headers, "Content-Type": "application/json"}
        return self.client.request(
            "POST", f"{self.address}/{verb}", headers=headers, body=json.dumps(body).encode()
        )

    def _read(self, query: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        parts = urlsplit(self.address)
        text = "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())
        answer = self.client.request("GET", urlunsplit(parts._replace(query=text)), headers=self.headers)
        _expect(answer, 200)
        rows = answer.read_json()
        if not isinstance(rows, list):
            raise UpstreamError("The target's list cannot be read.", retryable=True)
        for row in rows:
            person, resource = _read_pair(row, "user", "resource")
            yield person, resource.rstrip("/").rpartition("/")[2]


class FolderTarget:
    """A folder with a file `DATASET.json` for each dataset that somebody has a right to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, right: PushedRight) -> None:
        """Write the person into the dataset's file."""
        with self._locked():
            rows = self._read(right.dataset)
            rows[right.person] = right.ends_at
            self._write(right.dataset, rows)

    def remove(self, right: PushedRight) -> None:
        """Take the person out of the dataset's file."""
        with self._locked():
            rows = self._read(right.dataset)
            if rows.pop(right.person, None) is not None:
                self._write(right.dataset, rows)

    def has(self, right: PushedRight) -> bool:
        """Look into the dataset's file."""
        return right.person in self._read(right.dataset)

    def list_all(self) -> Iterator[tuple[str, str]]:
        """Yield what all files say."""
        for path in sorted(self.folder.glob("*.json")):
            for person in self._read(path.stem):
                yield person, path.stem

    def _read(self, dataset: str) -> dict[str, str]:
        path = self._path(dataset)
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            return {row["person"]: row.get("ends_at", "") for row in data["rights"]}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            raise UpstreamError(
                f"{path.name} of the folder cannot be read: {error}", retryable=True
            ) from error

    def _write(self, dataset: str, rows: Mapping[str, str]) -> None:
        body = {
            "dataset": dataset,
            "rights": [{"person": person, "ends_at": rows[person]} for person in sorted(rows)],
        }
        path = self._path(dataset)
        with folder_errors(path):
            write_durably(self.folder, path, [json.dumps(body, indent=1).encode()])

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep other workers of ours out: a file is read, changed and replaced."""
        with lock_file(self.folder / ".lock"):
            yield

    def _path(self, dataset: str) -> Path:
        if not dataset.replace("-", "").isalnum():
            raise UpstreamError("A dataset's id is no file name.")
        return self.folder / f"{dataset}.json"


@contextmanager
def lock_file(path: Path) -> Iterator[None]:
    """Hold a lock among the processes of this machine, for what is read, changed and written back."""
    with folder_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _read_pair(row: Any, person: str, dataset: str) -> tuple[str, str]:
    try:
        return str(row[person]), str(row[dataset])
    except (LookupError, TypeError) as error:
        raise UpstreamError("The target's list cannot be read.", retryable=True) from error


def _expect(answer: WebAnswer, *statuses: int) -> None:
    if answer.status in statuses:
        return
    raise UpstreamError(
        f"The target answered {answer.status}.",
        retryable=answer.status >= 500 or answer.status == 429,
        retry_after_s=parse_retry_after_s(answer.headers.get("retry-after", "")),
    )
