"""The harvest protocols there are. A new one is a module in this folder and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module

from catalogue.errors import NotFound
from harvesters.base import HarvestProtocol

PROTOCOLS: Mapping[str, str] = {
    "dcat": "harvesters.protocols.dcat:DcatProtocol",
    "oai_pmh": "harvesters.protocols.oai_pmh:OaiPmhProtocol",
    "ckan": "harvesters.protocols.ckan:CkanProtocol",
}
"""Name -> where its class is. Modules are loaded at their first use: some bring large libraries."""


@cache
def get_protocol(name: str) -> HarvestProtocol:
    """Return the protocol of a name. Raises NotFound, naming those there are."""
    place = PROTOCOLS.get(name)
    if place is None:
        raise NotFound(f'There is no harvest protocol "{name}". There are: {", ".join(sorted(PROTOCOLS))}.')
    module, _, attribute = place.partition(":")
    protocol: HarvestProtocol = getattr(import_module(module), attribute)()
    return protocol


def labels_and_options() -> dict[str, tuple[str, Mapping[str, str]]]:
    """Return name -> (label, options with what each does), for forms and documentation."""
    return {name: (get_protocol(name).label, get_protocol(name).options) for name in PROTOCOLS}
