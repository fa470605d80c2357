"""How real feeds write one and the same value: IRIs of several authorities, codes, plain words.

Which spelling a record gets follows from its id alone, so a feed says the same at every request.
Code lists: EU Vocabularies (https://op.europa.eu/en/web/eu-vocabularies), IANA media types
(https://www.iana.org/assignments/media-types), SPDX (https://spdx.org/licenses), CKAN's licence ids.
"""

from __future__ import annotations

import zlib
from typing import NamedTuple

EU = "http://publications.europa.eu/resource/authority"
IANA = "https://www.iana.org/assignments/media-types"


class FormatSpelling(NamedTuple):
    label: str
    media_type: str = ""
    eu_code: str = ""


FORMATS = {
    "API": FormatSpelling("API"),
    "AVI": FormatSpelling("AVI", "video/x-msvideo"),
    "BAM": FormatSpelling("BAM"),
    "CIF": FormatSpelling("CIF", "chemical/x-cif"),
    "CONLLU": FormatSpelling("CoNLL-U", "text/plain", "TXT"),
    "CSV": FormatSpelling("CSV", "text/csv", "CSV"),
    "DICOM": FormatSpelling("DICOM", "application/dicom"),
    "EDF": FormatSpelling("EDF"),
    "FASTA": FormatSpelling("FASTA", "text/plain", "TXT"),
    "FITS": FormatSpelling("FITS", "application/fits"),
    "GEOJSON": FormatSpelling("GeoJSON", "application/geo+json", "GEOJSON"),
    "GML": FormatSpelling("GML", "application/gml+xml", "GML"),
    "GPKG": FormatSpelling("GeoPackage", "application/geopackage+sqlite3", "GPKG"),
    "GRIB": FormatSpelling("GRIB", "application/wmo-grib"),
    "GTFS": FormatSpelling("GTFS", "application/zip", "ZIP"),
    "GZIP": FormatSpelling("GZIP", "application/gzip", "GZIP"),
    "HDF5": FormatSpelling("HDF5", "application/x-hdf5", "HDF"),
    "HTML": FormatSpelling("HTML", "text/html", "HTML"),
    "JPEG": FormatSpelling("JPEG", "image/jpeg", "JPEG"),
    "JSON": FormatSpelling("JSON", "application/json", "JSON"),
    "JSONL": FormatSpelling("JSON Lines", "application/x-ndjson"),
    "JSON-LD": FormatSpelling("JSON-LD", "application/ld+json", "JSON_LD"),
    "LAZ": FormatSpelling("LAZ"),
    "MMCIF": FormatSpelling("mmCIF", "chemical/x-mmcif"),
    "MP3": FormatSpelling("MP3", "audio/mpeg", "MP3"),
    "NETCDF": FormatSpelling("NetCDF", "application/x-netcdf", "NETCDF"),
    "NIFTI": FormatSpelling("NIfTI"),
    "PARQUET": FormatSpelling("Parquet", "application/vnd.apache.parquet", "PARQUET"),
    "PBF": FormatSpelling("PBF"),
    "PGN": FormatSpelling("PGN", "application/vnd.chess-pgn"),
    "PNG": FormatSpelling("PNG", "image/png", "PNG"),
    "RDF": FormatSpelling("RDF/XML", "application/rdf+xml", "RDF_XML"),
    "SAV": FormatSpelling("SPSS SAV"),
    "SDF": FormatSpelling("SDF", "chemical/x-mdl-sdfile"),
    "SHP": FormatSpelling("Shapefile", "application/vnd.shp", "SHP"),
    "SQL": FormatSpelling("SQL", "application/sql", "SQL"),
    "TFRECORD": FormatSpelling("TFRecord"),
    "TIFF": FormatSpelling("TIFF", "image/tiff", "TIFF"),
    "TSV": FormatSpelling("TSV", "text/tab-separated-values", "TSV"),
    "TTL": FormatSpelling("Turtle", "text/turtle", "RDF_TURTLE"),
    "TXT": FormatSpelling("TXT", "text/plain", "TXT"),
    "VCF": FormatSpelling("VCF"),
    "WFDB": FormatSpelling("WFDB"),
    "WFS": FormatSpelling("WFS", "", "WFS_SRVC"),
    "WMS": FormatSpelling("WMS", "", "WMS_SRVC"),
    "XLSX": FormatSpelling(
        "XLSX", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "XLSX"
    ),
    "XML": FormatSpelling("XML", "application/xml", "XML"),
    "XYZ": FormatSpelling("XYZ", "chemical/x-xyz"),
    "ZIP": FormatSpelling("ZIP", "application/zip", "ZIP"),
}


class LicenseSpelling(NamedTuple):
    title: str
    url: str
    ckan_id: str


LICENSES = {
    "Apache-2.0": LicenseSpelling(
        "Apache License 2.0", "http://www.apache.org/licenses/LICENSE-2.0", "apache-2.0"
    ),
    "CC0-1.0": LicenseSpelling("CC0 1.0", "http://creativecommons.org/publicdomain/zero/1.0/", "cc-zero"),
    "CC-BY-2.0": LicenseSpelling("CC BY 2.0", "http://creativecommons.org/licenses/by/2.0/", "cc-by"),
    "CC-BY-3.0": LicenseSpelling("CC BY 3.0", "http://creativecommons.org/licenses/by/3.0/", "cc-by"),
    "CC-BY-4.0": LicenseSpelling("CC BY 4.0", "http://creativecommons.org/licenses/by/4.0/", "CC-BY-4.0"),
    "CC-BY-SA-3.0": LicenseSpelling(
        "CC BY-SA 3.0", "http://creativecommons.org/licenses/by-sa/3.0/", "CC-BY-SA-3.0"
    ),
    "CC-BY-SA-4.0": LicenseSpelling(
        "CC BY-SA 4.0", "http://creativecommons.org/licenses/by-sa/4.0/", "CC-BY-SA-4.0"
    ),
    "CC-BY-NC-4.0": LicenseSpelling(
        "CC BY-NC 4.0", "http://creativecommons.org/licenses/by-nc/4.0/", "CC-BY-NC-4.0"
    ),
    "CC-BY-NC-SA-4.0": LicenseSpelling(
        "CC BY-NC-SA 4.0", "http://creativecommons.org/licenses/by-nc-sa/4.0/", "CC-BY-NC-SA-4.0"
    ),
    "CC-BY-NC-SA-3.0": LicenseSpelling(
        "CC BY-NC-SA 3.0", "http://creativecommons.org/licenses/by-nc-sa/3.0/", "CC-BY-NC-SA-3.0"
    ),
    "MIT": LicenseSpelling("MIT License", "https://opensource.org/licenses/MIT", "mit"),
    "ODbL-1.0": LicenseSpelling(
        "Open Database License 1.0", "http://opendatacommons.org/licenses/odbl/1-0/", "odc-odbl"
    ),
    "PDDL-1.0": LicenseSpelling(
        "Public Domain Dedication and License 1.0",
        "http://opendatacommons.org/licenses/pddl/1-0/",
        "odc-pddl",
    ),
    "ODC-By-1.0": LicenseSpelling(
        "Open Data Commons Attribution License 1.0", "http://opendatacommons.org/licenses/by/1-0/", "odc-by"
    ),
    "DSSL-PhysioNet": LicenseSpelling(
        "PhysioNet Credentialed Health Data License 1.5.0",
        "https://physionet.org/about/licenses/physionet-credentialed-health-data-license-150/",
        "other-closed",
    ),
}

LANGUAGES = {  # two or three letters -> ISO 639-3, the EU list's code in lower case
    "sv": "swe", "en": "eng", "de": "deu", "fr": "fra", "es": "spa", "it": "ita", "nl": "nld",
    "fi": "fin", "da": "dan", "no": "nor", "nb": "nob", "is": "isl", "pl": "pol", "pt": "por",
    "se": "sme", "ru": "rus", "zh": "zho", "ar": "ara", "la": "lat", "el": "ell",
}  # fmt: skip


def choose(record_id: str, options: int) -> int:
    """Return which of `options` spellings the record uses, from 0."""
    return zlib.crc32(record_id.encode()) % options


def spell_license(key: str, record_id: str) -> str:
    """Return the licence as an IRI, in the four ways publishers write it."""
    url = LICENSES[key].url
    if "creativecommons.org" not in url:
        return url
    secure = url.replace("http:", "https:")
    return (url, secure, secure.rstrip("/"), f"{secure}deed.sv")[choose(record_id, 4)]


def spell_language(code: str, record_id: str) -> str:
    """Return the language as an IRI of the EU list, of lexvo or of the Library of Congress, or as its code."""
    iso3 = LANGUAGES.get(code, code)
    return (
        f"{EU}/language/{iso3.upper()}",
        f"http://lexvo.org/id/iso639-3/{iso3}",
        code,
        f"{EU}/language/{iso3.upper()}",
        iso3,
    )[choose(record_id, 5)]
