"""Which formats there are: a name, and the class that reads it, imported at first use.

A new format is a module in this folder with one class (see Format in harvesters/base.py) and a line here.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import Final, cast

from catalogue.errors import NotFound
from harvesters.base import Format

FORMATS: Final = MappingProxyType(
    {
        "ckan_package": "harvesters.formats.ckan_package:CkanPackage",
        "datacite": "harvesters.formats.datacite:DataCite",
        "dcat": "harvesters.formats.dcat:Dcat",
        "oai_dc": "harvesters.formats.oai_dc:OaiDc",
    }
)
"""RemoteRecord.format -> module:class."""


@cache
def get_format(name: str) -> Format:
    """Return the reader of a format. Raises NotFound for a name that is not in FORMATS."""
    try:
        module, _, class_name = FORMATS[name].partition(":")
    except KeyError:
        raise NotFound(f"There is no format {name!r}; the formats are {', '.join(FORMATS)}.") from None
    return cast("Format", getattr(import_module(module), class_name)())
