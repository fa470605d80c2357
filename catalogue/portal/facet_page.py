"""All values of one facet: found by their names, in order of number or name, page by page.

The address is the whole state: the question's own parameters, and `find`, `order` and `page` for the list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, cast, get_args
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalogue.folding import fold_word
from catalogue.portal.results_page import FACET_LABELS, FacetValue, build_value, label_values, search_href
from catalogue.portal.words import Words, sort_key
from catalogue.search.engine import SearchQuery
from catalogue.search.query import query_to_params, shorten_value

Order = Literal["count", "name"]

ORDER_LABELS: dict[Order, str | Promise] = {"count": _("Most datasets first"), "name": _("By name")}
_PER_PAGE = 120
_LONGEST_TEXT = 200  # characters of a name that are looked for


@dataclass(frozen=True, slots=True)
class FacetPage:
    """Everything that templates/portal/facet_values.html shows."""

    label: str | Promise
    address: str  # of this page, without parameters
    text: str  # what is looked for
    values: Sequence[FacetValue]
    found: int  # on all pages
    page: Page[str]
    page_range: Sequence[int | str]
    orders: Sequence[tuple[str | Promise, str, bool]]  # (label, address, is current)
    kept: Sequence[tuple[str, str]]  # parameters that the form has no field for
    all_href: str  # the whole list
    back_href: str


def build_facet_page(
    facet: str, query: SearchQuery, counts: Sequence[tuple[str, int]], params: QueryDict, reader: str
) -> FacetPage:
    """Return a page of a facet's values, chosen ones first. Two queries, for publishers and sources."""
    numbers: dict[str, int | None] = dict.fromkeys(query.filters.get(facet, ()))
    numbers.update(counts)
    labels = label_values({facet: set(numbers)}, reader)
    text = " ".join(params.get("find", "").replace("\x00", "").split())[:_LONGEST_TEXT]
    order = _read_order(facet, params.get("order", ""))
    found = [value for value in numbers if _has_words(text, labels[facet, value], value)]
    found = _put_in_order(found, order, facet, labels, numbers, reader)
    found.sort(key=lambda value: value not in query.filters.get(facet, ()))
    page = Paginator(found, _PER_PAGE).get_page(params.get("page"))
    asked = query_to_params(replace(query, offset=0))
    address = reverse("facet-values", args=[facet])
    looked_for = [("find", text)] if text else []
    return FacetPage(
        label=FACET_LABELS[facet],
        address=address,
        text=text,
        values=[build_value(facet, query, value, numbers[value], labels) for value in page],
        found=len(found),
        page=page,
        page_range=list(page.paginator.get_elided_page_range(page.number)),
        orders=[
            (label, _href(address, [*asked, *looked_for, ("order", name)]), name == order)
            for name, label in ORDER_LABELS.items()
        ],
        kept=[*asked, ("order", order)],
        all_href=_href(address, [*asked, ("order", order)]),
        back_href=search_href(replace(query, offset=0)),
    )


def _read_order(facet: str, text: str) -> Order:
    """Return the order asked for; years stand by their names from the start."""
    return cast("Order", text) if text in get_args(Order) else "name" if facet == "year" else "count"


def _has_words(text: str, label: Words, value: str) -> bool:
    """Whether a value's name, or the end of its IRI, has every word in it, whatever case and accents."""
    name = f"{fold_word(str(label))} {fold_word(shorten_value(value))}"
    return all(fold_word(word) in name for word in text.split())


def _put_in_order(
    values: Sequence[str],
    order: Order,
    facet: str,
    labels: Mapping[tuple[str, str], Words],
    numbers: Mapping[str, int | None],
    reader: str,
) -> list[str]:
    def name(value: str) -> tuple[str, str]:
        return sort_key(str(labels[facet, value]), reader), value

    by_name = sorted(values, key=name, reverse=facet == "year")  # the newest year first
    return by_name if order == "name" else sorted(by_name, key=lambda value: -(numbers[value] or 0))


def _href(address: str, params: Sequence[tuple[str, Any]]) -> str:
    return f"{address}?{urlencode(params)}"
