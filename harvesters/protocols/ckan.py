"""Listing a CKAN site by package_search of its Action API, version 3 (https://docs.ckan.org/en/2.11/api/).

Pages are counted by what came, since servers cap `rows` silently, and sorted by creation, since the
order of search would shift while paging. Packages come as the site has them, without members that
change by themselves. With the option `delta`, a run asks only for what was changed since the last.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from hashlib import blake2b
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from catalogue.errors import UpstreamError
from harvesters.base import (
    BadItem,
    Checkpoint,
    Fetcher,
    ListingEnd,
    Page,
    RemoteRecord,
    Response,
    SourceConfig,
)
from harvesters.errors import UnreadablePage

STATUSES = frozenset({200, 400, 403, 404, 409})
"""CKAN says what is wrong in JSON, with these."""

MAX_ROWS = 1000
DEFAULT_ROWS = 100
SORT = "metadata_created asc, id asc"
VOLATILE = frozenset({"tracking_summary", "num_tags", "num_resources"})
"""Members that CKAN computes anew; a package is not changed by them."""


@dataclass
class Run:
    """The state of a listing: all that a checkpoint holds."""

    start: int = 0  # rows listed, readable or not
    total: int | None = None
    last_ids: list[str] = field(default_factory=list)  # of the last page; a checkpoint stays small
    newest: str = ""  # highest metadata_modified seen
    reasons: list[str] = field(default_factory=list)


class CkanProtocol:
    """Lists a CKAN site; see the module."""

    name = "ckan"
    label = "CKAN (Action API)"
    options: Mapping[str, str] = {
        "rows": f"Packages per request (default {DEFAULT_ROWS}, at most {MAX_ROWS}).",
        "fq": "Filter query, e.g. organization:my-agency or tags:health.",
        "organization": "List only this organisation (its name, not its title).",
        "group": "List only this group (its name, not its title).",
        "delta": "true: ask only for what changed since the last run. Removed packages then show only in full runs.",
    }

    def pages(
        self, fetcher: Fetcher, config: SourceConfig, *, checkpoint: Checkpoint | None = None, since: str = ""
    ) -> Iterator[Page]:
        """Yield a Page per answer. See HarvestProtocol; `since` is the newest metadata_modified seen."""
        run = Run(**checkpoint) if checkpoint else Run()
        is_delta = bool(since) and is_set(config.options.get("delta"))
        url = find_action_url(config.url)
        arguments = build_arguments(config, since if is_delta else "")
        known = {hash_id(identifier) for identifier in run.last_ids}
        while True:
            response = fetcher.get(url, params=arguments | {"start": str(run.start)}, accept_status=STATUSES)
            count, packages = read_search(response)
            run.total = count
            records, problems = take_packages(run, packages, known)
            if packages and run.start < count:
                yield Page(records=records, problems=problems, checkpoint=asdict(run), total=count)
                continue
            yield Page(
                records=records, problems=problems, total=count, end=finish(run, since, is_delta=is_delta)
            )
            return


def is_set(value: object) -> bool:
    """Whether an option is switched on; forms send text."""
    return str(value).strip().lower() in {"true", "1", "yes", "on"}


def find_action_url(url: str) -> str:
    """Return the address of package_search for a site, from its front page's or any API address."""
    parts = urlsplit(url.strip())
    path = parts.path.partition("/api/")[0].rstrip("/").removesuffix("/api").removesuffix("/dataset")
    return urlunsplit((parts.scheme, parts.netloc, f"{path}/api/3/action/package_search", "", ""))


def build_arguments(config: SourceConfig, since: str) -> dict[str, str]:
    """Return the request's arguments but `start`."""
    options = config.options
    rows = min(max(int(options.get("rows") or DEFAULT_ROWS), 1), MAX_ROWS)
    filters = [str(options["fq"])] if options.get("fq") else []
    if options.get("organization"):
        filters.append(f'organization:"{options["organization"]}"')
    if options.get("group"):
        filters.append(f'groups:"{options["group"]}"')
    if since:  # CKAN's times are UTC without saying so; its search wants it said
        filters.append(f"metadata_modified:[{since.removesuffix('Z')}Z TO *]")
    arguments = {"rows": str(rows), "sort": SORT}
    if filters:
        arguments["fq"] = " ".join(f"+({part})" for part in filters) if len(filters) > 1 else filters[0]
    return arguments


def read_search(response: Response) -> tuple[int, list[Any]]:
    """Return the number of hits and this page's packages.

    Raises UnreadablePage for what is no CKAN answer, UpstreamError for CKAN's own errors.
    """
    body = response.read()
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError) as error:  # the latter for thousands of brackets in each other
        what = "a web page (HTML)" if body.lstrip()[:1] == b"<" else f"no valid JSON ({error})"
        raise UnreadablePage(
            f"{response.url} answered with {what} instead of CKAN's JSON: is it the address of a CKAN site?"
        ) from error
    if not isinstance(answer, dict):
        raise UnreadablePage(f"{response.url} answered with JSON that is not CKAN's.")
    if answer.get("success") is not True or response.status != 200:
        raise UpstreamError(f"CKAN refused (status {response.status}): {describe_error(answer.get('error'))}")
    result = answer.get("result")
    if not isinstance(result, dict) or not isinstance(result.get("results"), list):
        raise UnreadablePage(
            f"{response.url} answered without a list of packages: `result.results` is missing."
        )
    packages = result["results"]
    count = result.get("count")
    return (count if isinstance(count, int) else len(packages)), packages


def describe_error(error: object) -> str:
    """Return CKAN's error in its own words."""
    if isinstance(error, dict):
        kind = str(error.get("__type") or "")
        rest = [f"{name}: {value}" for name, value in error.items() if name not in {"__type", "message"}]
        return ". ".join(filter(None, [kind, str(error.get("message") or ""), *rest]))[:500]
    return str(error or "it gave no reason")[:500]


def take_packages(
    run: Run, packages: list[Any], known: set[int]
) -> tuple[tuple[RemoteRecord, ...], tuple[BadItem, ...]]:
    """Return a page's records and problems, and count them in the run."""
    records: list[RemoteRecord] = []
    problems: list[BadItem] = []
    repeated = 0
    run.last_ids = []
    for package in packages:
        item = package_to_item(package)
        if item is None:
            continue
        if item.remote_id:
            short = hash_id(item.remote_id)
            repeated += short in known
            known.add(short)
            run.last_ids.append(item.remote_id)
        if isinstance(item, BadItem):
            problems.append(item)
        else:
            run.newest = max(run.newest, item.datestamp)
            records.append(item)
    run.start += len(packages)
    if packages and repeated == len(packages):
        run.reasons.append("A page repeats packages that were listed before: the server ignores `start`.")
        run.start = run.total or run.start  # asking on would never end
    elif repeated:
        run.reasons.append(
            f"{repeated} packages came twice: rows moved while paging, so others may be missing."
        )
    return tuple(records), tuple(problems)


def hash_id(identifier: str) -> int:
    """Return 64 bits for an identifier: a listing keeps one for each package."""
    return int.from_bytes(blake2b(identifier.encode("utf-8", "replace"), digest_size=8).digest())


def package_to_item(package: Any) -> RemoteRecord | BadItem | None:
    """Return a package as a record, a BadItem, or None for one that isn't public."""
    payload = json.dumps(package, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode(
        "utf-8", "replace"
    )
    identifier = package.get("id") if isinstance(package, dict) else None
    if not isinstance(package, dict) or not isinstance(identifier, str) or not identifier.strip():
        return BadItem(
            "The package has no id, so it can't be told from the others.",
            field="id",
            payload=payload,
            media_type="application/json",
        )
    datestamp = str(package.get("metadata_modified") or "")
    state = package.get("state") or "active"
    if state == "deleted":
        return RemoteRecord(
            identifier, b"", "application/json", "ckan_package", deleted=True, datestamp=datestamp
        )
    if state != "active" or is_set(package.get("private")):
        return None
    kept = {name: value for name, value in package.items() if name not in VOLATILE}
    if isinstance(kept.get("resources"), list):
        kept["resources"] = [drop_volatile(resource) for resource in kept["resources"]]
    canonical = json.dumps(kept, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return RemoteRecord(
        identifier,
        canonical.encode("utf-8", "replace"),
        "application/json",
        "ckan_package",
        datestamp=datestamp,
    )


def drop_volatile(resource: Any) -> Any:
    """Return a resource without what CKAN computes anew."""
    if not isinstance(resource, dict):
        return resource
    return {name: value for name, value in resource.items() if name not in VOLATILE}


def finish(run: Run, since: str, *, is_delta: bool) -> ListingEnd:
    """Return how the listing ended."""
    reasons = list(run.reasons)
    if run.total is not None and run.start < run.total:
        reasons.append(f"The site says that it has {run.total} packages, and {run.start} came.")
    if not run.start and not is_delta:
        reasons.append(
            "The site lists no packages at all. CKAN does so too when the name of an organisation, group or "
            "filter is wrong."
        )
    return ListingEnd(
        complete=not reasons,
        reason=" ".join(dict.fromkeys(reasons)),
        is_delta=is_delta,
        next_since="" if reasons else max(run.newest, since),
    )
