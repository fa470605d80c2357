"""What the API says of proposals, and what it takes to decide about them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from catalogue.enrichment.precision import Precision, measured_precision
from catalogue.enrichment.registry import PROGRAM_NAMES
from catalogue.models import Proposal

_DECISIONS = ("accept", "refuse")


class PrecisionSerializer(serializers.Serializer[Any]):
    """How often suggestions like these were right on the labelled sample."""

    made = serializers.IntegerField(help_text="suggestions of the program there, at least as sure")
    right = serializers.IntegerField()
    share = serializers.FloatField(allow_null=True, help_text="null: none was made, nothing is known")
    at_least = serializers.FloatField(help_text="the lower end of the 95 % interval of the share")


class WordsSerializer(serializers.Serializer[Any]):
    field = serializers.CharField(help_text="path of the text")
    start = serializers.IntegerField()
    end = serializers.IntegerField()
    text = serializers.CharField()


class NearestSerializer(serializers.Serializer[Any]):
    iri = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    similarity = serializers.FloatField(help_text="cosine by the encoder")


class EvidenceSerializer(serializers.Serializer[Any]):
    """What speaks for a proposal."""

    words = WordsSerializer(many=True, required=False)
    nearest = NearestSerializer(many=True, required=False)


class ProposalSerializer(serializers.Serializer[Any]):
    """A value that a program proposes for a field of a dataset."""

    id = serializers.IntegerField()
    url = serializers.URLField()
    dataset = serializers.UUIDField(source="dataset_id")
    dataset_title = serializers.CharField(source="dataset.title")
    program = serializers.ChoiceField(choices=PROGRAM_NAMES)
    path = serializers.CharField()
    value = serializers.JSONField()
    adds = serializers.BooleanField(help_text="one more element of the list at `path`, else its value")
    confidence = serializers.FloatField()
    measured = serializers.SerializerMethodField()
    evidence = EvidenceSerializer()
    state = serializers.ChoiceField(choices=Proposal.State.choices)
    made_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)
    decided_by = serializers.CharField(source="decided_by.username", default=None, allow_null=True)
    act = serializers.IntegerField(source="act_id", allow_null=True)

    def get_measured(self, row: Proposal) -> PrecisionSerializer:
        measured: Precision = measured_precision(row.program, row.confidence)
        return PrecisionSerializer(measured).data  # type: ignore[return-value]


class ProgramSummarySerializer(serializers.Serializer[Any]):
    """A program, what waits of it, and how often it was right."""

    program = serializers.ChoiceField(choices=PROGRAM_NAMES)
    waiting = serializers.IntegerField()
    above = serializers.FloatField(source="threshold", help_text="the confidence asked about")
    waiting_above = serializers.IntegerField(source="above_threshold")
    measured = PrecisionSerializer(source="precision", help_text="from that confidence on")


class ProgramSummariesSerializer(serializers.Serializer[Any]):
    results = ProgramSummarySerializer(many=True)


class ProposalDecisionSerializer(serializers.Serializer[Any]):
    """What to do about one proposal."""

    decision = serializers.ChoiceField(choices=_DECISIONS)
    reason = serializers.CharField(allow_blank=True, required=False, default="", max_length=2000)


class ProposalDecisionsSerializer(ProposalDecisionSerializer):
    """What to do about several proposals."""

    ids = serializers.ListField(child=serializers.IntegerField(min_value=1), min_length=1, max_length=1000)


class AcceptAboveSerializer(serializers.Serializer[Any]):
    """Which proposals of a program to accept without reading each."""

    program = serializers.ChoiceField(choices=PROGRAM_NAMES)
    above = serializers.FloatField(min_value=0, max_value=1, help_text="the least confidence")
    publisher = serializers.CharField(required=False, default="", allow_blank=True, help_text="slug")
    source = serializers.CharField(  # type: ignore[assignment]
        required=False, default="", allow_blank=True, help_text="slug"
    )
    reason = serializers.CharField(allow_blank=True, required=False, default="", max_length=2000)
