"""Saving a search, changing how one is told of it, and stopping that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlencode

from django.core import signing
from django.db import IntegrityError, transaction

from catalogue import stores
from catalogue.errors import Conflict, InvalidRecord, NotFound, Violation
from catalogue.integrations.webhook import check_address
from catalogue.models import SavedSearch, SearchHit, User
from catalogue.models.saved_search import make_token
from catalogue.search.engine import SearchQuery
from catalogue.search.query import query_from_params, query_to_params
from catalogue.suggestions import LONGEST

MOST_OLD = 10_000
"""Datasets that a search may find when it is saved: each is kept in mind, so that only new ones are told."""
MOST_SEARCHES = 100  # of one person
_MEANT = 100  # looked at by meaning
_SALT = "catalogue.alerts.stop"


def parse_saved_query(text: str) -> SearchQuery:
    """Return the question of a link's parameters; pages and order are left out."""
    asked = query_from_params(parse_qs(text.removeprefix("?"), keep_blank_values=False))
    return SearchQuery(
        text=asked.text, filters=asked.filters, years=asked.years, size_bytes=asked.size_bytes, box=asked.box
    )


def save_search(
    owner: User, query: str, *, name: str = "", language: str = "en", **wishes: Any
) -> SavedSearch:
    """Save a search, and keep in mind what it finds now. `wishes` as in `change_search`.

    Raises InvalidRecord for one that asks nothing or finds too much, Conflict for one that is saved already,
    Unavailable when there is no index.
    """
    asked = parse_saved_query(query)
    if not (asked.text or asked.filters or asked.is_narrowed):
        raise _refuse("query", "Ask something, or set a filter: everything is no search.", query)
    if owner.searches.count() >= MOST_SEARCHES:
        raise _refuse("query", f"You have {MOST_SEARCHES} saved searches: delete one first.", "")
    by_meaning = bool(wishes.pop("by_meaning", False))
    old = _find_now(asked, by_meaning=by_meaning)
    search = SavedSearch(
        owner=owner,
        name=" ".join(name.split())[:LONGEST] or asked.text[:LONGEST] or query[:LONGEST],
        query=urlencode(query_to_params(asked)),
        language=language,
        by_meaning=by_meaning and bool(asked.text),
    )
    _apply(search, wishes)
    try:
        with transaction.atomic():
            search.save(force_insert=True)
            SearchHit.objects.bulk_create(
                [SearchHit(search=search, dataset_id=key, is_old=True) for key in _keep_known(old)],
                batch_size=1000,
            )
    except IntegrityError as error:
        raise Conflict("You have saved this search already.") from error
    return search


def change_search(search: SavedSearch, wishes: Mapping[str, Any]) -> SavedSearch:
    """Change name, mail, webhook_url; a channel that is set again may be tried again.

    Raises InvalidRecord.
    """
    _apply(search, wishes)
    search.save()
    return search


def delete_search(search: SavedSearch) -> None:
    """Forget a search and what it found."""
    search.delete()


def sign_stop(*, search: SavedSearch | None = None, owner: User | None = None) -> str:
    """Return the token of a link that stops the mail of one search, or of all of a person."""
    said = {"search": str(search.pk)} if search else {"owner": owner.pk if owner else 0}
    return signing.dumps(said, salt=_SALT, compress=True)


def find_stoppable(token: str) -> list[SavedSearch]:
    """Return the searches whose mail a token stops. Raises NotFound for a token that is none of ours."""
    try:
        said = signing.loads(token, salt=_SALT)
    except signing.BadSignature as error:
        raise NotFound("This link is not whole. Copy all of it from the message.") from error
    if "search" in said:
        return list(SavedSearch.objects.filter(pk=said["search"]))
    return list(SavedSearch.objects.filter(owner=said["owner"]).exclude(mail=SavedSearch.Mail.OFF))


def stop_mail(searches: list[SavedSearch]) -> None:
    """Send no more mail about these searches; feeds and webhooks go on."""
    SavedSearch.objects.filter(pk__in=[search.pk for search in searches]).update(mail=SavedSearch.Mail.OFF)


def _apply(search: SavedSearch, wishes: Mapping[str, Any]) -> None:
    if "name" in wishes and str(wishes["name"]).strip():
        search.name = " ".join(str(wishes["name"]).split())[:LONGEST]
    if "mail" in wishes:
        if wishes["mail"] not in SavedSearch.Mail.values:
            raise _refuse("mail", f"Use one of {', '.join(SavedSearch.Mail.values)}.", str(wishes["mail"]))
        search.mail, search.mail_problem = wishes["mail"], ""
    if "webhook_url" in wishes:
        url = str(wishes["webhook_url"] or "").strip()
        if url:
            check_address(url)
        if url != search.webhook_url:
            search.webhook_secret = make_token()
        search.webhook_url, search.webhook_problem = url, ""


def _find_now(asked: SearchQuery, *, by_meaning: bool) -> set[str]:
    engine = stores.search_engine()
    found: set[str] = set()
    for key in engine.walk(asked):
        found.add(key)
        if len(found) > MOST_OLD:
            message = f"It finds more than {MOST_OLD} datasets: narrow it down, so that news of it is news."
            raise _refuse("query", message, asked.text)
    if by_meaning and asked.text:
        result = engine.search(SearchQuery(text=asked.text, filters=asked.filters, years=asked.years,
                                           size_bytes=asked.size_bytes, box=asked.box, limit=_MEANT, facets=()))  # fmt: skip
        found.update(hit.id for hit in result.hits)
    return found


def _keep_known(keys: set[str]) -> list[str]:
    from catalogue.models import Dataset

    known: list[str] = []
    listed = sorted(keys)
    for start in range(0, len(listed), 500):
        rows = Dataset.objects.filter(pk__in=listed[start : start + 500])
        known.extend(str(key) for key in rows.values_list("pk", flat=True))
    return known


def _refuse(field: str, message: str, value: str) -> InvalidRecord:
    return InvalidRecord(message, (Violation(field, message, value[:100]),))
