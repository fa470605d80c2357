"""Our indices in a cluster: fields, template, generations; and a document as one of them takes it.

    <prefix>               alias of the live generation, swapped in one action
    <prefix>.previous      alias of the one before the last rebuild, kept to swap back
    <prefix>.g<number>     a generation; without an alias, a rebuild under way or the remains of one
    <prefix>.locks         who writes (elastic_lock.py)
    <prefix>.generations   the index template, whose version is the schema's

What a generation's vectors are stands in its mapping's `_meta`. Words come analysed from index_fields.py
and are only cut at spaces, so that both engines rank alike. Unknown fields are not mapped (`dynamic: false`),
values too long for a term are left out of that field alone, and a number that is none is left out too.

Not done here: reading an index that another version of the fields made.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from catalogue.errors import NotFound
from catalogue.search.elastic_client import ElasticClient
from catalogue.search.engine import IndexDocument
from catalogue.search.index_fields import (
    BOXED,
    COUNTED,
    EXACT,
    LONGEST_TITLE,
    POSITIONED,
    SCHEMA_VERSION,
    analyse_document,
)
from catalogue.search.index_meta import Meta

_LONGEST_TERM = 8000  # characters; Lucene refuses a document with a term of more than 32,766 bytes
WINDOW = 20_000  # hits that can be paged through: query.DEEPEST_RESULT and what fusion takes from deeper
_SAMPLED = 2**31  # `sample` is below this

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(IndexDocument).decode


def build_template(prefix: str) -> dict[str, Any]:
    """Return the template of all generations. A change of it changes SCHEMA_VERSION."""
    words = {"type": "text", "analyzer": "whitespace"}
    value = {"type": "keyword", "ignore_above": _LONGEST_TERM}
    number = {"type": "integer", "ignore_malformed": True}
    properties: dict[str, Any] = {
        "id": {"type": "keyword"},
        "revision": {"type": "long"},  # strict: a document of unknown revision is no document
        "newest": number,
        "sample": number,
        "sort_title": value,
        "size_bytes": {"type": "long", "ignore_malformed": True},
        **{key: {"type": "double"} for key in BOXED},
        "document": {"type": "object", "enabled": False},
        "packed_vector": {"type": "object", "enabled": False},
        **{name: {**words, "index_options": "positions"} for name in POSITIONED},
        **{name: {**words, "index_options": "freqs"} for name in COUNTED},
        **dict.fromkeys(EXACT, value),
    }
    return {
        "index_patterns": [f"{prefix}.g*"],
        "version": SCHEMA_VERSION,
        "priority": 500,
        "template": {
            "settings": {
                "number_of_shards": 1,  # counts are exact, and scores do not depend on the shard
                "auto_expand_replicas": "0-1",
                "refresh_interval": "-1",  # a commit refreshes, nothing else
                "max_result_window": WINDOW,
            },
            "mappings": {
                "dynamic": False,
                # What is analysed is not kept a second time; a rebuild asks the database.
                "_source": {"includes": ["document", "packed_vector"]},
                "properties": properties,
            },
        },
    }


def build_body(document: IndexDocument, vector: NDArray[np.float32] | None) -> dict[str, Any]:
    """Return a document as the index takes it."""
    fields = analyse_document(document)
    body: dict[str, Any] = {
        "id": document.id,
        "revision": int(document.revision),
        "newest": int(document.newest),
        # Spread evenly and the same at each upsert: the first of them are a sample of all.
        "sample": int.from_bytes(document.id.encode()[-8:], "big") * 2_654_435_761 % _SAMPLED,
        "sort_title": document.sort_title[:LONGEST_TITLE],
        "document": _encode(document).decode(),
        **fields.degrees,
        **fields.words,
        **{name: list(values) for name, values in fields.values.items()},
    }
    if fields.size_bytes is not None:
        body["size_bytes"] = fields.size_bytes
    if vector is not None:
        body["vector"] = np.round(vector.astype(np.float64), 6).tolist()
        body["packed_vector"] = base64.b64encode(vector.astype(np.float16).tobytes()).decode()
    return body


def read_body(source: Mapping[str, Any]) -> IndexDocument:
    """Return the document that was indexed."""
    return _decode(source["document"])


def read_vector(source: Mapping[str, Any]) -> NDArray[np.float32] | None:
    """Return the vector that was indexed, in its 16-bit form, or None."""
    packed = source.get("packed_vector")
    if packed is None:
        return None
    return np.frombuffer(base64.b64decode(packed), dtype=np.float16).astype(np.float32)


class Generations:
    """The generations under one prefix."""

    def __init__(self, client: ElasticClient) -> None:
        self._client = client
        self.live_alias, self.previous_alias = client.prefix, f"{client.prefix}.previous"

    def find_live(self) -> str:
        """Return the live generation's index, "" when there is none yet."""
        return self._follow(self.live_alias)

    def find_previous(self) -> str:
        """Return the index before the last rebuild, "" when none is kept."""
        return self._follow(self.previous_alias)

    def read_meta(self, index: str) -> Meta:
        """Return what a generation is. Raises NotFound."""
        mapping = self._client.ask("GET", f"/{index}/_mapping")[index]["mappings"]
        return Meta(**mapping["_meta"])

    def write_meta(self, index: str, meta: Meta) -> None:
        """Write what a generation is, and give it a field for its vectors."""
        self._client.ask("PUT", f"/{index}/_mapping", _describe(meta))

    def start(self, meta: Meta) -> str:
        """Make a new generation, which nobody sees before `publish`, and return its index."""
        index = f"{self._client.prefix}.g{time.time_ns():x}"
        template = build_template(self._client.prefix)
        self._client.ask("PUT", f"/_index_template/{self._client.prefix}.generations", template)
        self._client.ask("PUT", f"/{index}", {"mappings": _describe(meta)}, timeout_s=60)
        return index

    def publish(self, index: str) -> None:
        """Make a generation the live one, and keep the one that was."""
        self._point(index, self.find_live())

    def drop(self, index: str) -> None:
        """Remove a generation; nothing happens when it is not there."""
        self._client.ask("DELETE", f"/{index}", ignore_unavailable=True)

    def drop_others(self) -> None:
        """Remove all generations that are neither live nor kept. The caller holds the rebuild lock."""
        kept = (self.find_live(), self.find_previous())
        found = self._client.ask("GET", f"/{self._client.prefix}.g*/_alias", expand_wildcards="all")
        for index in found:
            if index not in kept:
                self.drop(index)

    def drop_all(self) -> None:
        """Remove everything under the prefix."""
        found = self._client.ask("GET", f"/{self._client.prefix}.*/_alias", expand_wildcards="all")
        for index in found:
            self.drop(index)
        try:
            self._client.ask("DELETE", f"/_index_template/{self._client.prefix}.generations")
        except NotFound:
            return

    def _follow(self, alias: str) -> str:
        try:
            return str(next(iter(self._client.ask("GET", f"/_alias/{alias}"))))
        except NotFound:
            return ""

    def _point(self, live: str, previous: str) -> None:
        """Set both aliases in one action, so that readers see the old state or the new."""
        wanted = {self.live_alias: live, self.previous_alias: previous}
        actions: list[dict[str, Any]] = [
            {"remove": {"index": f"{self._client.prefix}.g*", "alias": alias, "must_exist": False}}
            for alias in wanted
        ]
        actions.extend({"add": {"index": index, "alias": alias}} for alias, index in wanted.items() if index)
        self._client.ask("POST", "/_aliases", {"actions": actions})


def _describe(meta: Meta) -> dict[str, Any]:
    described: dict[str, Any] = {"_meta": asdict(meta)}
    if meta.dimension:
        described["properties"] = {
            "vector": {
                "type": "dense_vector",
                "dims": meta.dimension,
                "index": True,
                "similarity": "cosine",
                # Named, as the default differs from release to release.
                "index_options": {"type": "int8_hnsw"},
            }
        }
    return described
