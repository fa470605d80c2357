"""Licences: any usual spelling to one IRI, and what the licence lets you do in plain words.

The IRI is the EU authority table's where it has one, else the licence's own canonical address.
Creative Commons (https://creativecommons.org/licenses/) is recognised by rule: http or https, with or
without slash, `legalcode` or `deed`, any language of the deed, SPDX ids and names. Ports to a country
(`by/2.5/se`) are licences of their own and keep their address.
"""

from __future__ import annotations

import re
from typing import Literal

from ontology.concepts import Vocabulary
from ontology.namespaces import LICENCE

LicenseClass = Literal[
    "open", "open-attribution", "share-alike", "non-commercial", "no-derivatives", "restricted", "unknown"
]

_PARTS = r"by(?:-(?:nc-sa|nc-nd|nd-nc|sa-nc|nc|sa|nd))?"
_CC_ADDRESS = re.compile(
    rf"https?://(?:www\.)?creativecommons\.org/licen[sc]es/({_PARTS})/([1-4]\.[05])(?:/(?!deed|legalcode|rdf)([a-z]{{2,3}}))?"
    r"(?:[/.](?:deed|legalcode|rdf)[a-z._-]*)?/?(?:[?#].*)?",
    re.IGNORECASE,
)
_CC_ZERO_OR_MARK = re.compile(
    r"https?://(?:www\.)?creativecommons\.org/publicdomain/(zero|mark)(?:/1\.0)?(?:/.*)?", re.IGNORECASE
)
_CC_ID = re.compile(
    rf"(?:https?://spdx\.org/licenses/)?cc[ -]?({_PARTS})[ -]?v?([1-4](?:\.[05])?)(?:[ -](?:int|international|unported|generic)\.?)?(?:\.html|\.json)?/?",
    re.IGNORECASE,
)
_CC_MIRROR = re.compile(
    rf"https?://(?:rdflicense\.(?:appspot\.com|linkeddata\.es)/rdflicense/cc-|choosealicense\.com/licenses/cc-"
    rf"|scancode-licensedb\.aboutcode\.org/cc-|(?:www\.)?dcat-ap\.de/def/licenses/cc-)({_PARTS})[-/]?([1-4]\.[05])(?:\.html)?/?",
    re.IGNORECASE,
)
_CC_NAME = re.compile(r"(?:creative ?commons|cc)\b.*?\b(?:attribution|erkännande|by)\b", re.IGNORECASE)
_CC_WORDS = (
    ("nc", re.compile("noncommercial|ickekommersiell|bync")),
    ("sa", re.compile("sharealike|delalika|by(?:nc)?sa")),
    ("nd", re.compile("noderiv|ingabearbetningar|by(?:nc)?nd")),
)
_VERSION = re.compile(r"\b([1-4]\.[05])\b")
_PORT = re.compile(r"\b(?:sweden|sverige|germany|deutschland|france|igo|uk|us|au|de|se|fr)\b", re.IGNORECASE)
_CODES = {
    "by": "BY",
    "by-sa": "BYSA",
    "by-nd": "BYND",
    "by-nc": "BYNC",
    "by-nc-sa": "BYNCSA",
    "by-sa-nc": "BYNCSA",
    "by-nc-nd": "BYNCND",
    "by-nd-nc": "BYNCND",
}
_SPDX = "https://spdx.org/licenses/"
_CLASSES: dict[str, LicenseClass] = {
    "by": "open-attribution",
    "by-sa": "share-alike",
    "by-nd": "no-derivatives",
}


class _Licenses(Vocabulary):
    def _find_more(self, raw: str) -> str | None:
        if match := _CC_ADDRESS.fullmatch(raw):
            parts, version, port = match[1].lower(), match[2], (match[3] or "").lower()
            # With 4.0 there are no ports: what looks like one is a deed's language.
            if port and version != "4.0":
                return f"http://creativecommons.org/licenses/{parts}/{version}/{port}/"
            return self._find_cc(parts, version)
        if match := _CC_ZERO_OR_MARK.fullmatch(raw):
            mark = "http://creativecommons.org/publicdomain/mark/1.0/"
            return LICENCE.CC0 if match[1].lower() == "zero" else mark
        if match := _CC_ID.fullmatch(raw.replace("_", "-")) or _CC_MIRROR.fullmatch(raw):
            return self._find_cc(match[1].lower(), match[2])
        return self._find_cc_name(raw) if _CC_NAME.match(raw) else None

    def _find_cc_name(self, raw: str) -> str | None:
        words = re.sub(r"[\s\-–—_/]", "", raw.lower())
        version = _VERSION.search(raw)
        if version is None or (_PORT.search(raw) and version[1] != "4.0"):
            return None
        conditions = [condition for condition, pattern in _CC_WORDS if pattern.search(words)]
        return self._find_cc("-".join(["by", *conditions]), version[1])

    def _find_cc(self, parts: str, version: str) -> str | None:
        version = version if "." in version else f"{version}.0"
        iri = LICENCE(f"CC_{_CODES[parts]}_{version.replace('.', '_')}") if parts in _CODES else ""
        return iri if self.contains(iri) else None

    def license_class(self, iri: str) -> LicenseClass:
        """Return what the licence lets you do: its strongest condition, in one word."""
        known = self.concepts.get(iri)
        if known is not None:
            word: LicenseClass = known["class"]
            return word
        if match := _CC_ADDRESS.fullmatch(iri):
            return _CLASSES.get(match[1].lower(), "non-commercial")
        return "unknown"

    def page(self, iri: str) -> str:
        """Return the licence's own address, as feeds and schema.org want it; the IRI failing that."""
        return str(self.concepts.get(iri, {}).get("page") or iri)

    def spdx_id(self, iri: str) -> str:
        """Return the licence's identifier in the SPDX License List (https://spdx.org/licenses/), or ""."""
        if stated := self.concepts.get(iri, {}).get("spdx"):
            return str(stated)
        page = self.page(iri)
        if page.startswith(_SPDX):
            return page.removeprefix(_SPDX)
        match = _CC_ADDRESS.fullmatch(page)
        if match is None or match[3]:  # ports have identifiers of their own, which are not listed here
            return ""
        return f"CC-{match[1].upper().replace('ND-NC', 'NC-ND')}-{match[2]}"


LICENSES = _Licenses("licence", "licence-other")


def license_class(iri: str) -> LicenseClass:
    """Return what the licence lets you do: its strongest condition, in one word."""
    return LICENSES.license_class(iri)
