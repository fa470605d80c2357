"""What the API says and takes of files that the catalogue holds."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from catalogue.models import StoredFile

_SHA256_HELP = "what the sender computed; the stored bytes are compared with it"
MOST_NUMBERS = 100


class NewFileSerializer(serializers.Serializer[Any]):
    """A file that is to be uploaded."""

    draft = serializers.UUIDField(help_text="the draft it shall belong to")
    name = serializers.CharField(max_length=255)
    size_bytes = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    sha256 = serializers.CharField(default="", allow_blank=True, help_text=_SHA256_HELP)


class PartNumbersSerializer(serializers.Serializer[Any]):
    """Which parts are to be sent next."""

    numbers = serializers.ListField(
        child=serializers.IntegerField(min_value=1), allow_empty=False, max_length=MOST_NUMBERS
    )


class FinishedFileSerializer(serializers.Serializer[Any]):
    """The end of an upload."""

    sha256 = serializers.CharField(default="", allow_blank=True, help_text=_SHA256_HELP)


class PartSerializer(serializers.Serializer[Any]):
    """A part: where its bytes lie in the file, and where to PUT them."""

    number = serializers.IntegerField()
    offset = serializers.IntegerField()
    size_bytes = serializers.IntegerField()
    url = serializers.URLField(help_text="takes the bytes by PUT for a short time, without an account")


class PartsSerializer(serializers.Serializer[Any]):
    """Parts with addresses."""

    parts = PartSerializer(many=True)
    expires_s = serializers.IntegerField(help_text="for how long the addresses hold")


class UploadSerializer(serializers.Serializer[Any]):
    """How far an upload is."""

    part_size_bytes = serializers.IntegerField(help_text="the last part may be smaller")
    part_count = serializers.IntegerField()
    received = serializers.ListField(
        child=serializers.IntegerField(),
        help_text="numbers of the parts that are there; count only those whose PUT was answered, too",
    )


class FileSerializer(serializers.Serializer[Any]):
    """A file and how it stands."""

    id = serializers.UUIDField()
    draft = serializers.UUIDField(source="draft_id", allow_null=True)
    dataset = serializers.UUIDField(source="dataset_id", allow_null=True)
    name = serializers.CharField()
    size_bytes = serializers.IntegerField()
    state = serializers.ChoiceField(choices=StoredFile.State.choices)
    problem = serializers.CharField(allow_blank=True, help_text="why it was refused, or what was not checked")
    sha256 = serializers.CharField(allow_blank=True, help_text="of the stored bytes")
    media_type = serializers.CharField(allow_blank=True, help_text="as sniffed from the bytes")
    is_misnamed = serializers.BooleanField(help_text="the name promises another kind of file")
    scanned_by = serializers.CharField(allow_blank=True, help_text="empty: not scanned for malware")
    health = serializers.ChoiceField(choices=StoredFile.Health.choices)
    health_note = serializers.CharField(allow_blank=True)
    last_check_at = serializers.DateTimeField(allow_null=True, help_text="when its bytes were last read")
    created_at = serializers.DateTimeField()
    upload = UploadSerializer(source="progress", allow_null=True, help_text="null once it is finished")
    url = serializers.URLField(source="api_url")
    content = serializers.URLField(source="content_url", help_text="where it is downloaded")
