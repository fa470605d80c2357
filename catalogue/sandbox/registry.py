"""A DOI registry to practise with: it answers as DataCite's does, and no DOI of it exists outside it.

Modelled on the documentation (https://support.datacite.org/docs/api) and on what its server was seen to do
(github.com/datacite/lupo), with the handle proxy in one. So an event that is not possible is ignored with
200, metadata is checked only when a DOI leaves the draft state, and what was sent comes back rewritten
(sandbox/rewriting.py). POST, which would choose the DOI itself, is not here: the catalogue never asks for that.

The state is in one SQLite file and outlives the process, or in memory where no file is given.
"""

from __future__ import annotations

import json
import re
import sqlite3
import threading
from collections.abc import Collection, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlencode

from catalogue.sandbox.pages import render_dois, render_missing
from catalogue.sandbox.rewriting import check_attributes, rewrite, show

Json = dict[str, Any]

DOI_SYNTAX = re.compile(r"10\.\d{4,5}/[-._;()/:a-z0-9*~$=]+")
TRANSITIONS = {
    ("draft", "register"): "registered",
    ("draft", "publish"): "findable",
    ("registered", "publish"): "findable",
    ("registered", "show"): "findable",
    ("findable", "hide"): "registered",
}
"""Any other event leaves the state as it is, and is not complained about."""

BAD_CREDENTIALS = (401, "Bad credentials.")
NOT_ALLOWED = (403, "You are not authorized to access this resource.")
NOT_FOUND = (404, "The resource you are looking for doesn't exist.")

_TABLE = """
    CREATE TABLE IF NOT EXISTS dois (
        doi TEXT PRIMARY KEY, account TEXT NOT NULL, state TEXT NOT NULL, url TEXT NOT NULL,
        attributes TEXT NOT NULL, handle TEXT NOT NULL, created TEXT NOT NULL, updated TEXT NOT NULL
    )
"""


@dataclass(frozen=True, slots=True)
class Request:
    """A request: `base` is the address it was sent to, `credentials` name and password, None for anonymous."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    base: str = ""
    credentials: tuple[str, str] | None = None
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: `document` is JSON, or a page of HTML where it is text, or nothing."""

    status: int
    document: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StoredDoi:
    """A DOI as it is stored. `handle` is the address that it resolves to, "" before it is registered."""

    doi: str
    account: str
    state: str
    url: str
    attributes: Json
    handle: str
    created: str
    updated: str


class SandboxRegistry:
    """The registry's behaviour. Safe for several threads.

    `accounts` are names with their passwords, each of which may use all `prefixes`; `url_hosts` are the hosts that
    landing pages may be at, if any are given.
    """

    def __init__(
        self,
        path: Path | None = None,
        *,
        accounts: Mapping[str, str],
        prefixes: Collection[str] = ("10.5072",),
        url_hosts: Collection[str] = (),
    ) -> None:
        self._accounts = {name.lower(): password for name, password in accounts.items()}
        self._prefixes = frozenset(prefixes)
        self._url_hosts = frozenset(url_hosts)
        self._lock = threading.RLock()
        self._database = sqlite3.connect(path or ":memory:", check_same_thread=False, isolation_level=None)
        self._database.execute(_TABLE)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._database.close()

    def answer(self, request: Request) -> Answer:
        """Return the answer to one request."""
        path = unquote(request.path)
        with self._lock:
            if path == "/dois" and request.method == "GET":
                return self.answer_listing(request)
            if path.startswith("/dois/"):
                return self._answer_doi(request, path.removeprefix("/dois/").lower())
            if path.startswith("/api/handles/") and request.method == "GET":
                return self.answer_handle(path.removeprefix("/api/handles/").lower())
            if request.method == "GET":
                return self._answer_page(path)
        return _refuse(NOT_FOUND)

    def find(self, doi: str) -> StoredDoi | None:
        """Return a DOI as it is stored."""
        return next(iter(self._select("WHERE doi = ?", doi.lower())), None)

    def list_all(self) -> list[StoredDoi]:
        """Return all DOIs in the order of their creation."""
        return self._select("ORDER BY created, doi")

    def answer_listing(self, request: Request) -> Answer:
        """Return a page of the account's DOIs, or of all findable ones where nobody signs in."""
        account = self._identify(request)
        if account is None:
            return _refuse(BAD_CREDENTIALS)
        prefix = request.query.get("prefix", "")
        found = [
            row
            for row in self.list_all()
            if row.doi.startswith(f"{prefix}/" if prefix else "")
            and (row.account == account if account else row.state == "findable")
        ]
        size = max(int(request.query.get("page[size]", "25")), 1)
        offset = (int(request.query.get("page[cursor]", "1")) - 1) * size
        links = {}
        if found[offset + size :]:
            query = {**request.query, "page[cursor]": offset // size + 2}
            links["next"] = f"{request.base}/dois?{urlencode(query)}"
        data = [_write(row, request.query) for row in found[offset : offset + size]]
        return Answer(200, {"data": data, "meta": {"total": len(found)}, "links": links})

    def answer_handle(self, doi: str) -> Answer:
        """Return what the handle proxy says of a DOI."""
        row = self.find(doi)
        if row is None or not row.handle:
            return Answer(404, {"responseCode": 100, "handle": doi})
        value = {"index": 1, "type": "URL", "data": {"format": "string", "value": row.handle}}
        return Answer(200, {"responseCode": 1, "handle": doi, "values": [value]})

    def register_handle(self, doi: str, url: str) -> None:
        """Let the DOI resolve to the address."""
        self._database.execute("UPDATE dois SET handle = ? WHERE doi = ?", (url, doi))

    def apply_event(self, state: str, event: str) -> str:
        """Return the state after an event."""
        return TRANSITIONS.get((state, event), state)

    def _answer_doi(self, request: Request, doi: str) -> Answer:
        account = self._identify(request)
        if account is None or (not account and request.method != "GET"):
            return _refuse(BAD_CREDENTIALS)
        row = self.find(doi)
        if request.method == "GET":
            if row is None or (row.state != "findable" and row.account != account):
                return _refuse(NOT_FOUND)
            return Answer(200, {"data": _write(row, request.query)})
        if row is not None and row.account != account:
            return _refuse(NOT_ALLOWED)
        if request.method == "PUT":
            return self._put(doi, account, row, request)
        if request.method == "DELETE":
            return self._delete(row)
        return _refuse((405, "Method not allowed"))

    def _put(self, doi: str, account: str, row: StoredDoi | None, request: Request) -> Answer:
        if doi.partition("/")[0] not in self._prefixes:
            return _refuse(NOT_ALLOWED)
        if not DOI_SYNTAX.fullmatch(doi):
            return _complain([("doi", "Is invalid")], doi)
        try:
            sent = json.loads(request.body)["data"]["attributes"]
            given = {name: value for name, value in sent.items() if name not in ("doi", "event", "url")}
        except (ValueError, KeyError, TypeError, AttributeError):
            return _refuse((400, "You need to provide a payload following the JSONAPI spec"))
        now = datetime.now(UTC).isoformat(timespec="microseconds")
        state = self.apply_event(row.state if row else "draft", str(sent.get("event") or ""))
        # What is not given keeps its value
        attributes = (row.attributes if row else {}) | rewrite(given)
        changed = StoredDoi(
            doi=doi,
            account=account,
            state=state,
            url=str(sent.get("url") or (row.url if row else "")),
            attributes=attributes,
            handle=row.handle if row else "",
            created=row.created if row else now,
            updated=now,
        )
        if complaints := check_attributes(attributes, changed.url, state, self._url_hosts):
            return _complain(complaints, doi)
        self._store(changed)
        if state != "draft":
            self.register_handle(doi, changed.url)
        return Answer(200 if row else 201, {"data": _write(changed, request.query)})

    def _delete(self, row: StoredDoi | None) -> Answer:
        if row is None:
            return _refuse(NOT_FOUND)
        if row.state != "draft":
            refused = _refuse((405, "Method not allowed"))
            return Answer(405, refused.document, {"Allow": "HEAD, GET, POST, PATCH, PUT, OPTIONS"})
        self._database.execute("DELETE FROM dois WHERE doi = ?", (row.doi,))
        return Answer(204)

    def _answer_page(self, path: str) -> Answer:
        """Return the page of all DOIs, or lead on to where a DOI resolves, as doi.org does."""
        if path == "/":
            return Answer(200, render_dois((row.doi, row.state, row.url) for row in self.list_all()))
        row = self.find(path.lstrip("/"))
        if row is None or not row.handle:
            return Answer(404, render_missing(path.lstrip("/")))
        return Answer(302, headers={"Location": row.handle})

    def _identify(self, request: Request) -> str | None:
        """Return the account's name, "" for nobody, None for credentials that are wrong."""
        if request.credentials is None:
            return ""
        name, password = request.credentials
        return name.lower() if self._accounts.get(name.lower()) == password else None

    def _select(self, clause: str, *parameters: str) -> list[StoredDoi]:
        with self._lock, closing(self._database.execute(f"SELECT * FROM dois {clause}", parameters)) as rows:  # noqa: S608 - our own clauses
            return [
                StoredDoi(doi, account, state, url, json.loads(attributes), *rest)
                for doi, account, state, url, attributes, *rest in rows
            ]

    def _store(self, row: StoredDoi) -> None:
        self._database.execute(
            "INSERT OR REPLACE INTO dois VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                row.doi,
                row.account,
                row.state,
                row.url,
                json.dumps(row.attributes),
                row.handle,
                row.created,
                row.updated,
            ),
        )


def _write(row: StoredDoi, query: Mapping[str, str]) -> Json:
    prefix, _slash, suffix = row.doi.partition("/")
    own = {"doi": row.doi, "prefix": prefix, "suffix": suffix, "state": row.state, "url": row.url or None}
    times = {"created": row.created, "updated": row.updated, "isActive": row.state == "findable"}
    shown = show(row.attributes, objects=frozenset(name for name in query if query[name] == "true"))
    return {"id": row.doi, "type": "dois", "attributes": {**shown, **own, **times}}


def _refuse(why: tuple[int, str]) -> Answer:
    status, title = why
    return Answer(status, {"errors": [{"status": str(status), "title": title}]})


def _complain(complaints: Iterable[tuple[str, str]], doi: str) -> Answer:
    errors = [{"source": source, "uid": doi, "title": title} for source, title in complaints]
    return Answer(422, {"errors": errors})
