"""The two pages of the sandbox registry for people."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>{title}</title>
<h1>{title}</h1>
<p>A registry to practise with. None of these DOIs is real; they resolve on this machine only.</p>
{content}
"""


def render_dois(dois: Iterable[tuple[str, str, str]]) -> str:
    """Return a page of all DOIs with state and landing page."""
    rows = "".join(
        f'<tr><td><a href="/{escape(doi)}">{escape(doi)}</a><td>{escape(state)}<td>{escape(url)}'
        for doi, state, url in dois
    )
    table = (
        f"<table><tr><th>DOI<th>State<th>Landing page{rows}</table>"
        if rows
        else "<p>There are no DOIs yet.</p>"
    )
    return _PAGE.format(title="Sandbox DOI registry", content=table)


def render_missing(doi: str) -> str:
    """Return the page for a DOI that does not resolve."""
    return _PAGE.format(title="DOI not found", content=f"<p>{escape(doi)} does not resolve here.</p>")
