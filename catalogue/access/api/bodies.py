"""What the API takes: the bodies of the commands of access requests."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from catalogue.access.models import Review


class NewAttachmentSerializer(serializers.Serializer[Any]):
    """A file, and the path of the question that it answers: shared.ethics, shared.team[0].cv."""

    question = serializers.CharField(max_length=300)
    file = serializers.FileField(max_length=300)


class PreflightSerializer(serializers.Serializer[Any]):
    """What is wanted, and for which datasets; without `intent`, the one that was saved."""

    intent = serializers.DictField(required=False)
    datasets = serializers.ListField(
        child=serializers.CharField(max_length=300), min_length=1, max_length=200
    )


class NewApplicationSerializer(serializers.Serializer[Any]):
    """What an application begins with."""

    datasets = serializers.ListField(
        child=serializers.CharField(max_length=300), min_length=1, max_length=100
    )
    title = serializers.CharField(required=False, allow_blank=True, default="", max_length=200)
    intent = serializers.DictField(required=False)


class SaveApplicationSerializer(serializers.Serializer[Any]):
    """What is saved; what is left out stays."""

    title = serializers.CharField(required=False, allow_blank=True, max_length=200)
    intent = serializers.DictField(required=False)
    answers = serializers.DictField(required=False)


class ChangeItemsSerializer(serializers.Serializer[Any]):
    """Datasets to add, items to take out."""

    add = serializers.ListField(
        child=serializers.CharField(max_length=300), required=False, default=list, max_length=100
    )
    remove = serializers.ListField(
        child=serializers.UUIDField(), required=False, default=list, max_length=100
    )


class NothingSerializer(serializers.Serializer[Any]):
    """An empty body."""


class AccessReasonSerializer(serializers.Serializer[Any]):
    """Why."""

    reason = serializers.CharField(max_length=10_000)


class MaybeReasonSerializer(serializers.Serializer[Any]):
    """Why, if one likes."""

    reason = serializers.CharField(max_length=10_000, required=False, allow_blank=True, default="")


class HashesSerializer(serializers.Serializer[Any]):
    """The hash of the words that were read, by the terms' id."""

    terms = serializers.DictField(child=serializers.CharField(max_length=64))


class TextSerializer(serializers.Serializer[Any]):
    """Something said, of one item or of all."""

    text = serializers.CharField(max_length=10_000)
    item = serializers.UUIDField(required=False)


class ConflictSerializer(serializers.Serializer[Any]):
    """A conflict of interest, one's own or that of a colleague (by account)."""

    note = serializers.CharField(required=False, allow_blank=True, default="", max_length=2000)
    about = serializers.CharField(required=False, max_length=150)


class EmailSerializer(serializers.Serializer[Any]):
    """Whom to invite."""

    email = serializers.CharField(max_length=254)


class CodeSerializer(serializers.Serializer[Any]):
    """A code that was handed over, or the id of an invitation to one's own address."""

    code = serializers.CharField(required=False, allow_blank=True, default="", max_length=100)
    invitation = serializers.IntegerField(required=False)


class AccountSerializer(serializers.Serializer[Any]):
    """An account by name."""

    username = serializers.CharField(max_length=150)


class OpinionSerializer(serializers.Serializer[Any]):
    """A review or a vote on what was read."""

    snapshot_sha256 = serializers.CharField(max_length=64)
    opinion = serializers.ChoiceField(choices=Review.Vote.choices)
    note = serializers.CharField(required=False, allow_blank=True, default="", max_length=10_000)


class RecommendSerializer(serializers.Serializer[Any]):
    """A recommendation on what was read."""

    snapshot_sha256 = serializers.CharField(max_length=64)
    outcome = serializers.ChoiceField(choices=["approve", "reject"])
    note = serializers.CharField(required=False, allow_blank=True, default="", max_length=10_000)


class ApproveSerializer(serializers.Serializer[Any]):
    """An approval of what was read."""

    snapshot_sha256 = serializers.CharField(max_length=64)
    ends_at = serializers.DateTimeField(required=False)
    conditions = serializers.CharField(required=False, allow_blank=True, default="", max_length=10_000)
    override = serializers.CharField(required=False, allow_blank=True, default="", max_length=10_000)
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=10_000)


class RejectSerializer(serializers.Serializer[Any]):
    """A refusal of what was read."""

    snapshot_sha256 = serializers.CharField(max_length=64)
    reason = serializers.CharField(max_length=10_000)


class RevokeSerializer(serializers.Serializer[Any]):
    """A revocation."""

    revocation = serializers.ChoiceField(choices=["administrative", "misuse"])
    reason = serializers.CharField(max_length=10_000)


class BlockSerializer(serializers.Serializer[Any]):
    """A block of the right's person."""

    reason = serializers.CharField(max_length=10_000)
    whole_committee = serializers.BooleanField(required=False, default=False)
    until = serializers.DateTimeField(required=False)


class HandoffSerializer(serializers.Serializer[Any]):
    """What a hand-off is for."""

    label = serializers.CharField(required=False, allow_blank=True, default="", max_length=120)  # type: ignore[assignment]
