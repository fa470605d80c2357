"""What the API says and takes of work at the desk."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class PileSerializer(serializers.Serializer[Any]):
    """How much of one kind of work waits for you."""

    kind = serializers.SlugField()
    title = serializers.CharField()
    waiting = serializers.IntegerField()
    yours = serializers.IntegerField(help_text="taken by you, or given to you")
    oldest = serializers.DateTimeField(allow_null=True)
    url = serializers.URLField()


class DeskSerializer(serializers.Serializer[Any]):
    """What waits for you."""

    results = PileSerializer(many=True)


class PieceSerializer(serializers.Serializer[Any]):
    """A piece of work in a queue."""

    key = serializers.CharField()
    title = serializers.CharField()
    since = serializers.DateTimeField(allow_null=True)
    assignee = serializers.CharField(allow_null=True)
    url = serializers.URLField()


class WorkSideSerializer(serializers.Serializer[Any]):
    """One of the values that are compared."""

    title = serializers.CharField()
    value = serializers.JSONField()
    author = serializers.CharField(allow_blank=True)
    at = serializers.DateTimeField(allow_null=True)


class WorkFactSerializer(serializers.Serializer[Any]):
    """Something known about it."""

    title = serializers.CharField()
    value = serializers.JSONField()


class WorkEvidenceSerializer(serializers.Serializer[Any]):
    """What speaks for or against."""

    code = serializers.CharField()
    values = serializers.ListField(child=serializers.CharField())


class WorkDecisionSerializer(serializers.Serializer[Any]):
    """Something that you can decide."""

    name = serializers.SlugField()
    title = serializers.CharField()
    asks = serializers.ChoiceField(
        choices=[("", ""), ("value", "value"), ("reason", "reason")],
        allow_blank=True,
        help_text="what the decision needs beside its name",
    )


class WorkCommentSerializer(serializers.Serializer[Any]):
    """Something that was said about a piece of work."""

    author = serializers.CharField(allow_null=True)
    text = serializers.CharField()
    written_at = serializers.DateTimeField()


class OpenPieceSerializer(PieceSerializer):
    """A piece of work with all that is needed to decide it."""

    path = serializers.CharField(allow_blank=True, help_text="the field of the record that it is about")
    why = serializers.CharField(allow_blank=True)
    facts = WorkFactSerializer(many=True)
    sides = WorkSideSerializer(many=True)
    evidence = WorkEvidenceSerializer(many=True)
    decisions = WorkDecisionSerializer(many=True)
    seen = serializers.CharField(
        allow_blank=True, help_text="send it with the decision, to be told when it has changed meanwhile"
    )
    comments = WorkCommentSerializer(many=True)


class WorkChoiceSerializer(serializers.Serializer[Any]):
    """A decision."""

    decision = serializers.SlugField()
    value = serializers.JSONField(required=False, allow_null=True, default=None)
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=5000)
    seen = serializers.CharField(required=False, allow_blank=True, default="", max_length=100)


class WorkDecidedSerializer(serializers.Serializer[Any]):
    """What is left of the queue after a decision."""

    waiting = serializers.IntegerField()


class AssignmentSerializer(serializers.Serializer[Any]):
    """Who has a piece of work."""

    to = serializers.CharField(max_length=150, help_text="an account; your own takes it")


class NewWorkCommentSerializer(serializers.Serializer[Any]):
    """What you want to say."""

    text = serializers.CharField(max_length=5000)
