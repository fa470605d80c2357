"""Addresses of values inside a record's JSON, such as `title` or `distributions[~1f3a9c22].license`.

An element of a list is addressed by its key, derived from what it is (its IRI, download address, name),
so that the address still leads to it when the source lists its elements in another order. An index
(`distributions[0]`) is understood too. Pure: no Django, no store.
"""

from __future__ import annotations

import copy
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from catalogue.errors import InvalidRecord, Violation

Json = dict[str, Any]

_STEP = re.compile(r"([a-z_0-9]+)|\[(\d+)\]|\[~([0-9a-f]{8}(?:-\d+)?)\]")
_PATH = re.compile(r"[a-z_0-9]+(?:\[(?:\d+|~[0-9a-f]{8}(?:-\d+)?)\]|\.[a-z_0-9]+)*")
_IDENTITIES = (
    "iri",
    "download_urls",
    "access_urls",
    "target",
    "email",
    "url",
    "value",
    "title",
    "name",
    "label",
)


def element_key(item: Any) -> str:
    """Return the 8 hex digits by which a list's element is known: of the first thing that identifies it."""
    identity = item
    if isinstance(item, Mapping):
        identity = next((item[name] for name in _IDENTITIES if item.get(name)), item)
        if isinstance(identity, Sequence) and not isinstance(identity, str):
            identity = identity[0]
        if "scheme" in item or "lang" in item:
            identity = [item.get("scheme", ""), item.get("lang", ""), identity]
    return value_digest(identity)[:8]


def element_keys(items: Sequence[Any]) -> list[str]:
    """Return the keys of a list's elements; the second of two equal ones ends in `-2`, and so on."""
    counts: dict[str, int] = {}
    keys = []
    for item in items:
        key = element_key(item)
        counts[key] = counts.get(key, 0) + 1
        keys.append(key if counts[key] == 1 else f"{key}-{counts[key]}")
    return keys


def value_digest(value: Any) -> str:
    """Return the sha256 of a JSON value in canonical form: equal values, equal digests."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def get_path(data: Any, path: str) -> Any:
    """Return the value at a path, or None where there is none."""
    for step in split_path(path):
        try:
            data = data[_locate(data, step)]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def set_path(data: Json, path: str, value: Any) -> None:
    """Set the value at `path` in place, copying the branches on the way; None takes the value out.

    Raises InvalidRecord when the way to it does not exist.
    """
    steps = split_path(path)
    node: Any = data
    try:
        for step in steps[:-1]:
            here = _locate(node, step)
            node[here] = node = copy.copy(node[here])
        last = _locate(node, steps[-1])
        if value is not None:
            node[last] = value
        elif isinstance(node, list) or last in node:  # taking out what is not there is done already
            del node[last]
    except (KeyError, IndexError, TypeError) as error:
        raise _no_such_path(path) from error


def split_path(path: str) -> list[str | int]:
    """Return the steps of a path; the key of an element begins with `~`. Raises InvalidRecord."""
    if not _PATH.fullmatch(path):
        raise _no_such_path(path)
    return [name or (int(index) if index else f"~{key}") for name, index, key in _STEP.findall(path)]


def concrete_path(data: Any, path: str) -> str:
    """Return the path with element keys replaced by the indexes they now have.

    Raises InvalidRecord when the way does not exist; its last step, if a name, need not.
    """
    result = ""
    steps = split_path(path)
    try:
        for number, step in enumerate(steps):
            here = _locate(data, step)
            result += f"[{here}]" if isinstance(here, int) else f".{here}" if result else here
            if number < len(steps) - 1 or isinstance(here, int):
                data = data[here]
    except (KeyError, IndexError, TypeError) as error:
        raise _no_such_path(path) from error
    return result


def texts_in(texts: Any, lang: str) -> list[str]:
    """Return the words of a list of texts in one language ("": those without a language)."""
    return [text["value"] for text in texts or () if text.get("lang", "") == lang]


def replace_language(texts: Any, lang: str, words: Sequence[str]) -> list[Json] | None:
    """Return the list of texts with its words in `lang` replaced, at their place; None when none is left."""
    fresh = [{"value": text, "lang": lang} if lang else {"value": text} for text in words]
    result: list[Json] = []
    placed = False
    for text in texts or ():
        if text.get("lang", "") != lang:
            result.append(text)
        elif not placed:
            result.extend(fresh)
            placed = True
    return (result if placed else [*result, *fresh]) or None


def _locate(node: Any, step: str | int) -> Any:
    """Return the step as the node takes it: a name or an index. Raises KeyError for an unknown key."""
    if isinstance(step, str) and step.startswith("~"):
        if not isinstance(node, list):
            raise TypeError(step)
        try:
            return element_keys(node).index(step[1:])
        except ValueError as error:
            raise KeyError(step) from error
    if isinstance(step, str) != isinstance(node, dict):
        raise TypeError(step)
    return step


def _no_such_path(path: str) -> InvalidRecord:
    return InvalidRecord(
        f"The record has no field {path!r}.", (Violation(path, "no such field in this record"),)
    )
