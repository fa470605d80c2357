"""Pages of lists: the same envelope for all."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


def page_of(item: type[serializers.BaseSerializer[Any]], name: str) -> type[serializers.Serializer[Any]]:
    """Return the serializer of a page of items, under a name of its own in the API's description."""
    words = {
        "__doc__": "A page of a list.",
        "results": item(many=True),
        "next": serializers.URLField(allow_null=True),
        "previous": serializers.URLField(allow_null=True),
    }
    return type(f"{name}Serializer", (serializers.Serializer,), words)
