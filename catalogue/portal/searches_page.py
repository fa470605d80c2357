"""What the page "My searches" shows. Two queries, however many searches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalogue.alert_words import because_to_words
from catalogue.models import SavedSearch, SearchHit, User

MAIL_LABELS: dict[str, str | Promise] = {
    "off": _("No mail"),
    "hourly": _("Mail at most every hour"),
    "daily": _("Mail at most every day"),
    "weekly": _("Mail at most every week"),
}
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class News:
    """A dataset that a search found."""

    title: str
    href: str
    because: str
    hit: SearchHit


@dataclass(frozen=True, slots=True)
class SearchEntry:
    """A saved search."""

    search: SavedSearch
    href: str
    feed_href: str
    found: int
    news: Sequence[News]
    mails: Sequence[tuple[str, str | Promise, bool]]


def build_searches_page(owner: User) -> list[SearchEntry]:
    """Return a person's searches with the newest that each found."""
    rows = owner.searches.annotate(found=Count("hits", filter=Q(hits__is_old=False)))
    searches = list(rows.order_by("-created_at", "id"))
    news = _list_news(searches)
    return [
        SearchEntry(
            search,
            f"{reverse('search')}?{search.query}",
            reverse("saved-feed", args=[search.feed_token]),
            search.found,
            news[search.pk],
            [(value, label, value == search.mail) for value, label in MAIL_LABELS.items()],
        )
        for search in searches
    ]


def _list_news(searches: Sequence[SavedSearch]) -> dict[object, list[News]]:
    found: dict[object, list[News]] = defaultdict(list)
    hits = SearchHit.objects.filter(
        search__in=searches, is_old=False, dataset__state="live", dataset__is_public=True
    )
    for hit in hits.select_related("dataset").order_by("-found_at", "-id")[: _SHOWN * 100]:
        listed = found[hit.search_id]
        if len(listed) < _SHOWN:
            href = reverse("dataset", args=[hit.dataset.slug])
            listed.append(News(hit.dataset.title, href, because_to_words(hit.because), hit))
    return found
