"""What the result page shows: cards, facets as links, chips, paging. The address is the whole state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalogue.exports.listing import LISTS
from catalogue.models import Agent, Dataset, Source
from catalogue.portal.dataset_card import DatasetCard, build_cards
from catalogue.portal.narrowing import ranges_to_words
from catalogue.portal.terms import access_class, concept_label, last_part
from catalogue.portal.words import Words, choose_words, json_to_texts
from catalogue.records import Term
from catalogue.search.engine import Hit, SearchQuery, SearchResult, Sort
from catalogue.search.query import DEEPEST_RESULT, query_to_params
from catalogue.suggestions import find_correction

FACET_LABELS: dict[str, str | Promise] = {
    "access": _("Access"),
    "theme": _("Theme"),
    "format": _("Format"),
    "license": _("Licence"),
    "publisher": _("Publisher"),
    "source": _("Source"),
    "language": _("Language"),
    "year": _("Year"),
}
"""In the order in which people narrow a search down."""

SORT_LABELS: dict[Sort, str | Promise] = {
    "relevance": _("Best match"),
    "newest": _("Newest first"),
    "title": _("Title A to Z"),
}
_SHOWN_VALUES = 6
_PAGES_AROUND = 2


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A value to filter by; `href` puts the filter on, or takes it off when it is on."""

    label: Words
    count: int | None
    href: str
    is_selected: bool


@dataclass(frozen=True, slots=True)
class FacetView:
    """A facet: the first values, the rest, and where all of them are when there may be more."""

    name: str
    label: str | Promise
    values: Sequence[FacetValue]
    more: Sequence[FacetValue] = ()
    all_href: str = ""
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is on; `href` takes it off."""

    facet: str | Promise
    label: Words
    href: str


@dataclass(frozen=True, slots=True)
class PageLink:
    """A page of the results; number 0 is a gap."""

    number: int
    href: str = ""
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class Paging:
    """Where the reader is in a long list. `is_capped`: there is more than can be paged to."""

    links: Sequence[PageLink]
    previous_href: str = ""
    next_href: str = ""
    is_capped: bool = False


@dataclass(frozen=True, slots=True)
class ResultsPage:
    """Everything that templates/portal/results.html shows."""

    query: SearchQuery
    result: SearchResult
    cards: Sequence[DatasetCard]
    facets: Sequence[FacetView]
    chips: Sequence[Chip]
    sorts: Sequence[tuple[str | Promise, str, bool]]
    paging: Paging
    clear_href: str
    did_you_mean: tuple[str, str]  # words put right, and where they lead
    # What else is done with the whole result. Empty where it is limited to what fits the reader's purpose:
    # those addresses would answer with more.
    exports: Sequence[tuple[str, str]]  # (label, address)
    feed_href: str
    save_query: str  # parameters to save the search with, "" where it asks nothing
    here: str
    map_href: str
    form_params: Sequence[tuple[str, str]]  # what the search box keeps
    kept: Sequence[tuple[str, str]]  # parameters that the form of ranges does not have
    bulk_href: str
    mint_href: str
    fits_href: str  # limits it to what fits the reader's purpose; "" where it is, or no purpose was said
    first: int
    last: int
    page_number: int


def build_results_page(
    query: SearchQuery, result: SearchResult, user: Any, reader: str, *, may_filter: bool = False
) -> ResultsPage:
    """Return the page of an answer. A fixed number of queries, however many hits."""
    labels = label_values(_values_in(query, result), reader)
    cards = find_cards(result.hits, user, reader)
    better = find_correction(query, result)
    is_fitted = bool(query.among)
    return ResultsPage(
        query=query,
        result=result,
        cards=cards,
        facets=[
            facet
            for name in FACET_LABELS
            if (facet := build_facet(name, query, result.facets.get(name, ()), labels)).values
        ],
        chips=[
            Chip(FACET_LABELS[name], labels[name, value], search_href(_toggle(query, name, value)))
            for name, values in query.filters.items()
            for value in values
        ]
        + [
            Chip(name, Words(words), search_href(rest))
            for name, words, rest in ranges_to_words(query, reader)
        ]
        + ([Chip(_("Purpose"), Words(str(_("fits mine"))), _without_fits(query))] if is_fitted else []),
        sorts=[
            (label, search_href(replace(query, sort=sort, offset=0)), query.sort == sort)
            for sort, label in SORT_LABELS.items()
        ],
        paging=build_paging(query, result),
        clear_href=search_href(
            replace(
                query, filters={}, years=(None, None), size_bytes=(None, None), box=None, among=(), offset=0
            )
        ),
        did_you_mean=(better, search_href(replace(query, text=better, offset=0))) if better else ("", ""),
        exports=[
            (form.label, export_href(query, form.extension)) for form in LISTS.values() if not is_fitted
        ],
        feed_href="" if is_fitted else search_href(replace(query, offset=0, sort="relevance"), "search-feed"),
        save_query="" if is_fitted else _describe_saved(query),
        here=search_href(replace(query, offset=0)),
        map_href=search_href(replace(query, among=(), offset=0), "search-map"),
        form_params=query_to_params(replace(query, text="", offset=0)),
        kept=query_to_params(replace(query, years=(None, None), size_bytes=(None, None), offset=0)),
        bulk_href="" if is_fitted else search_href(replace(query, offset=0), "bulk"),
        mint_href=(
            search_href(replace(query, offset=0), "minting")
            if settings.DOI_REGISTRY_URL and not is_fitted
            else ""
        ),
        fits_href=_fits_href(query) if may_filter and not is_fitted else "",
        first=query.offset + 1,
        last=query.offset + len(cards),
        page_number=query.offset // query.limit + 1,
    )


def search_href(query: SearchQuery, name: str = "search") -> str:
    """Return the address of a question's results, or of another page that takes the same parameters."""
    params = urlencode(query_to_params(query))
    return reverse(name) + (f"?{params}" if params else "")


def _without_fits(query: SearchQuery) -> str:
    return search_href(replace(query, among=(), offset=0))


def _fits_href(query: SearchQuery) -> str:
    """Return the address with the limit on; which datasets fit is found when it is followed."""
    params = urlencode([*query_to_params(replace(query, offset=0)), ("fits", "1")])
    return f"{reverse('search')}?{params}"


def _describe_saved(query: SearchQuery) -> str:
    if not (query.text or query.filters or query.is_narrowed):
        return ""
    return urlencode(query_to_params(replace(query, offset=0, sort="relevance")))


def export_href(query: SearchQuery, extension: str) -> str:
    """Return the address of a whole result as a file."""
    params = urlencode(query_to_params(replace(query, offset=0)))
    return reverse("search-export", args=[extension]) + (f"?{params}" if params else "")


def find_cards(hits: Sequence[Hit], user: Any, reader: str) -> list[DatasetCard]:
    """Return cards for hits, in their order; a hit that is no longer visible is left out."""
    rows = Dataset.objects.visible_to(user).live().filter(pk__in=[hit.id for hit in hits])
    found = {str(row.pk): row for row in rows.select_related("publisher").defer("provenance")}
    ordered = [found[hit.id] for hit in hits if hit.id in found]
    return build_cards(ordered, reader, {hit.id: hit for hit in hits})


def build_facet(
    name: str,
    query: SearchQuery,
    counts: Sequence[tuple[str, int]],
    labels: Mapping[tuple[str, str], Words],
    *,
    is_whole: bool = False,
) -> FacetView:
    """Return a facet, chosen values first, the rare ones folded away unless `is_whole`."""
    chosen = query.filters.get(name, ())
    by_value: dict[str, int | None] = dict.fromkeys(chosen)
    by_value.update(counts)
    if name == "year":
        by_value = dict(sorted(by_value.items(), reverse=True))
    values = [build_value(name, query, value, count, labels) for value, count in by_value.items()]
    values.sort(key=lambda item: not item.is_selected)
    shown = len(values) if is_whole or len(values) <= _SHOWN_VALUES + 2 else max(_SHOWN_VALUES, len(chosen))
    params = urlencode(query_to_params(replace(query, offset=0)))
    all_href = reverse("facet-values", args=[name]) + (f"?{params}" if params else "")
    return FacetView(
        name,
        FACET_LABELS[name],
        values[:shown],
        values[shown:],
        all_href if len(counts) >= query.facet_size and not is_whole else "",
        bool(chosen),
    )


def build_value(
    name: str, query: SearchQuery, value: str, count: int | None, labels: Mapping[tuple[str, str], Words]
) -> FacetValue:
    """Return a value of a facet as a link that puts its filter on or off."""
    is_selected = value in query.filters.get(name, ())
    return FacetValue(labels[name, value], count, search_href(_toggle(query, name, value)), is_selected)


def label_values(values: Mapping[str, set[str]], reader: str) -> dict[tuple[str, str], Words]:
    """Return words for facet values by (facet, value): two queries, for publishers and sources."""
    labels: dict[tuple[str, str], Words] = {}
    agents = Agent.objects.filter(slug__in=values.get("publisher", ()))
    for slug, name, names in agents.values_list("slug", "name", "names"):
        labels["publisher", slug] = choose_words(json_to_texts(names), reader) or Words(name)
    sources = Source.objects.filter(slug__in=values.get("source", ()))
    for slug, title in sources.values_list("slug", "title"):
        labels["source", slug] = Words(title)
    for facet, wanted in values.items():
        for value in wanted:
            labels.setdefault((facet, value), _label_value(facet, value, reader))
    return labels


def build_paging(query: SearchQuery, result: SearchResult) -> Paging:
    """Return links to the pages around the current one, the first and the last."""
    found = result.total + result.related
    reachable = min(found, DEEPEST_RESULT)
    last = max(-(-reachable // query.limit), 1)
    current = min(query.offset // query.limit + 1, last)
    if last == 1:
        return Paging(())

    def href(number: int) -> str:
        return search_href(replace(query, offset=(number - 1) * query.limit))

    near = range(max(current - _PAGES_AROUND, 1), min(current + _PAGES_AROUND, last) + 1)
    links: list[PageLink] = []
    for number in sorted({1, *near, last}):
        if links and number - links[-1].number > 1:
            links.append(PageLink(0))
        links.append(PageLink(number, href(number), number == current))
    return Paging(
        links,
        href(current - 1) if current > 1 else "",
        href(current + 1) if current < last else "",
        found > DEEPEST_RESULT,
    )


def _values_in(query: SearchQuery, result: SearchResult) -> dict[str, set[str]]:
    return {
        name: {*query.filters.get(name, ()), *(value for value, _count in result.facets.get(name, ()))}
        for name in FACET_LABELS
    }


def _label_value(facet: str, value: str, reader: str) -> Words:
    if facet == "access":
        access = access_class(Term(value))
        return Words(str(access.word) if access.code else last_part(value))
    return Words(concept_label(value, reader) or last_part(value))


def _toggle(query: SearchQuery, name: str, value: str) -> SearchQuery:
    chosen = query.filters.get(name, ())
    values = tuple(v for v in chosen if v != value) if value in chosen else (*chosen, value)
    filters = {key: kept for key, kept in {**query.filters, name: values}.items() if kept}
    return replace(query, filters=filters, offset=0)
