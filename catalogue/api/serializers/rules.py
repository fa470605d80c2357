"""What the API says and takes of mapping rules."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from catalogue.domain.mapping import RULE_FIELDS
from catalogue.domain.rules import TARGET_FIELDS


class RuleInputSerializer(serializers.Serializer[Any]):
    """A mapping rule as you write it."""

    source = serializers.SlugField(  # type: ignore[assignment]
        allow_null=True, default=None, help_text="null: for all sources; for chief stewards"
    )
    field = serializers.ChoiceField(choices=RULE_FIELDS)
    word = serializers.CharField(max_length=500, help_text="as the source has it; case does not matter")
    target_field = serializers.ChoiceField(choices=TARGET_FIELDS)
    target = serializers.CharField(
        allow_null=True, max_length=1000, help_text="name, code or IRI of the term; null: the word is dropped"
    )
    note = serializers.CharField(required=False, allow_blank=True, default="", max_length=5000)


class RuleSerializer(serializers.Serializer[Any]):
    """A mapping rule."""

    id = serializers.IntegerField()
    source = serializers.SlugField(source="source.slug", allow_null=True, default=None)  # type: ignore[assignment]
    field = serializers.CharField()
    word = serializers.CharField(source="match", help_text="folded: without case, with single spaces")
    target_field = serializers.CharField()
    target = serializers.JSONField(help_text="a Term; null: the word is dropped")
    note = serializers.CharField(allow_blank=True)
    author = serializers.CharField(source="author.username", allow_null=True, default=None)
    made_at = serializers.DateTimeField()
    records = serializers.IntegerField(help_text="in which it finds its word now")
    url = serializers.URLField(source="api_url")


class TrialRowSerializer(serializers.Serializer[Any]):
    """A record that a rule would change."""

    dataset = serializers.UUIDField(source="dataset_id")
    title = serializers.CharField()
    source = serializers.SlugField()  # type: ignore[assignment]
    words = serializers.ListField(child=serializers.CharField())
    before = serializers.ListField(child=serializers.JSONField())
    after = serializers.ListField(child=serializers.JSONField())


class TrialSerializer(serializers.Serializer[Any]):
    """What a rule would change; nothing has been."""

    total = serializers.IntegerField()
    results = TrialRowSerializer(many=True, help_text="the first of them")


class UnmappedWordSerializer(serializers.Serializer[Any]):
    """A word of a source, with the number of records that have it."""

    word = serializers.CharField()
    records = serializers.IntegerField()


class UnmappedWordsSerializer(serializers.Serializer[Any]):
    """The words that neither vocabulary nor rule knows, the most frequent first."""

    results = UnmappedWordSerializer(many=True)
