"""What the API says and takes of drafts and of published editions."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from catalogue.api.schema import ViolationSerializer
from catalogue.api.serializers.datasets import RecordField
from catalogue.errors import InvalidRecord
from catalogue.models import Draft
from catalogue.record_json import record_from_json


class DraftSummarySerializer(serializers.Serializer[Any]):
    """A draft in a list."""

    id = serializers.UUIDField()
    title = serializers.CharField(source="shown_title")
    state = serializers.ChoiceField(choices=Draft.State.choices)
    revision = serializers.IntegerField(help_text="grows with every save")
    publisher = serializers.SlugField(source="publisher.slug")
    corrects = serializers.URLField(allow_null=True, help_text="the dataset it changes, or became")
    follows = serializers.URLField(
        source="follows_url", allow_null=True, help_text="the edition that it will follow"
    )
    note = serializers.CharField(allow_blank=True, help_text="from editor to reviewer, or back")
    updated_at = serializers.DateTimeField()
    updated_by = serializers.CharField(source="updated_by.username", default=None, allow_null=True)
    url = serializers.URLField(source="api_url")
    page = serializers.URLField()


class DraftSerializer(DraftSummarySerializer):
    """A draft with what was written so far, right or not."""

    record = RecordField()


class ProblemsSerializer(serializers.Serializer[Any]):
    """What keeps a draft from being published, and what would make it better."""

    stopping = ViolationSerializer(many=True)
    advice = ViolationSerializer(many=True)


class DraftBodySerializer(serializers.Serializer[Any]):
    """What is written of a dataset: the fields of a record, in any state of completeness."""

    record = RecordField()

    def validate_record(self, record: Any) -> dict[str, Any]:
        """Return a record whose fields are of the right shape; their values may be wrong still."""
        if not isinstance(record, dict):
            raise serializers.ValidationError("A record is an object with the fields of a dataset.")
        try:
            record_from_json(record)
        except InvalidRecord as error:
            found = {item.field: item.message for item in error.violations}
            raise serializers.ValidationError(found) from error
        return record


class NewDraftSerializer(DraftBodySerializer):
    """A new draft."""

    publisher = serializers.SlugField(help_text="the publisher's slug")
    record = RecordField(default=dict)


class NoteSerializer(serializers.Serializer[Any]):
    """A note that goes with a draft."""

    note = serializers.CharField(max_length=5000, allow_blank=True, default="")


class ReasonSerializer(serializers.Serializer[Any]):
    """Why an edition is withdrawn; everybody may read it."""

    reason = serializers.CharField(max_length=300)


class EditionSerializer(serializers.Serializer[Any]):
    """A published edition, after something was done with it."""

    number = serializers.IntegerField()
    concept = serializers.URLField(source="concept_address", help_text="leads to the newest edition")
    published_at = serializers.DateTimeField()
    withdrawn_at = serializers.DateTimeField(allow_null=True)
    dataset = serializers.URLField(source="api_url")
    page = serializers.URLField()
    changed = serializers.ListField(
        child=serializers.UUIDField(), help_text="ids of all datasets that changed with it"
    )
