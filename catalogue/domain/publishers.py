"""Which row an agent is: by IRI, else by folded name; and which rows a person means who types a name."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.text import slugify

from catalogue.folding import fold_word, split_words
from catalogue.models import Agent

Json = Mapping[str, Any]


def agent_key(agent: Json) -> str:
    """Return the key of an agent given as JSON, "" when it has neither IRI nor name."""
    iri: str = agent.get("iri", "")
    if iri.startswith(("http://", "https://")):
        return iri.removeprefix("https://").removeprefix("http://").rstrip("/")[:500]
    names = [text["value"] for text in agent.get("name", ()) if text.get("value")]
    return f"name:{' '.join(names[0].casefold().split())}"[:500] if names else ""


def agent_to_json(row: Agent) -> dict[str, Any]:
    """Return an agent as a record names its publisher; `agent_key` of it leads back to the row."""
    said = {"name": row.names or [{"value": row.name}], "iri": row.iri, "homepage": row.homepage}
    return {name: value for name, value in said.items() if value}


def find_agents(text: str) -> QuerySet[Agent]:
    """Return the agents that have a name, in any language, with `text` in it; all of them for an empty one."""
    folded = fold_name(text)
    return Agent.objects.filter(folded__contains=folded) if folded else Agent.objects.all()


def fold_name(name: str) -> str:
    """Return a name without case, accents and punctuation."""
    return " ".join(fold_word(word) for word in split_words(name))


def ensure_agents(agents: Iterable[Json]) -> dict[str, Agent]:
    """Return the rows of the agents by key, creating what is missing. Call inside a transaction."""
    by_key: dict[str, list[Json]] = {}
    for agent in agents:
        if key := agent_key(agent):
            by_key.setdefault(key, []).append(agent)
    found = {row.key: row for row in Agent.objects.filter(key__in=by_key)}
    missing = [_new_agent(key, said[0]) for key, said in by_key.items() if key not in found]
    if missing:
        # Another writer may insert the same key meanwhile; then its row is the one.
        Agent.objects.bulk_create(missing, ignore_conflicts=True)
        found = {row.key: row for row in Agent.objects.filter(key__in=by_key)}
    improved = [
        row
        for key, row in found.items()
        if any([_take_names(row, agent) for agent in by_key[key]])  # noqa: C419 - all of them are to be taken
    ]
    if improved:
        Agent.objects.bulk_update(improved, ["names", "name", "folded", "homepage", "iri"])
    return found


def ensure_publisher(name: str, iri: str) -> Agent:
    """Return the publisher of this IRI, made if nobody named it yet."""
    said = {"name": [{"value": name}], "iri": iri}
    with transaction.atomic():
        [agent] = ensure_agents([said]).values()
    return agent


def _new_agent(key: str, agent: Json) -> Agent:
    row = Agent(key=key, name=key.removeprefix("name:"))
    row.folded = fold_name(row.name)
    _take_names(row, agent)
    digest = hashlib.sha256(key.encode()).hexdigest()[:6]
    row.slug = f"{slugify(row.name)[:100] or 'publisher'}-{digest}"
    return row


def _take_names(row: Agent, agent: Json) -> bool:
    """Add names in new languages and a first homepage; say whether anything was added."""
    changed = False
    languages = {text.get("lang", "") for text in row.names}
    for text in agent.get("name", ()):
        if text.get("value") and text.get("lang", "") not in languages:
            row.names = [*row.names, dict(text)]
            languages.add(text.get("lang", ""))
            changed = True
    if changed:
        row.name = row.names[0]["value"][:500]
        row.folded = "\n".join(fold_name(text["value"]) for text in row.names)
    for name in ("homepage", "iri"):
        if not getattr(row, name) and agent.get(name):
            setattr(row, name, agent[name])
            changed = True
    return changed
