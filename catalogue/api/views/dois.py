"""`/datasets/{key}/doi`: how a dataset's DOIs stand at the registry, and what is done with them."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from catalogue.api.lookup import find_dataset
from catalogue.api.permissions import MayPublish
from catalogue.api.schema import describe
from catalogue.api.serializers.dois import DatasetDoisSerializer, DoiActSerializer
from catalogue.api.view import ApiView
from catalogue.api.views.dataset import KEY
from catalogue.domain.doi_acts import DoiAct, act_on_doi, read_dois
from catalogue.domain.doi_status import describe_doi
from catalogue.domain.doi_target import describe_by, landing_page
from catalogue.models import Dataset, Doi
from catalogue.policies import require_minter
from catalogue.tasks import nudge_dois

TAGS = ["DOIs"]
_MINE = (401, 403, 404)


class DatasetDoiView(ApiView):
    """The DOIs of one dataset."""

    permission_classes = (MayPublish,)

    @describe(
        "See how a dataset's DOIs stand at the registry",
        DatasetDoisSerializer,
        operation="readDatasetDois",
        tags=TAGS,
        description="What the registry was last seen to have, never what is wished.",
        parameters=[KEY],
        problems=_MINE,
    )
    def get(self, request: Request, key: str) -> Response:
        """Answer with the dataset's DOI and its concept's."""
        return _answer(_find(key, request.user))

    @describe(
        "Reserve, publish, send anew, hide, restore or give up a dataset's DOI",
        DatasetDoisSerializer,
        operation="actOnDatasetDoi",
        tags=TAGS,
        description="It is done at the registry afterwards, and tried until it is done: ask again how it stands.",
        status=202,
        parameters=[KEY],
        request=DoiActSerializer,
        body_example={"action": "publish"},
        problems=(*_MINE, 409),
    )
    def post(self, request: Request, key: str) -> Response:
        """Do what the body asks."""
        dataset = _find(key, request.user)
        form = DoiActSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        act_on_doi(dataset, DoiAct(form.validated_data["action"]), by=request.user)
        nudge_dois()
        return _answer(dataset, status=202)


def _answer(dataset: Dataset, status: int = 200) -> Response:
    found = read_dois(dataset)
    body = {"dois": [_describe(doi) for doi in found.dois], "actions": found.acts, "reason": found.reason}
    return Response(DatasetDoisSerializer(body).data, status=status)


def _describe(doi: Doi) -> dict[str, Any]:
    seen = describe_doi(doi)
    return {
        "doi": doi.doi,
        "names": doi.role,
        "status": seen.status.value,
        "status_words": str(seen.status.label),
        "is_settled": seen.is_settled,
        "is_citable": seen.is_citable,
        "is_real": seen.is_real,
        "landing_page": landing_page(doi, describe_by(doi)),
        "seen_at": seen.seen_at,
        "failing_since": seen.failing_since,
        "field": seen.source,
        "message": seen.title,
        "advice": str(seen.advice),
    }


def _find(key: str, user: Any) -> Dataset:
    """Return the dataset that the user may mint for. Raises NotFound, NotPermitted."""
    dataset = find_dataset(key, user, with_tombstones=True)
    require_minter(user, dataset)
    return dataset
