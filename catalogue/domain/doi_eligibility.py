"""Which datasets may get a DOI from here, and under which prefix.

The registry's rule: whoever is responsible for the content mints, once for one thing. So own datasets may have a
DOI, harvested ones where their source names this catalogue as its DOI agent, and none that has one already. The
prefix is that of the publisher whose stewards may mint (models/own.py), so that nobody mints under another's.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.utils.translation import gettext as _

from catalogue.domain.source_kinds import DOI_AGENT
from catalogue.exports.wording import DOI
from catalogue.models import OWN_PROTOCOL, Dataset, Doi, DoiPrefix, SourceRecord, map_minters


def explain_ineligible(dataset: Dataset) -> str:
    """Return why no DOI can be minted for the dataset, "" if one can."""
    return explain_all([dataset])[dataset.pk]


def explain_all(datasets: Iterable[Dataset]) -> dict[uuid.UUID, str]:
    """Return for each dataset why no DOI can be minted for it, "" if one can. Four queries."""
    rows = list(datasets)
    ids = [row.pk for row in rows]
    prefixes, minters = _read_prefixes(), map_minters(rows)
    ours = set(Doi.objects.filter(dataset_id__in=ids).values_list("doi", flat=True))
    sources: dict[uuid.UUID, list[SourceRecord]] = {}
    live = SourceRecord.objects.filter(dataset_id__in=ids, state=SourceRecord.State.LIVE)
    for record in live.select_related("source"):
        sources.setdefault(record.dataset_id, []).append(record)
    return {
        row.pk: _explain(row, sources.get(row.pk, []), _choose_prefix(prefixes, minters[row.pk]), ours)
        for row in rows
    }


def find_prefix(dataset: Dataset) -> DoiPrefix | None:
    """Return the prefix that a dataset's DOI is made under, None where there is none. Two queries."""
    return _choose_prefix(_read_prefixes(), map_minters([dataset])[dataset.pk])


def _choose_prefix(prefixes: dict[int | None, DoiPrefix], publisher_id: int | None) -> DoiPrefix | None:
    """Return the prefix of a publisher, else the one for those that have none of their own."""
    return prefixes.get(publisher_id) or prefixes.get(None)


def _read_prefixes() -> dict[int | None, DoiPrefix]:
    """Return the prefix of each publisher, the first one of several; None: of everybody else."""
    return {prefix.publisher_id: prefix for prefix in DoiPrefix.objects.order_by("-prefix")}


def _explain(dataset: Dataset, records: list[SourceRecord], prefix: DoiPrefix | None, ours: set[str]) -> str:
    if dataset.state != Dataset.State.LIVE or not dataset.is_public:
        return _("It is not public: a DOI has to lead to a page that everybody can read.")
    foreign = find_foreign_doi(dataset, ours)
    if foreign:
        return _("It has the DOI %s already. One thing has one DOI.") % foreign
    if not any(_may_mint_for(record) for record in records):
        return _("It was harvested, and its source does not name this catalogue as its DOI agent.")
    if prefix is None:
        return _("Its publisher has no DOI prefix here. Ask an operator for one.")
    return ""


def find_foreign_doi(dataset: Dataset, ours: set[str]) -> str:
    """Return a DOI that the dataset has and that is none of `ours`, "" where there is none."""
    for identifier in dataset.record.get("identifiers", ()):
        found = DOI.fullmatch(str(identifier.get("value", "")).strip())
        if found and found[1].lower() not in ours:
            return found[1]
    return ""


def _may_mint_for(record: SourceRecord) -> bool:
    return record.source.protocol == OWN_PROTOCOL or record.source.options.get(DOI_AGENT) is True
