"""What a publisher's stewards do with a published edition of an own dataset."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from catalogue.api.draft_answers import answer_draft, answer_edition
from catalogue.api.lookup import find_dataset
from catalogue.api.permissions import MayPublish
from catalogue.api.schema import describe
from catalogue.api.serializers.drafts import DraftSerializer, EditionSerializer, ReasonSerializer
from catalogue.api.view import ApiView
from catalogue.api.views.dataset import KEY
from catalogue.api.views.drafts import MINE, TAGS
from catalogue.domain.drafts import start_correction, start_edition
from catalogue.domain.editions import find_edition, restore_edition, withdraw_edition
from catalogue.errors import NotFound
from catalogue.models import Dataset
from catalogue.policies import require_publisher
from catalogue.tasks import nudge_projection


class CorrectionView(ApiView):
    """Correcting an edition."""

    permission_classes = (MayPublish,)

    @describe(
        "Begin to correct a published edition",
        DraftSerializer,
        operation="correctDataset",
        tags=TAGS,
        description="Returns the draft that is open already, if any. Publishing it adds no edition.",
        status=201,
        parameters=[KEY],
        problems=(*MINE, 409),
    )
    def post(self, request: Request, key: str) -> Response:
        """Begin the draft."""
        dataset = _find(key, request.user)
        return answer_draft(start_correction(dataset, by=request.user), status=201)


class NewVersionView(ApiView):
    """Following an edition with the next one."""

    permission_classes = (MayPublish,)

    @describe(
        "Begin the next edition",
        DraftSerializer,
        operation="followDataset",
        tags=TAGS,
        description="Returns the draft that is open already, if any. It begins as the newest edition is.",
        status=201,
        parameters=[KEY],
        problems=(*MINE, 409),
    )
    def post(self, request: Request, key: str) -> Response:
        """Begin the draft."""
        dataset = _find(key, request.user)
        return answer_draft(start_edition(dataset, by=request.user), status=201)


class WithdrawView(ApiView):
    """Withdrawing an edition."""

    permission_classes = (MayPublish,)

    @describe(
        "Withdraw an edition",
        EditionSerializer,
        operation="withdrawDataset",
        tags=TAGS,
        description="Its page stays, with the reason; it is no longer found, its files are no longer given.",
        parameters=[KEY],
        request=ReasonSerializer,
        body_example={"reason": "A participant took their consent back."},
        problems=(*MINE, 409),
    )
    def post(self, request: Request, key: str) -> Response:
        """Withdraw it for the reason of the body."""
        dataset = _find(key, request.user)
        form = ReasonSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        outcome = withdraw_edition(dataset, by=request.user, reason=form.validated_data["reason"])
        nudge_projection()
        return answer_edition(outcome)


class RestoreView(ApiView):
    """Bringing an edition back."""

    permission_classes = (MayPublish,)

    @describe(
        "Bring a withdrawn edition back",
        EditionSerializer,
        operation="restoreDataset",
        tags=TAGS,
        parameters=[KEY],
        problems=(*MINE, 409),
    )
    def post(self, request: Request, key: str) -> Response:
        """Bring it back as it was."""
        outcome = restore_edition(_find(key, request.user))
        nudge_projection()
        return answer_edition(outcome)


def _find(key: str, user: Any) -> Dataset:
    """Return the own dataset that the user may act on. Raises NotFound, NotPermitted."""
    dataset = find_dataset(key, user, with_tombstones=True)
    edition = find_edition(dataset)
    if edition is None:
        raise NotFound("This dataset was not published here.")
    require_publisher(user, edition.publisher_id)
    return dataset
