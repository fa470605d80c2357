"""What the `@context` of a policy may say: addresses and prefixes that are known, and none that is fetched.

A context that could give ODRL's words another meaning makes the whole policy unreadable.
"""

from __future__ import annotations

import re
from typing import Any, Final

ODRL: Final = "http://www.w3.org/ns/odrl/2/"

_CONTEXTS: Final = frozenset(
    {
        "http://www.w3.org/ns/odrl.jsonld",
        "https://www.w3.org/ns/odrl.jsonld",
        "http://www.w3.org/ns/odrl/2/",
        "https://w3id.org/dspace/2025/1/context.jsonld",
        "https://w3id.org/dspace/2024/1/context.json",
        "https://w3id.org/edc/dspace/v0.0.1",
        "https://w3id.org/edc/connector/management/v0.0.1",
    }
)
# Prefixes that a context may say, and what each must stand for.
_PREFIXES: Final = {
    "odrl": {ODRL},
    "dct": {"http://purl.org/dc/terms/"},
    "dcterms": {"http://purl.org/dc/terms/"},
    "xsd": {"http://www.w3.org/2001/XMLSchema#"},
    "rdf": {"http://www.w3.org/1999/02/22-rdf-syntax-ns#"},
    "rdfs": {"http://www.w3.org/2000/01/rdf-schema#"},
    "cc": {"http://creativecommons.org/ns#", "https://creativecommons.org/ns#"},
    "dcat": {"http://www.w3.org/ns/dcat#", "https://www.w3.org/ns/dcat/"},
    "dpv": {"https://w3id.org/dpv#", "http://www.w3.org/ns/dpv#"},
    "obo": {"http://purl.obolibrary.org/obo/"},
    "dspace": {"https://w3id.org/dspace/v0.8/", "https://w3id.org/dspace/2025/1/"},
    "edc": {"https://w3id.org/edc/v0.0.1/ns/"},
    "schema": {"https://schema.org/", "http://schema.org/"},
}
# Words of ODRL that a context could turn into something else by taking them for a prefix.
_WORDS: Final = frozenset(
    {"permission", "prohibition", "obligation", "conflict", "action", "target", "assignee", "assigner"}
    | {"constraint", "duty", "remedy", "consequence", "refinement", "value", "and", "or", "xone", "uid"}
    | {"use", "read", "prohibit", "perm", "invalid", "purpose", "spatial", "recipient", "industry", "event"}
    | {"eq", "neq", "lt", "lteq", "gt", "gteq", "type", "id", "profile"}
)


def read_context(context: Any) -> bool | None:
    """Whether a bare word is one of ODRL under a context; None if the context is not known."""
    is_odrl_default = True
    if context is None:
        return True
    for part in context if type(context) is list else [context]:
        if type(part) is str and part in _CONTEXTS:
            continue
        if type(part) is not dict:
            return None
        for key, value in part.items():
            if type(value) is not str or not (key == "@vocab" or _is_prefix(key, value)):
                return None
            if key == "@vocab":
                is_odrl_default = value == ODRL
    return is_odrl_default


def _is_prefix(key: str, value: str) -> bool:
    """Whether a context's entry only names a vocabulary: a known prefix as known, or another's own."""
    if key in _PREFIXES:
        return value in _PREFIXES[key]
    return (
        re.fullmatch(r"[a-z][a-z0-9-]{0,20}", key) is not None
        and key not in _WORDS
        and value[-1:] in {"/", "#"}
    )
