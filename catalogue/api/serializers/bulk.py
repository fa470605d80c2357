"""What the API says and takes of changes for all datasets of a search."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from catalogue.domain.bulk_change import Operation, Verdict


class ChangeInputSerializer(serializers.Serializer[Any]):
    """A change for all datasets of a search."""

    query = serializers.CharField(
        allow_blank=True,
        max_length=4000,
        help_text="the parameters of the search, as in the address of the portal's results: q=lake&theme=...",
    )
    field = serializers.CharField(max_length=100, help_text="themes, keywords, distributions.license ...")
    operation = serializers.ChoiceField(choices=[item.value for item in Operation])
    value = serializers.JSONField(required=False)
    former = serializers.JSONField(required=False)
    lang = serializers.CharField(required=False, allow_blank=True, default="", max_length=40)


class PlanSerializer(serializers.Serializer[Any]):
    """A previewed change."""

    key = serializers.CharField()
    query = serializers.CharField(allow_blank=True)
    summary = serializers.CharField()
    counts = serializers.DictField(child=serializers.IntegerField(), help_text="datasets by verdict")
    notices = serializers.ListField(child=serializers.CharField())
    url = serializers.URLField()


class EditSerializer(serializers.Serializer[Any]):
    """One value that would change."""

    path = serializers.CharField()
    lang = serializers.CharField(allow_null=True)
    before = serializers.JSONField()
    after = serializers.JSONField()


class PreviewRowSerializer(serializers.Serializer[Any]):
    """What the change would do to one dataset, or why nothing."""

    dataset = serializers.UUIDField()
    title = serializers.CharField()
    verdict = serializers.ChoiceField(choices=[item.value for item in Verdict])
    edits = EditSerializer(many=True)


class ApplySerializer(serializers.Serializer[Any]):
    """Why."""

    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=5000)


class BulkActSerializer(serializers.Serializer[Any]):
    """How far a change of many is."""

    act = serializers.IntegerField()
    summary = serializers.CharField()
    changed = serializers.IntegerField()
    skipped = serializers.IntegerField(help_text="changed since the preview, or no longer yours")
    waiting = serializers.IntegerField()
    undone_at = serializers.DateTimeField(allow_null=True)
    url = serializers.URLField()
