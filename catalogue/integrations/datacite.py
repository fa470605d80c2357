"""A DOI registry: DataCite's REST API, or one that behaves like it.

REST API (JSON:API): https://support.datacite.org/docs/api; handles: https://www.doi.org/the-identifier/resources/handle-system-documentation
(`/api/handles/`). What its server does beyond the documentation was read in its source (github.com/datacite/lupo):

- an event that is not possible in the DOI's state is ignored with 200, so `put` promises nothing: ask `get`;
- a member that is left out of a PUT keeps its old value, so all members are sent, empty ones too;
- the handle follows some time after the state, or not at all: ask `resolve_handle`;
- lists come from an index that lags: what one says of a DOI is a hint, `get` is certain;
- a DOI that may not be known is answered with 404, or 401 as for bad credentials.

Nothing here retries: after a lost answer the caller has to look first.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol
from urllib.parse import quote, urlencode, urlsplit

from catalogue.errors import NotPermitted, UpstreamError
from catalogue.integrations.datacite_answers import (
    RegistryError,
    RegistryState,
    RemoteDoi,
    read_doi,
    read_error,
    read_handle,
    read_page,
)
from catalogue.integrations.pace import TokenBucket
from catalogue.integrations.web import WebAnswer, WebClient

__all__ = [
    "Account",
    "DataCiteRegistry",
    "DoiRegistry",
    "RegistryError",
    "RegistryState",
    "RemoteDoi",
    "needs_permit",
]

Event = Literal["", "publish", "register", "hide"]

TEST_PREFIX = "10.5072"
TEST_HOSTS = frozenset({"api.test.datacite.org"})
REGISTRY_DOMAIN = "datacite.org"

PAGE_SIZE = 500
MAX_PAGES = 10_000
_MEDIA_TYPE = "application/vnd.api+json"
_DETAIL = {"affiliation": "true", "publisher": "true"}
"""Asks for affiliations and publisher as objects, as they were sent, rather than as names."""
_LISTS = (
    "creators", "titles", "subjects", "contributors", "dates", "alternateIdentifiers", "relatedIdentifiers", "sizes",
    "formats", "rightsList", "descriptions", "geoLocations", "fundingReferences",
)  # fmt: skip
_EMPTY: dict[str, Any] = {
    **{name: [] for name in _LISTS},
    "identifiers": [],
    "language": None,
    "version": None,
}
"""`identifiers` is the registry's own name for alternate identifiers, which it clears by that one only."""


class DoiRegistry(Protocol):
    """DOIs at a registry. All methods raise RegistryError when the registry fails or refuses."""

    def put(
        self, doi: str, *, url: str = "", metadata: Mapping[str, Any] | None = None, event: Event = ""
    ) -> int:
        """Create or change the DOI and return the HTTP status, which says nothing about the DOI's state.

        Without `metadata` that is left as it is. Raises NotPermitted where DOIs would be real and the
        configuration does not say that they may.
        """

    def get(self, doi: str) -> RemoteDoi | None:
        """Return the DOI as the registry has it now, drafts included; None if it has none."""

    def delete_draft(self, doi: str) -> None:
        """Remove a draft; one that is not there is no error. Raises RegistryError (refused) for other states."""

    def list_dois(self, prefix: str) -> Iterator[RemoteDoi]:
        """Yield the account's DOIs under a prefix. Raises RegistryError where the list does not come to an end."""

    def resolve_handle(self, doi: str) -> str:
        """Return the address that the DOI resolves to for everybody, "" if to none."""


@dataclass(frozen=True, slots=True)
class Account:
    """A repository's account. `url` is the API's address, `handle_url` that of the handle proxy."""

    name: str
    password: str = field(repr=False)
    url: str
    handle_url: str
    allow_production: bool = False


class DataCiteRegistry:
    """A DoiRegistry over DataCite's REST API.

    `production_prefixes` are those under which real DOIs may be made, if the account's `allow_production` says so
    too. `bucket` limits the requests of this process (the registry allows 3000 in five minutes from one address).
    """

    def __init__(
        self,
        account: Account,
        *,
        production_prefixes: Collection[str] = (),
        client: WebClient | None = None,
        bucket: TokenBucket | None = None,
    ) -> None:
        self._account = account
        self._url = account.url.rstrip("/")
        self._handle_url = account.handle_url.rstrip("/")
        self._production_prefixes = frozenset(production_prefixes)
        self._client = client or WebClient()
        self._bucket = bucket or TokenBucket(rate_per_s=8, burst=40)
        secret = base64.b64encode(f"{account.name}:{account.password}".encode()).decode()
        self._headers = {"Accept": _MEDIA_TYPE, "Authorization": f"Basic {secret}"}

    def close(self) -> None:
        """Close the connections to the registry."""
        self._client.close()

    def put(
        self, doi: str, *, url: str = "", metadata: Mapping[str, Any] | None = None, event: Event = ""
    ) -> int:
        """Create or change the DOI and return the HTTP status."""
        self._require_permit(doi)
        attributes: dict[str, Any] = {**_EMPTY, **metadata} if metadata else {}
        attributes |= {"doi": doi}
        attributes |= {name: value for name, value in (("url", url), ("event", event)) if value}
        body = json.dumps({"data": {"id": doi, "type": "dois", "attributes": attributes}}).encode()
        answer = self._send("PUT", self._address(doi), body)
        if answer.status not in (200, 201):
            raise read_error(answer)
        return answer.status

    def get(self, doi: str) -> RemoteDoi | None:
        """Return the DOI as the registry has it now; None if it has none."""
        answer = self._send("GET", f"{self._address(doi)}?{urlencode(_DETAIL)}")
        if answer.status == 200:
            return read_doi(answer, doi)
        if answer.status == 404 or self._is_unknown(answer, doi):
            return None
        raise read_error(answer)

    def delete_draft(self, doi: str) -> None:
        """Remove a draft."""
        self._require_permit(doi)
        answer = self._send("DELETE", self._address(doi))
        if answer.status not in (200, 204, 404) and not self._is_unknown(answer, doi):
            raise read_error(answer)

    def list_dois(self, prefix: str) -> Iterator[RemoteDoi]:
        """Yield the account's DOIs under a prefix, page by page."""
        url = self._listing(prefix, PAGE_SIZE)
        seen: set[str] = set()
        for _page in range(MAX_PAGES):
            answer = self._send("GET", url)
            if answer.status != 200:
                raise read_error(answer)
            dois, url = read_page(answer)
            new = [remote for remote in dois if remote.doi not in seen]
            if dois and not new:
                raise RegistryError("The registry's list goes in a circle.", kind="unknown", status=200)
            yield from new
            seen.update(remote.doi for remote in new)
            if not dois or not url:
                return
            if urlsplit(url)[:2] != urlsplit(self._url)[:2]:
                raise RegistryError(
                    "The registry's list goes on at another host.", kind="unknown", status=200
                )
        raise RegistryError("The registry's list does not end.", kind="unknown", status=200)

    def resolve_handle(self, doi: str) -> str:
        """Return the address that the DOI resolves to for everybody, "" if to none."""
        # `auth` asks the handle's own server rather than a cache in between
        answer = self._send(
            "GET", f"{self._handle_url}/api/handles/{quote(doi, safe='/')}?type=URL&auth=true", public=True
        )
        if answer.status in (200, 404):
            return read_handle(answer)
        raise read_error(answer)

    def _require_permit(self, doi: str) -> None:
        prefix = doi.partition("/")[0]
        if needs_permit(self._url, prefix) and not (
            self._account.allow_production and prefix in self._production_prefixes
        ):
            raise NotPermitted(
                f"DOIs under {prefix} at {urlsplit(self._url).hostname} are real and for ever: both the setting "
                "MIMIS_DOI_ALLOW_PRODUCTION and the prefix itself have to allow them."
            )

    def _is_unknown(self, answer: WebAnswer, doi: str) -> bool:
        """Whether a 401 means that the DOI is not there: with bad credentials a list is refused as well."""
        if answer.status != 401:
            return False
        return self._send("GET", self._listing(doi.partition("/")[0], 1)).status == 200

    def _listing(self, prefix: str, size: int) -> str:
        query = {
            "prefix": prefix,
            "client-id": self._account.name.lower(),
            "page[size]": size,
            "page[cursor]": 1,
        }
        return f"{self._url}/dois?{urlencode(query | _DETAIL)}"

    def _address(self, doi: str) -> str:
        return f"{self._url}/dois/{quote(doi, safe='/')}"

    def _send(self, method: str, url: str, body: bytes | None = None, *, public: bool = False) -> WebAnswer:
        self._bucket.take()
        headers = {"Accept": "application/json"} if public else dict(self._headers)
        if body is not None:
            headers["Content-Type"] = _MEDIA_TYPE
        try:
            return self._client.request(method, url, headers=headers, body=body)
        except UpstreamError as error:
            raise RegistryError(str(error), kind="unknown") from error


def needs_permit(url: str, prefix: str) -> bool:
    """Whether DOIs under `prefix` at the registry `url` may be real ones.

    They are not at DataCite's test system and on this machine, and nobody but DataCite registers under the
    prefix for tests.
    """
    host = urlsplit(url).hostname or ""
    if host in TEST_HOSTS or is_local(host):
        return False
    return prefix != TEST_PREFIX or host == REGISTRY_DOMAIN or host.endswith(f".{REGISTRY_DOMAIN}")


def is_local(host: str) -> bool:
    """Whether a registry on this host is one to practise with, on this machine."""
    return host in ("localhost", "127.0.0.1", "::1")
