"""`/searches`: the asker's saved searches, and what they found."""

from __future__ import annotations

import uuid
from typing import Any

from django.utils import translation
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from catalogue.alert_words import because_to_words
from catalogue.api.paging import Keyset, answer_page, take_page
from catalogue.api.schema import PAGING, describe, path_parameter
from catalogue.api.serializers.pages import page_of
from catalogue.api.serializers.searches import (
    SavedSearchSerializer,
    SearchChangeSerializer,
    SearchHitSerializer,
    SearchInputSerializer,
)
from catalogue.api.summary import build_url
from catalogue.api.view import ApiView
from catalogue.domain.saved_searches import change_search, delete_search, save_search
from catalogue.errors import NotFound
from catalogue.models import Dataset, SavedSearch, SearchHit

SavedSearchPageSerializer = page_of(SavedSearchSerializer, "SavedSearchPage")
SearchHitPageSerializer = page_of(SearchHitSerializer, "SearchHitPage")
_ID = path_parameter("search_id", "The saved search's id.", "", uuid.UUID)
_TAGS = ["Saved searches"]
_SIGNED_IN = (401, 403)


class SearchesView(ApiView):
    """The asker's saved searches."""

    parameters = ("limit", "cursor")
    permission_classes = (IsAuthenticated,)

    @describe(
        "List your saved searches",
        SavedSearchPageSerializer,
        operation="listSearches",
        tags=_TAGS,
        parameters=PAGING,
        problems=_SIGNED_IN,
    )
    def get(self, request: Request) -> Response:
        """Answer with one page."""
        rows = SavedSearch.objects.filter(owner=request.user.pk)
        page = take_page(request, rows, Keyset(("created_at", "id")))
        return answer_page(request, page, [_describe(row) for row in page.rows], SavedSearchPageSerializer)

    @describe(
        "Save a search",
        SavedSearchSerializer,
        operation="saveSearch",
        tags=_TAGS,
        description=(
            "You are told of datasets that it finds from now on, each once: by mail, in its feed, and by a "
            "signed post to `webhook_url`. The header `Mimisbrunn-Signature` is `t=TIME,v1=HEX`, HEX the "
            "HMAC-SHA256 of `TIME.BODY` under `webhook_secret`. A search that finds more than 10,000 datasets "
            "now is refused."
        ),
        status=201,
        request=SearchInputSerializer,
        body_example={
            "query": "q=lakes&access=http://publications.europa.eu/resource/authority/access-right/PUBLIC"
        },
        problems=(*_SIGNED_IN, 409, 503),
    )
    def post(self, request: Request) -> Response:
        """Save the search of the body."""
        form = SearchInputSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        search = save_search(request.user, **form.validated_data)  # type: ignore[arg-type]
        answer = Response(SavedSearchSerializer(_describe(search)).data, status=201)
        answer.headers["Location"] = build_url("api-search", search.pk)
        return answer


class SearchView(ApiView):
    """One saved search."""

    permission_classes = (IsAuthenticated,)

    @describe(
        "Read a saved search",
        SavedSearchSerializer,
        operation="readSearch",
        tags=_TAGS,
        parameters=[_ID],
        problems=(*_SIGNED_IN, 404),
    )
    def get(self, request: Request, search_id: uuid.UUID) -> Response:
        """Answer with the search."""
        return Response(SavedSearchSerializer(_describe(_find(request, search_id))).data)

    @describe(
        "Change a saved search",
        SavedSearchSerializer,
        operation="changeSearch",
        tags=_TAGS,
        description="A channel that rests after a failure is tried again once it is set. A new address has a new secret.",
        parameters=[_ID],
        request=SearchChangeSerializer,
        body_example={"mail": "weekly"},
        problems=(*_SIGNED_IN, 404),
    )
    def patch(self, request: Request, search_id: uuid.UUID) -> Response:
        """Change what the body names."""
        form = SearchChangeSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        search = change_search(_find(request, search_id), form.validated_data)
        return Response(SavedSearchSerializer(_describe(search)).data)

    @describe(
        "Delete a saved search",
        None,
        operation="deleteSearch",
        tags=_TAGS,
        status=204,
        parameters=[_ID],
        problems=(*_SIGNED_IN, 404),
    )
    def delete(self, request: Request, search_id: uuid.UUID) -> Response:
        """Delete it."""
        delete_search(_find(request, search_id))
        return Response(status=204)


class SearchHitsView(ApiView):
    """What a saved search found."""

    parameters = ("limit", "cursor")
    permission_classes = (IsAuthenticated,)

    @describe(
        "List what a saved search found",
        SearchHitPageSerializer,
        operation="listSearchHits",
        tags=_TAGS,
        description="Since it was saved, in the order in which it was found.",
        parameters=[_ID, *PAGING],
        problems=(*_SIGNED_IN, 404),
    )
    def get(self, request: Request, search_id: uuid.UUID) -> Response:
        """Answer with one page."""
        search = _find(request, search_id)
        visible = Dataset.objects.visible_to(request.user).live()
        rows = SearchHit.objects.filter(search=search, is_old=False, dataset__in=visible).select_related(
            "dataset"
        )
        page = take_page(request, rows, Keyset(("found_at", "id")))
        with translation.override(search.language):
            for hit in page.rows:
                hit.url = build_url("api-dataset", hit.dataset_id)  # type: ignore[attr-defined]
                hit.words = because_to_words(hit.because)  # type: ignore[attr-defined]
        return answer_page(request, page, page.rows, SearchHitPageSerializer)


def _find(request: Request, search_id: uuid.UUID) -> SavedSearch:
    search = SavedSearch.objects.filter(pk=search_id, owner=request.user.pk).first()
    if search is None:
        raise NotFound(f"You have no saved search {search_id}.")
    return search


def _describe(search: SavedSearch) -> Any:
    described: Any = search
    described.url = build_url("api-search", search.pk)
    described.feed = build_url("saved-feed", search.feed_token)
    return described
