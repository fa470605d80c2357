"""What the API says and takes of the sources of one dataset: views, evidence, joining, splitting, leading."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from catalogue.api.serializers.datasets import RecordField
from catalogue.domain.cluster_lead import CHOSEN
from catalogue.matching.facts import FactKind
from catalogue.matching.lead import Reason
from catalogue.models import SourceRecord


class FactSerializer(serializers.Serializer[Any]):
    """One observation about two records. Positive weights speak for one dataset, negative ones against."""

    kind = serializers.ChoiceField(choices=[kind.value for kind in FactKind])
    values = serializers.ListField(child=serializers.CharField())
    weight = serializers.FloatField()


class BondSerializer(serializers.Serializer[Any]):
    """How a record came to the dataset: a rule joined it, or a steward did."""

    by_rule = serializers.BooleanField()
    by = serializers.CharField(allow_blank=True)
    at = serializers.DateTimeField(allow_null=True)
    why = serializers.CharField(allow_blank=True)
    score = serializers.FloatField(help_text="0 to 1; 0 where no program compared them")
    evidence = FactSerializer(many=True)


class SourceRefSerializer(serializers.Serializer[Any]):
    slug = serializers.SlugField()
    title = serializers.CharField()
    url = serializers.URLField()


class SourceViewSerializer(serializers.Serializer[Any]):
    """What one source says of the dataset."""

    id = serializers.UUIDField(help_text="of the source's record; to split it off or let it lead")
    graph = serializers.URLField(help_text="the record as harvested, in the knowledge graph")
    source = SourceRefSerializer()  # type: ignore[assignment]
    remote_id = serializers.CharField(source="record.remote_id")
    state = serializers.ChoiceField(source="record.state", choices=SourceRecord.State.choices)
    first_seen = serializers.DateTimeField(source="record.first_seen")
    last_seen = serializers.DateTimeField(source="record.last_seen")
    version = serializers.IntegerField(source="record.number")
    leads = serializers.BooleanField()
    joined = BondSerializer(source="bond", allow_null=True, help_text="null where there is one source only")
    former_page = serializers.URLField(allow_null=True, help_text="the page it had alone; it leads here")
    record = RecordField(
        source="data", allow_null=True, help_text="what the source says now; null: it took it back"
    )


class LeadSerializer(serializers.Serializer[Any]):
    """Which record leads, and why."""

    rule = serializers.ChoiceField(choices=[CHOSEN, *(reason.value for reason in Reason)])
    words = serializers.CharField(help_text="the reason as a sentence")
    by = serializers.CharField(allow_blank=True, help_text="the steward who chose it")
    at = serializers.DateTimeField(allow_null=True)
    why = serializers.CharField(allow_blank=True)


class ClusterSerializer(serializers.Serializer[Any]):
    """A dataset and all sources that describe it, the leading one first."""

    dataset = serializers.UUIDField()
    url = serializers.URLField()
    page = serializers.URLField()
    lead = LeadSerializer(allow_null=True)
    sources = SourceViewSerializer(many=True)


class _ReasonedSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=2000, help_text="for the history"
    )


class JoinInputSerializer(_ReasonedSerializer):
    """A dataset that is the same one."""

    dataset = serializers.CharField(max_length=1000, help_text="id, slug or DOI of the other dataset")


class SplitInputSerializer(_ReasonedSerializer):
    """Records that are another dataset."""

    records = serializers.ListField(child=serializers.UUIDField(), allow_empty=False, max_length=500)


class LeadInputSerializer(_ReasonedSerializer):
    """A record that is to lead."""

    record = serializers.UUIDField(allow_null=True, help_text="null: let the rules choose")
