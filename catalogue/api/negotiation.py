"""Which representation a client gets: by `format`, else by the Accept header with its weights.

RFC 9110 section 12 (https://www.rfc-editor.org/rfc/rfc9110#section-12). The formats of a dataset are
those of exports/registry.py; JSON is the default.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request

from catalogue.api.parameters import refuse
from catalogue.exports.registry import FORMATS, ExportFormat

SCHEMA_ORG_ALIAS = "application/vnd.schemaorg.ld+json"  # what DOI resolvers call it


class ExportRenderer(BaseRenderer):
    """Hands on the bytes that an export made; the view gives them."""

    charset = None
    render_style = "binary"
    export: ClassVar[ExportFormat]

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None
    ) -> bytes:
        """Return the bytes as they are."""
        return bytes(data)


def _make_renderer(export: ExportFormat, media_type: str) -> type[ExportRenderer]:
    words = {
        "export": export,
        "media_type": media_type,
        "format": export.name,
        "charset": "utf-8" if media_type.startswith("text/") else None,
    }
    return type(f"{export.name.title()}Renderer", (ExportRenderer,), words)


EXPORT_RENDERERS: tuple[type[ExportRenderer], ...] = (
    *(_make_renderer(export, export.media_type) for export in FORMATS.values()),
    _make_renderer(FORMATS["schema_org"], SCHEMA_ORG_ALIAS),
)
EXPORT_NAMES = ("json", *FORMATS)


class WeighedNegotiation(DefaultContentNegotiation):
    """Content negotiation that honours weights (`q=`), which DRF's own does not."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """Return the renderer and its media type. Raises NotAcceptable, or InvalidParameters for `format`."""
        wanted = request.query_params.get("format", "")
        renderers = tuple(renderers)
        if wanted and len(renderers) > 1:
            for renderer in renderers:
                if renderer.format == wanted:
                    return renderer, str(renderer.media_type)
            names = dict.fromkeys(str(renderer.format) for renderer in renderers)
            raise refuse("format", wanted, f"Use one of {', '.join(names)}.")
        by_type = {str(renderer.media_type): renderer for renderer in renderers}
        preferred = request._request.get_preferred_type(list(by_type))  # noqa: SLF001 - DRF has no other way
        if preferred is None:
            raise NotAcceptable(f"There is: {', '.join(by_type)}.")
        return by_type[preferred], preferred


class PlainJsonRenderer(JSONRenderer):
    """JSON in UTF-8, whatever parameters (`indent=4`) the Accept header has."""

    def get_indent(self, accepted_media_type: str, renderer_context: Any) -> int | None:
        """Return None: one line, so that equal content is equal bytes."""
        return None
