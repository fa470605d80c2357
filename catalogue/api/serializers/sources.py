"""What the API says and takes of sources and runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from rest_framework import serializers

from catalogue.domain.source_kinds import kinds
from catalogue.domain.sources import RESERVED_SLUGS
from catalogue.models import Run, RunFailure, Source


class LastHarvestSerializer(serializers.Serializer[Any]):
    """How the newest harvest of a source went; the rest of it is for operators."""

    state = serializers.ChoiceField(choices=Run.State.choices)
    requested_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    complete = serializers.BooleanField()


class SourceSerializer(serializers.Serializer[Any]):
    """A source as everybody sees it."""

    slug = serializers.SlugField()
    title = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    homepage = serializers.CharField(allow_blank=True)
    protocol = serializers.CharField()
    address = serializers.CharField(source="url", help_text="what is harvested")
    state = serializers.ChoiceField(choices=Source.State.choices)
    interval_hours = serializers.IntegerField(help_text="0: only when somebody starts a run")
    live_count = serializers.IntegerField(help_text="records that the source describes now")
    last_complete_at = serializers.DateTimeField(allow_null=True)
    last_harvest = LastHarvestSerializer(allow_null=True)
    url = serializers.URLField(source="api_url", help_text="the source in this API")
    page = serializers.URLField()


class OperatedSourceSerializer(SourceSerializer):
    """A source with what operators decide about it. Options may hold a key, so others do not see them."""

    options = serializers.DictField()
    full_every_days = serializers.IntegerField()
    grace_days = serializers.IntegerField()
    guard_percent = serializers.IntegerField()
    created_at = serializers.DateTimeField()


class SourceInputSerializer(serializers.ModelSerializer[Source]):
    """A source as an operator writes it."""

    protocol = serializers.CharField(max_length=40)
    url = serializers.CharField(max_length=2000, help_text="address of the interface, not of the home page")
    options = serializers.DictField(required=False)

    class Meta:
        model = Source
        fields = (
            "slug",
            "title",
            "description",
            "homepage",
            "protocol",
            "url",
            "options",
            "state",
            "interval_hours",
            "full_every_days",
            "grace_days",
            "guard_percent",
        )
        extra_kwargs = {
            "slug": {"required": False},
            "interval_hours": {"max_value": 100_000},
            "full_every_days": {"max_value": 10_000},
            "grace_days": {"max_value": 10_000},
            "guard_percent": {"max_value": 100},
        }

    def to_internal_value(self, data: Any) -> Any:
        """Refuse names that are not known: a misspelt one would silently change nothing."""
        if isinstance(data, Mapping) and (unknown := [name for name in data if name not in self.fields]):
            known = ", ".join(self.fields)
            raise serializers.ValidationError(
                dict.fromkeys(unknown, f"There is no such field. There are: {known}.")
            )
        return super().to_internal_value(data)

    def validate_slug(self, slug: str) -> str:
        """Return a slug that is free; it never changes."""
        if self.instance is not None and slug != self.instance.slug:
            raise serializers.ValidationError("A source keeps its slug: datasets take their ids from it.")
        if slug in RESERVED_SLUGS:
            raise serializers.ValidationError(f"{slug} is a word of the site's own. Choose another.")
        return slug

    def validate_protocol(self, name: str) -> str:
        """Return a protocol that there is."""
        names = [kind.name for kind in kinds()]
        if name not in names:
            raise serializers.ValidationError(
                f"There is no protocol {name!r}. There are: {', '.join(names)}."
            )
        return name

    def validate_url(self, url: str) -> str:
        """Return an address that a harvest could ask for."""
        check_address(url)
        return url

    def validate_homepage(self, url: str) -> str:
        """Return an address that may be a link."""
        if url:
            check_address(url)
        return url

    def validate_options(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return options that any database can keep."""
        try:
            text = json.dumps(options, ensure_ascii=False, allow_nan=False).encode()
        except (ValueError, UnicodeEncodeError):
            raise serializers.ValidationError("Options are JSON in Unicode; one value is not.") from None
        if b"\\u0000" in text:
            raise serializers.ValidationError("A NUL character cannot be kept. Leave it out.")
        return options

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Return the values when the protocol knows each option."""
        protocol = attrs.get("protocol", self.instance.protocol if self.instance else "")
        options = attrs.get("options", self.instance.options if self.instance else {})
        known = next((kind.options for kind in kinds() if kind.name == protocol), {})
        if unknown := sorted(set(options) - set(known)):
            words = ", ".join(known) or "none"
            raise serializers.ValidationError(
                {"options": f"{protocol} has no option {', '.join(unknown)}. There are: {words}."}
            )
        return attrs


class NewRunSerializer(serializers.Serializer[Any]):
    """What to run."""

    kind = serializers.ChoiceField(
        choices=Run.Kind.choices, default=Run.Kind.HARVEST, help_text="preview: plan only, nothing is changed"
    )
    force = serializers.BooleanField(default=False, help_text="read every record again, also unchanged ones")
    accept_removals = serializers.BooleanField(
        default=False, help_text="a person looked: the guard against many removals is off this time"
    )
    limit = serializers.IntegerField(
        default=None,
        allow_null=True,
        min_value=1,
        max_value=2**31 - 1,
        help_text="stop after so many records",
    )


class RunSerializer(serializers.Serializer[Any]):
    """A run: how it stands and what it did."""

    id = serializers.IntegerField()
    source = serializers.SlugField(source="source.slug")  # type: ignore[assignment]
    kind = serializers.ChoiceField(choices=Run.Kind.choices)
    state = serializers.ChoiceField(choices=Run.State.choices)
    requested_by = serializers.CharField(source="requested_by.username", default=None, allow_null=True)
    force = serializers.BooleanField()
    accept_removals = serializers.BooleanField()
    limit = serializers.IntegerField(allow_null=True)
    stop_requested = serializers.BooleanField()
    requested_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    undone_at = serializers.DateTimeField(allow_null=True)
    complete = serializers.BooleanField(help_text="the listing was provably whole")
    is_delta = serializers.BooleanField(help_text="only changes were listed")
    message = serializers.CharField(allow_blank=True)
    listed_total = serializers.IntegerField(allow_null=True)
    seen = serializers.IntegerField()
    new = serializers.IntegerField()
    changed = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    failed = serializers.IntegerField()
    missing = serializers.IntegerField()
    removed = serializers.IntegerField()
    plan = serializers.JSONField(help_text="what a preview would do; null for a harvest")
    url = serializers.URLField(source="api_url")
    failures = serializers.URLField(source="failures_url")
    page = serializers.URLField()


class RunFailureSerializer(serializers.ModelSerializer[RunFailure]):
    """A record, or a page of a listing, that a run could not use."""

    class Meta:
        model = RunFailure
        fields = ("id", "remote_id", "field", "reason", "value", "media_type", "created_at")


class UndoneSerializer(serializers.Serializer[Any]):
    """What undoing a run did. Its source is paused now, or its next harvest would say the same again."""

    records = serializers.IntegerField(help_text="records that were put back")
    run = RunSerializer()


def check_address(url: str) -> None:
    """Raise ValidationError unless `url` is a whole http(s) address without a password."""
    try:
        parts = urlsplit(url)
        is_whole = bool(parts.hostname) and parts.port != 0 and not any(sign.isspace() for sign in url)
    except ValueError:
        is_whole, parts = False, urlsplit("")
    if not is_whole or parts.scheme not in {"http", "https"}:
        raise serializers.ValidationError("Give a whole address such as https://data.example.org/oai.")
    if parts.username or parts.password:
        raise serializers.ValidationError("Leave name and password out of the address: anybody may read it.")
