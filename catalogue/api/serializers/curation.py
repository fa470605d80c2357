"""What the API says of fields, their history, conflicts and acts."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from catalogue.field_guide import Importance
from catalogue.models import Act, Conflict

_VALUE = "as the record has it; with a language a list of words; null: nothing"


class SaidSerializer(serializers.Serializer[Any]):
    source = serializers.SlugField()  # type: ignore[assignment]
    title = serializers.CharField()
    value = serializers.JSONField()


class FieldOverrideSerializer(serializers.Serializer[Any]):
    """The open override that gives a field its value; its path may be that of a wider field."""

    path = serializers.CharField()
    lang = serializers.SerializerMethodField()
    based_on = serializers.JSONField(help_text="what stood under it when it was made or last confirmed")
    reason = serializers.CharField(allow_blank=True)
    author = serializers.CharField(source="author.username", default=None, allow_null=True)
    made_at = serializers.DateTimeField()
    act = serializers.IntegerField(source="act_id", allow_null=True)

    def get_lang(self, row: Any) -> str | None:
        return row.lang if row.has_lang else None


class StatementSerializer(serializers.Serializer[Any]):
    """What a field says, as a whole or in one language."""

    lang = serializers.CharField(allow_null=True, allow_blank=True, help_text="null: the whole field")
    value = serializers.JSONField(help_text=_VALUE)
    digest = serializers.CharField(help_text="send it as `seen` with a change")
    under = serializers.JSONField(help_text="what it would say without stewards")
    said = SaidSerializer(many=True, help_text="what each source says")
    layer = serializers.CharField(allow_blank=True, help_text="source, rule, enrichment or curation")
    who = serializers.CharField(allow_blank=True)
    at = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField(allow_blank=True)
    override = FieldOverrideSerializer(allow_null=True)
    conflict = serializers.IntegerField(source="conflict.pk", default=None, allow_null=True)


class FieldSerializer(serializers.Serializer[Any]):
    """A field of a dataset or of one of its parts."""

    path = serializers.CharField()
    label = serializers.CharField(source="guide.label")  # type: ignore[assignment]
    help = serializers.CharField(source="guide.help", allow_blank=True)
    property = serializers.CharField(source="guide.curie")
    kind = serializers.CharField(source="guide.kind")
    importance = serializers.ChoiceField(
        choices=[level.value for level in Importance], source="guide.importance"
    )
    vocabulary = serializers.CharField(source="guide.vocabulary", allow_blank=True)
    url = serializers.URLField()
    whole = StatementSerializer()
    languages = StatementSerializer(many=True)


class FieldPartSerializer(serializers.Serializer[Any]):
    """A part with fields of its own; the path of the dataset itself is empty."""

    path = serializers.CharField(allow_blank=True)
    part = serializers.CharField()
    title = serializers.CharField()
    url = serializers.URLField()


class FieldsSerializer(serializers.Serializer[Any]):
    """The fields of one part, and the parts that there are."""

    part = FieldPartSerializer()
    fields_ = FieldSerializer(many=True)
    parts = FieldPartSerializer(many=True)

    def get_fields(self) -> dict[str, Any]:
        """Return the fields; `fields` itself is a word of DRF's."""
        return {name.rstrip("_"): field for name, field in super().get_fields().items()}


class FieldInputSerializer(serializers.Serializer[Any]):
    """A new value of a field."""

    value = serializers.JSONField(
        allow_null=True, help_text=_VALUE + "; terms also by name, such as CC BY 4.0"
    )
    lang = serializers.CharField(allow_null=True, allow_blank=True, required=False, default=None)
    reason = serializers.CharField(allow_blank=True, required=False, default="", max_length=2000)
    seen = serializers.CharField(
        required=False, allow_null=True, default=None, help_text="digest of the value you saw"
    )


class FieldEntrySerializer(serializers.Serializer[Any]):
    """One value that a field had."""

    at = serializers.DateTimeField()
    layer = serializers.CharField(help_text="source, rule, enrichment or curation")
    who = serializers.CharField(allow_blank=True)
    value = serializers.JSONField()
    why = serializers.CharField(allow_blank=True)
    run = serializers.IntegerField(allow_null=True)
    number = serializers.IntegerField(allow_null=True, help_text="a source's version, or a rule's number")
    ended_at = serializers.DateTimeField(allow_null=True)
    ended = serializers.CharField(allow_blank=True, help_text="how; empty while it stands")
    ended_by = serializers.CharField(allow_blank=True)


class FieldHistorySerializer(serializers.Serializer[Any]):
    path = serializers.CharField()
    lang = serializers.CharField(allow_null=True, allow_blank=True)
    entries = FieldEntrySerializer(many=True, help_text="the newest first")


class ConflictSerializer(serializers.Serializer[Any]):
    """A source and a steward who say different things."""

    id = serializers.IntegerField()
    url = serializers.URLField()
    dataset = serializers.UUIDField(source="dataset_id")
    dataset_title = serializers.CharField(source="dataset.title")
    kind = serializers.ChoiceField(choices=Conflict.Kind.choices)
    path = serializers.CharField(source="override.path")
    lang = serializers.SerializerMethodField()
    based_on = serializers.JSONField(help_text="what the source said when the steward wrote")
    mine = serializers.JSONField(source="override.value", help_text="what the steward wrote")
    theirs = serializers.JSONField(help_text="what the source says now")
    theirs_digest = serializers.CharField(help_text="send it as `seen` with the decision")
    author = serializers.CharField(source="override.author.username", default=None, allow_null=True)
    reason = serializers.CharField(source="override.reason", allow_blank=True)
    opened_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)
    decision = serializers.CharField(allow_blank=True)
    act = serializers.IntegerField(source="act_id", allow_null=True)

    def get_lang(self, row: Any) -> str | None:
        return row.override.lang if row.override.has_lang else None


class DecisionSerializer(serializers.Serializer[Any]):
    """What to do about a conflict."""

    choice = serializers.ChoiceField(choices=["keep", "take", "merge"])
    value = serializers.JSONField(allow_null=True, required=False, default=None, help_text="for merge")
    reason = serializers.CharField(allow_blank=True, required=False, default="", max_length=2000)
    seen = serializers.CharField(
        required=False, allow_null=True, default=None, help_text="theirs_digest as you saw it"
    )


class ActSerializer(serializers.Serializer[Any]):
    """One thing that a person did."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=Act.Kind.choices)
    author = serializers.CharField(source="author.username", default=None, allow_null=True)
    made_at = serializers.DateTimeField()
    reason = serializers.CharField(allow_blank=True)
    summary = serializers.CharField(allow_blank=True)
    size = serializers.IntegerField(help_text="datasets it changed")
    undone_at = serializers.DateTimeField(allow_null=True)
    undone_by = serializers.CharField(source="undone_by.username", default=None, allow_null=True)
