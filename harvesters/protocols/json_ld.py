"""JSON-LD bodies with their remote contexts replaced by bundled ones; nothing is fetched.

JSON-LD 1.1: https://www.w3.org/TR/json-ld11/. A remote @context is a program that a stranger may
change: those that matter are kept, in our own words and no larger than needed, in ontology/contexts.
A context that isn't there makes the page unreadable, with its address in the message.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

from harvesters.errors import UnreadablePage

CONTEXTS = Path(__file__).resolve().parents[2] / "ontology" / "contexts"

REMOTE_CONTEXT = re.compile(rb'"@(?:context"\s*:\s*[\["]|import")')


def open_json_ld(stream: BinaryIO) -> bytes:
    """Return the document with every remote context in it replaced.

    Raises UnreadablePage for a context that is not bundled, or for JSON that is broken where one is used.
    """
    data = stream.read()
    if not REMOTE_CONTEXT.search(data):
        return data
    try:
        document = replace_contexts(json.loads(data))
        return json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")
    except (ValueError, RecursionError) as error:  # the latter for thousands of brackets in each other
        raise UnreadablePage(f"The JSON-LD is no valid JSON: {error}.") from error


def replace_contexts(node: Any) -> Any:
    """Return the node with the contexts' addresses replaced by what they stand for."""
    if isinstance(node, list):
        return [replace_contexts(item) for item in node]
    if not isinstance(node, dict):
        return node
    replaced = {key: replace_contexts(value) for key, value in node.items() if key != "@context"}
    if isinstance(imported := replaced.get("@import"), str):
        del replaced["@import"]
        replaced = find_context(imported) | replaced
    if "@context" in node:
        context = node["@context"]
        items = context if isinstance(context, list) else [context]
        resolved = [find_context(item) if isinstance(item, str) else replace_contexts(item) for item in items]
        replaced = {"@context": resolved if len(resolved) != 1 else resolved[0], **replaced}
    return replaced


def find_context(url: str) -> dict[str, Any]:
    """Return the bundled context for an address."""
    name = load_index().get(normalise_address(url))
    if name is None:
        raise UnreadablePage(
            f"The JSON-LD leans on the remote @context {url}, which is not bundled and never fetched. "
            "Ask the publisher for the context inline, or for Turtle or RDF/XML."
        )
    return load_context(name)


def normalise_address(url: str) -> str:
    """Return a context's address without what differs between ways to write the same one."""
    return re.sub(r"^https?://(?:www\.)?", "", url.strip()).rstrip("/#")


@cache
def load_index() -> dict[str, str]:
    """Return which file stands for which context address."""
    index: dict[str, list[str]] = json.loads((CONTEXTS / "index.json").read_text("utf-8"))
    return {normalise_address(url): name for name, urls in index.items() for url in urls}


@cache
def load_context(name: str) -> dict[str, Any]:
    """Return a bundled context."""
    document: dict[str, Any] = json.loads((CONTEXTS / name).read_text("utf-8"))
    context: dict[str, Any] = document["@context"]
    return context
