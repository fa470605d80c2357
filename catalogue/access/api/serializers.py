"""What the API says and takes of access requests."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from catalogue.access.models import AccessRoute, Application, Attachment, Committee, Grant, Item
from catalogue.api.serializers.pages import page_of


class PersonSerializer(serializers.Serializer[Any]):
    """Somebody, as far as the asker may know."""

    person = serializers.UUIDField(help_text="stands for them in logs, evidence and visas")
    name = serializers.CharField(allow_blank=True)


class CommitteeSerializer(serializers.ModelSerializer[Committee]):
    """A committee."""

    contact_email = serializers.CharField(allow_blank=True)

    class Meta:
        model = Committee
        fields = ("id", "slug", "name", "name_sv", "about", "ror", "country", "contact_email")


class ItemSerializer(serializers.Serializer[Any]):
    """One dataset of an application."""

    id = serializers.UUIDField()
    dataset = serializers.UUIDField(source="dataset_id")
    title = serializers.CharField(source="dataset.title")
    committee = serializers.SlugField(source="committee.slug")
    workflow = serializers.CharField(source="workflow.kind")
    state = serializers.ChoiceField(choices=Item.State.choices)
    deadline_at = serializers.DateTimeField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField(help_text="of the decision", allow_blank=True)
    conditions = serializers.CharField(allow_blank=True)
    may = serializers.ListField(child=serializers.CharField(), help_text="commands that you may give now")


class TermsWordsSerializer(serializers.Serializer[Any]):
    """Terms to accept, by the hash of their words."""

    id = serializers.IntegerField()
    name = serializers.CharField(source="terms.name")
    number = serializers.IntegerField()
    texts = serializers.DictField(child=serializers.CharField())
    sha256 = serializers.CharField()


class MemberSerializer(serializers.Serializer[Any]):
    """A member; the address is shown to the applicant only."""

    id = serializers.IntegerField()
    state = serializers.CharField()
    email = serializers.CharField(allow_blank=True)
    person = PersonSerializer(allow_null=True)


class ApplicationSummarySerializer(serializers.Serializer[Any]):
    """An application in lists."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    kind = serializers.ChoiceField(choices=Application.Kind.choices)
    title = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(choices=Application.State.choices)
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    changed_at = serializers.DateTimeField()
    submitted_at = serializers.DateTimeField(allow_null=True)
    url = serializers.CharField(source="api_url")


class AttachmentSerializer(serializers.Serializer[Any]):
    """A file of an application. Answers name it by its SHA-256."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    sha256 = serializers.CharField()
    size_bytes = serializers.IntegerField()
    type = serializers.CharField(source="media_type")
    scan = serializers.ChoiceField(choices=Attachment.Scan.choices)


class ApplicationSerializer(ApplicationSummarySerializer):
    """A whole application, as far as the asker serves it."""

    amends = serializers.UUIDField(source="amends_id", allow_null=True)
    applicant = PersonSerializer(source="applicant_shown")
    intent = serializers.DictField()
    answers = serializers.DictField(source="answers_shown")
    return_reason = serializers.CharField(allow_blank=True)
    snapshot_sha256 = serializers.CharField(
        allow_blank=True, help_text="of what was submitted last: decisions are made on it"
    )
    items = ItemSerializer(many=True, source="items_shown")
    terms = TermsWordsSerializer(many=True, source="terms_shown")
    members = MemberSerializer(many=True, source="members_shown")
    attachments = AttachmentSerializer(
        many=True, source="attachments_shown", help_text="for the application's people"
    )
    may = serializers.ListField(child=serializers.CharField(), help_text="commands that you may give now")


class EventSerializer(serializers.Serializer[Any]):
    """One line of the log."""

    seq = serializers.IntegerField()
    type = serializers.CharField()
    item = serializers.UUIDField(source="item_id", allow_null=True)
    actor = serializers.UUIDField(allow_null=True)
    at = serializers.DateTimeField()
    body = serializers.DictField()
    is_public = serializers.BooleanField()
    hash = serializers.CharField()


class GrantSerializer(serializers.Serializer[Any]):
    """A right of one person to one dataset."""

    id = serializers.UUIDField()
    item = serializers.UUIDField(source="item_id")
    dataset = serializers.UUIDField(source="dataset_id")
    title = serializers.CharField(source="dataset.title")
    person = PersonSerializer(source="person_shown")
    state = serializers.ChoiceField(choices=Grant.State.choices)
    holds = serializers.BooleanField(help_text="whether it gives anything at this moment")
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    reason = serializers.CharField(allow_blank=True)
    may = serializers.ListField(child=serializers.CharField())


class BoardItemSerializer(serializers.Serializer[Any]):
    """An item on a committee's board."""

    id = serializers.UUIDField()
    application = serializers.UUIDField(source="application_id")
    number = serializers.CharField(source="application.number")
    title = serializers.CharField(source="application.title", allow_blank=True)
    dataset = serializers.UUIDField(source="dataset_id")
    dataset_title = serializers.CharField(source="dataset.title")
    state = serializers.ChoiceField(choices=Item.State.choices)
    pending_at = serializers.DateTimeField(allow_null=True)
    deadline_at = serializers.DateTimeField(allow_null=True)


class AdviceSerializer(serializers.Serializer[Any]):
    """What the conditions of one dataset say of an intent."""

    dataset = serializers.UUIDField()
    title = serializers.CharField()
    verdict = serializers.ChoiceField(choices=["fits", "needs_person", "excluded"])
    lines = serializers.ListField(child=serializers.DictField())


class BasketSerializer(serializers.Serializer[Any]):
    """Datasets by id, slug or DOI."""

    datasets = serializers.ListField(child=serializers.CharField(max_length=300), max_length=100)


class BasketEntrySerializer(serializers.Serializer[Any]):
    """A dataset in the basket."""

    dataset = serializers.UUIDField(source="pk")
    title = serializers.CharField()
    route = serializers.ChoiceField(choices=[*AccessRoute.Kind.values, ""], source="route_kind")
    committee = serializers.CharField(source="route_committee", allow_blank=True)


class InvitedSerializer(serializers.Serializer[Any]):
    """The code to hand over: it is shown this once."""

    code = serializers.CharField()


class TokenSerializer(serializers.Serializer[Any]):
    """A token: it is shown this once."""

    token = serializers.CharField()
    expires_at = serializers.DateTimeField()
    manifest_url = serializers.CharField()


class PassportSerializer(serializers.Serializer[Any]):
    """Visas of a person (GA4GH Passport)."""

    ga4gh_passport_v1 = serializers.ListField(child=serializers.CharField())


class ShownVisasSerializer(serializers.Serializer[Any]):
    """What came of visas that were shown."""

    until = serializers.DateTimeField(allow_null=True, help_text="as a researcher")
    refused = serializers.ListField(child=serializers.CharField(), help_text="why others do not count")


class KeySetSerializer(serializers.Serializer[Any]):
    """A JWK Set (RFC 7517)."""

    keys = serializers.ListField(child=serializers.DictField())


class SnapshotSerializer(serializers.Serializer[Any]):
    """What was submitted, and its hash."""

    number = serializers.IntegerField()
    sha256 = serializers.CharField()
    submitted_at = serializers.DateTimeField()
    content = serializers.DictField()


class TargetStateSerializer(serializers.Serializer[Any]):
    """One person and dataset at a target."""

    target = serializers.SlugField(source="target.slug")
    person = serializers.UUIDField(source="person_id")
    dataset = serializers.UUIDField(source="dataset_id")
    wanted = serializers.BooleanField()
    observed = serializers.BooleanField(allow_null=True)
    told_at = serializers.DateTimeField(allow_null=True)
    confirmed_at = serializers.DateTimeField(allow_null=True)
    drift_since = serializers.DateTimeField(allow_null=True)
    error = serializers.CharField(allow_blank=True)


ApplicationPageSerializer = page_of(ApplicationSummarySerializer, "ApplicationPage")
GrantPageSerializer = page_of(GrantSerializer, "GrantPage")
BoardPageSerializer = page_of(BoardItemSerializer, "BoardPage")
EventPageSerializer = page_of(EventSerializer, "ApplicationEventPage")
CommitteePageSerializer = page_of(CommitteeSerializer, "CommitteePage")
TargetStatePageSerializer = page_of(TargetStateSerializer, "TargetStatePage")
