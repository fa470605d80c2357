"""The three ways through the datasets: search, the whole listing, and the feed of changes.

Search asks the index and goes as deep as rankings make sense. Listing and feed ask the database in the
order of (changed_at, id), so that a program can walk everything: what changes under way moves to the end
and is met again rather than missed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from rest_framework.request import Request

from catalogue import stores
from catalogue.access.domain.fitting import filter_fitting
from catalogue.api.errors import InvalidParameters, ResultTooDeep
from catalogue.api.paging import Cursor, Keyset, Page, build_link, key_of, read_cursor, slice_rows
from catalogue.api.parameters import LARGEST_LIMIT, read_choice, read_limit, read_moment, refuse
from catalogue.api.summary import summarise_dataset
from catalogue.errors import InvalidRecord, Violation
from catalogue.models import Agent, Dataset, DatasetQuerySet, Source, SourceRecord
from catalogue.search.engine import SearchQuery
from catalogue.search.query import DEEPEST_RESULT, NARROWING, query_from_params, shorten_value
from catalogue.suggestions import find_correction

PARAMETERS = ("q", *NARROWING, "fits", "sort", "limit", "cursor", "changed_since")
SORTS = ("relevance", "newest", "title", "changed")
LISTING_FILTERS = ("publisher", "source")
BY_CHANGE = Keyset(("changed_at", "id"))
SETTLING_S = 60
"""The feed ends this long before now: a change is stamped when its transaction begins and is seen when
it ends, and a reader that had gone past the stamp by then would never meet it."""

Json = dict[str, Any]


def answer(request: Request) -> tuple[Json, datetime | None]:
    """Return the body for a request's parameters, and when its content last changed, where that is known.

    Raises InvalidParameters, ResultTooDeep, Unavailable.
    """
    params = request.query_params
    since = read_moment(params, "changed_since")
    filters = [name for name in NARROWING if any(params.getlist(name))]
    is_asked = bool(params.get("q", "").strip()) or read_choice(params, "fits", ("0", "1"), "0") == "1"
    is_plain = not is_asked and set(filters) <= set(LISTING_FILTERS)
    sort = read_choice(params, "sort", SORTS, "changed" if is_plain else "relevance")
    if since is not None:
        if not is_plain or sort != "changed":
            raise refuse("changed_since", params["changed_since"], "It goes with publisher and source only.")
        return list_changes(request, since), None
    if sort != "changed":
        return search_datasets(request), None
    if not is_plain:
        raise refuse("sort", sort, "changed goes without q, with the filters publisher and source only.")
    return list_datasets(request)


def search_datasets(request: Request) -> Json:
    """Return one page of a ranking."""
    limit = read_limit(request.query_params, highest=LARGEST_LIMIT)
    query = read_query(request, limit=limit, may_cut=True)
    result = stores.search_engine().search(query)
    ids = [hit.id for hit in result.hits]
    rows = _select(Dataset.objects.visible_to(request.user).live().filter(pk__in=ids))
    by_id = {str(row.pk): row for row in rows}
    found = result.total + result.related
    end = query.offset + query.limit
    before = max(query.offset - query.limit, 0)
    return {
        "order": query.sort,
        "total": result.total,
        "related": result.related,
        "no_good_match": result.no_good_match,
        "notices": list(result.notices),
        "did_you_mean": find_correction(query, result) or None,
        "results": [summarise_dataset(by_id[hit.id], hit) for hit in result.hits if hit.id in by_id],
        "facets": _describe_facets(result.facets),
        # Past the depth limit the link is there too: following it explains itself, silence would not.
        "next": build_link(request, Cursor((end,)) if end < found and result.hits else None),
        "previous": build_link(request, Cursor((before,)) if query.offset else None),
        "resume": None,
    }


def list_datasets(request: Request) -> tuple[Json, datetime | None]:
    """Return one page of everything that lives, in the order of change."""
    described = SourceRecord.objects.filter(state=SourceRecord.State.LIVE)
    rows = _filter(request, Dataset.objects.visible_to(request.user).live(), described)
    page = slice_rows(_select(rows), BY_CHANGE, read_cursor(request), read_limit(request.query_params))
    newest = Dataset.objects.order_by("-changed_at").values_list("changed_at", flat=True).first()
    return _list_body(request, page, rows.count()), newest


def list_changes(request: Request, since: datetime) -> Json:
    """Return one page of what changed since a moment: live datasets as they are now, and tombstones."""
    until = timezone.now() - timedelta(seconds=SETTLING_S)
    rows = Dataset.objects.visible_to(request.user).filter(changed_at__gte=since, changed_at__lte=until)
    # Removed records too: a source's tombstones are changes of its datasets.
    rows = _filter(request, rows, SourceRecord.objects.all())
    cursor = read_cursor(request)
    page = slice_rows(_select(rows), BY_CHANGE, cursor, read_limit(request.query_params))
    body = _list_body(request, page, rows.count())
    last = Cursor(key_of(page.rows[-1], BY_CHANGE)) if page.rows else cursor
    body["resume"] = build_link(request, last) or f"{settings.BASE_URL}{request.get_full_path()}"
    return body


def _list_body(request: Request, page: Page[Dataset], total: int) -> Json:
    return {
        "order": "changed",
        "total": total,
        "related": 0,
        "no_good_match": False,
        "notices": [],
        "did_you_mean": None,
        "results": [summarise_dataset(row) for row in page.rows],
        "facets": {},
        "next": build_link(request, page.next),
        "previous": build_link(request, page.previous),
        "resume": None,
    }


def _select(rows: DatasetQuerySet) -> DatasetQuerySet:
    return rows.select_related("publisher").defer("provenance")


def _filter(request: Request, rows: DatasetQuerySet, described: QuerySet[SourceRecord]) -> DatasetQuerySet:
    """Narrow rows by publisher and source. A NUL, which PostgreSQL refuses, is in no slug."""
    publishers, sources = (
        [value for value in request.query_params.getlist(name) if value and "\x00" not in value]
        for name in LISTING_FILTERS
    )
    if any(request.query_params.getlist("publisher")):
        rows = rows.filter(publisher__slug__in=publishers)
    if any(request.query_params.getlist("source")):
        rows = rows.filter(pk__in=described.filter(source__slug__in=sources).values("dataset"))
    return rows


def read_query(request: Request, *, limit: int = 1, may_cut: bool = False) -> SearchQuery:
    """Return the question at the place that the cursor holds; `may_cut`: a longer text is cut and marked.

    Raises InvalidParameters, ResultTooDeep.
    """
    params = {
        name: request.query_params.getlist(name)
        for name in ("q", *NARROWING, "sort")
        if name in request.query_params
    }
    try:
        query = query_from_params(params, is_strict=True, may_cut=may_cut)
    except InvalidRecord as error:
        raise InvalidParameters(str(error), error.violations) from error
    if request.query_params.get("fits") == "1":
        fitting = filter_fitting(request.user)
        if fitting is None:
            raise refuse(
                "fits", "1", "Sign in and say your purpose first; every dataset is compared with it."
            )
        query = replace(query, among=fitting)
    cursor = read_cursor(request)
    offset = 0 if cursor is None else int(cursor.position[0])
    if offset >= DEEPEST_RESULT:
        message = f"Search shows the first {DEEPEST_RESULT} results."
        advice = "Narrow the search by filters or words, or walk the listing: GET /datasets without q."
        raise ResultTooDeep(f"{message} {advice}", (Violation("cursor", advice, str(offset)),))
    return replace(query, offset=offset, limit=limit)


def _describe_facets(facets: Mapping[str, tuple[tuple[str, int], ...]]) -> dict[str, list[Json]]:
    """Return the counts with what each value is called. Two queries: publishers' and sources' names."""
    names = {
        "publisher": _read_names(Agent, "name", facets.get("publisher", ())),
        "source": _read_names(Source, "title", facets.get("source", ())),
    }
    return {
        facet: [
            {
                "value": value,
                "code": shorten_value(value),
                "label": names.get(facet, {}).get(value, ""),
                "count": count,
            }
            for value, count in counts
        ]
        for facet, counts in facets.items()
    }


def _read_names(model: Any, field: str, counts: tuple[tuple[str, int], ...]) -> dict[str, str]:
    if not counts:
        return {}
    rows = model.objects.filter(slug__in=[value for value, _ in counts])
    return dict(rows.values_list("slug", field))
