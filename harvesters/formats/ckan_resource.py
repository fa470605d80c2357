"""A CKAN resource to a distribution.

Fields of core (https://docs.ckan.org/en/2.11/api/#ckan.logic.action.create.resource_create) and of
ckanext-dcat 2.x. `url` is the access URL, and the download too where CKAN itself holds the file
(`url_type` "upload"). Addresses stay as written, spaces and all.
"""

from __future__ import annotations

import re

from catalogue.records import Checksum, DataService, Distribution, Term
from harvesters.formats.ckan_fields import Fields
from harvesters.formats.identifier_schemes import is_iri
from harvesters.formats.terms import make_term

_ALGORITHM_OF_DIGITS = {32: "md5", 40: "sha1", 64: "sha256", 96: "sha384", 128: "sha512"}
_HEX = re.compile(r"[0-9a-fA-F]+")
_PREFIXED_HASH = re.compile(r"(?P<algorithm>(?:sha|md|blake)[\w-]*)\s*:\s*(?P<value>\S+)", re.IGNORECASE)
_LARGEST_BYTES = 2**63 - 1


def read_distributions(fields: Fields) -> tuple[Distribution, ...]:
    """Return the distributions; deleted resources and empty rows of a form are left out."""
    found = (_read_resource(item) for item in fields.objects("resources") if item.text("state") != "deleted")
    return tuple(item for item in found if item.access_urls or item.title or item.description)


def read_license(fields: Fields) -> Term | None:
    """Return the licence: its address where there is one, its id or name as the raw word.

    "notspecified" is CKAN's id for having no licence stated.
    """
    name, code = fields.text("license_title"), fields.text("license_id", "license")
    if code == "notspecified":
        return None
    address = fields.text("license_url")
    if not is_iri(address):
        address = ""
    if not address and is_iri(code):
        address, code = code, ""
    if address:
        term = make_term(address, label=name)
        return Term(iri=term.iri, label=term.label, raw=code)
    return make_term(code or name, label=name if code else "") if code or name else None


def _read_resource(item: Fields) -> Distribution:
    url = item.text("url")
    access_urls = item.words("access_url") or ([url] if url else [])
    downloads = item.words("download_url")
    is_own_file = item.text("url_type") == "upload" or item.text("resource_type") in ("file", "file.upload")
    if not downloads and url and is_own_file:
        downloads = [url]
    services = (_read_service(service) for service in item.objects("access_services"))
    return Distribution(
        iri=item.text("uri"),
        title=item.texts("name", "title"),
        description=item.texts("description"),
        access_urls=tuple(access_urls or downloads),
        download_urls=tuple(downloads),
        format=item.term("format"),
        media_type=item.term("mimetype"),
        compress_format=item.term("compress_format"),
        package_format=item.term("package_format"),
        byte_size=_read_size(item),
        checksum=_read_checksum(item),
        license=read_license(item),
        rights=tuple(make_term(text.value, lang=text.lang) for text in item.texts("rights")),
        access_rights=item.term("access_rights"),
        policy=item.text("has_policy"),
        availability=item.term("availability"),
        status=item.term("status"),
        issued=item.text("issued", "issued_date") or item.utc_time("created"),
        modified=item.text("modified", "modified_date") or item.utc_time("last_modified"),
        languages=item.terms("language"),
        conforms_to=item.documents("conforms_to"),
        documentation=item.documents("documentation"),
        access_services=tuple(service for service in services if service != DataService()),
        spatial_resolution_m=item.number("spatial_resolution_in_meters"),
        temporal_resolution=item.text("temporal_resolution"),
        legislation=tuple(item.words("applicable_legislation")),
    )


def _read_service(item: Fields) -> DataService:
    return DataService(
        iri=item.text("uri"),
        title=item.texts("title"),
        description=item.texts("description"),
        endpoint_urls=tuple(item.words("endpoint_url")),
        endpoint_descriptions=tuple(item.words("endpoint_description")),
        serves=tuple(item.words("serves_dataset")),
        formats=item.terms("format"),
        conforms_to=item.documents("conforms_to"),
        license=read_license(item),
        access_rights=item.term("access_rights"),
    )


def _read_size(item: Fields) -> int | None:
    size = item.number("size")
    return int(size) if size is not None and 0 <= size <= _LARGEST_BYTES else None


def _read_checksum(item: Fields) -> Checksum | None:
    """Return the checksum; its algorithm is stated, a prefix of the value, or told by its length."""
    value, algorithm = item.text("hash"), item.text("hash_algorithm")
    if match := _PREFIXED_HASH.fullmatch(value):
        value, algorithm = match["value"], algorithm or match["algorithm"]
    if not algorithm and _HEX.fullmatch(value):
        algorithm = _ALGORITHM_OF_DIGITS.get(len(value), "")
    if not value or not algorithm:
        return None
    name = re.split(r"[#/]", algorithm)[-1].removeprefix("checksumAlgorithm_")
    return Checksum(f"checksumAlgorithm_{name.lower().replace('-', '')}", value)
