"""What the API says and takes of roles."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from catalogue.models import RoleGrant


class RoleInputSerializer(serializers.Serializer[Any]):
    """A role for an account; a steward has a publisher or a source."""

    username = serializers.CharField(max_length=150)
    role = serializers.ChoiceField(choices=RoleGrant.Role.choices)
    publisher = serializers.CharField(required=False, allow_blank=True, default="", max_length=120)
    source = serializers.CharField(  # type: ignore[assignment]
        required=False, allow_blank=True, default="", max_length=80
    )


class RoleSerializer(serializers.Serializer[Any]):
    """A role that somebody has."""

    id = serializers.IntegerField()
    username = serializers.CharField(source="user.username")
    role = serializers.ChoiceField(choices=RoleGrant.Role.choices)
    publisher = serializers.SlugField(source="publisher.slug", allow_null=True, default=None)
    source = serializers.SlugField(source="source.slug", allow_null=True, default=None)  # type: ignore[assignment]
    granted_by = serializers.CharField(source="granted_by.username", allow_null=True, default=None)
    granted_at = serializers.DateTimeField()
