"""Where a value on a page comes from, in words: layer, source, version, time, and what the source wrote."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalogue.domain.resolve import Provenance, origin_of
from catalogue.models import Dataset, Source
from catalogue.records import Normalised


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A value that normalisation changed: what the source wrote, what it became, by which rule."""

    raw: str
    value: str
    rule: str


@dataclass(frozen=True, slots=True)
class Origin:
    """The layer that a value comes from. `layer` is source, enrichment or curation."""

    layer: str
    at: datetime | None
    source_slug: str = ""
    source_title: str = ""
    version: int = 0
    author: str = ""
    reason: str = ""
    program: str = ""
    confidence_percent: int = 0
    rewritten: tuple[Rewritten, ...] = ()


class OriginReader:
    """Answers, for one dataset, where the value at a path comes from."""

    def __init__(
        self, provenance: Provenance, normalised: Iterable[Normalised], titles: Mapping[str, str]
    ) -> None:
        self._provenance = provenance
        self._normalised = tuple(normalised)
        self._titles = titles

    def read(self, path: str, raws: Iterable[Rewritten] = ()) -> Origin:
        """Return the origin of the value at `path`; `raws` are its terms as the source wrote them."""
        entry = origin_of(self._provenance, path)
        slug = str(entry.get("source", ""))
        return Origin(
            layer=str(entry.get("layer", "source")),
            at=_read_time(entry),
            source_slug=slug,
            source_title=self._titles.get(slug, slug),
            version=int(entry.get("version", 0)),
            author=str(entry.get("author", "")),
            reason=str(entry.get("reason", "")),
            program=str(entry.get("program", "")),
            confidence_percent=round(100 * float(entry.get("confidence", 0))),
            rewritten=(*raws, *self._rewritten_at(path)),
        )

    def _rewritten_at(self, path: str) -> tuple[Rewritten, ...]:
        return tuple(
            Rewritten(item.raw, item.value, item.rule)
            for item in self._normalised
            if item.field == path or item.field.startswith((f"{path}.", f"{path}[", f"{path}@"))
        )


def open_origins(dataset: Dataset, normalised: Iterable[Normalised]) -> OriginReader:
    """Return the origins of a dataset's values. One query: the titles of the sources named."""
    slugs = {entry["source"] for entry in dataset.provenance.values() if "source" in entry}
    titles = dict(Source.objects.filter(slug__in=slugs).values_list("slug", "title"))
    return OriginReader(dataset.provenance, normalised, titles)


def _read_time(entry: Mapping[str, Any]) -> datetime | None:
    try:
        return datetime.fromisoformat(str(entry.get("at", "")))
    except ValueError:
        return None
