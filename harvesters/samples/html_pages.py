"""The few pages the sample server has for people: what is here, and what went wrong. HTML5, no styles."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from harvesters.samples.listing import FAULTS

MEDIA_TYPE = "text/html; charset=utf-8"


def render_index(sources: Mapping[str, str]) -> bytes:
    """Return the page that lists the sources (address -> what it is) and the faults."""
    items = "".join(
        f'<li><a href="{escape(url)}">{escape(url)}</a>: {escape(what)}</li>' for url, what in sources.items()
    )
    faults = "".join(f"<li><code>/faulty/{name}/...</code>: {what}</li>" for name, what in FAULTS.items())
    return _render(
        "Sample sources",
        "<p>Descriptions of real public datasets, served as real sources serve them.</p>"
        f"<ul>{items}</ul><h2>Each of them, failing</h2><ul>{faults}</ul>",
    )


def render_message(title: str, message: str) -> bytes:
    """Return a page with one sentence."""
    return _render(title, f"<p>{escape(message)}</p>")


def _render(title: str, content: str) -> bytes:
    head = f'<meta charset="utf-8"><title>{escape(title)}</title>'
    return f'<!DOCTYPE html><html lang="en">{head}<h1>{escape(title)}</h1>{content}</html>'.encode()
