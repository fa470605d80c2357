"""What kind of file some bytes are, by their signature, and whether the name says the same.

Signatures come from puremagic. Those stand here that it does not know, research data above all, or has
too short to be believed. Media types as the file type vocabulary has them. Text has no signature: bytes
that read as text are what the name says, if that is a kind of text. What is inside an archive or a
container is what the name says, too.
"""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass

from ontology.concepts import FORMATS

HEAD_BYTES = 64 * 1024
TAIL_BYTES = 4 * 1024

UNKNOWN = "application/octet-stream"
TEXT = "text/plain"

# (where, what, media type); sizes and magic words by each format's specification.
_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"PK\x03\x04", "application/zip"),
    (0, b"\x1f\x8b\x08", "application/gzip"),
    (0, b"\x28\xb5\x2f\xfd", "application/zstd"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\0\0\0\x0cjP  ", "image/jp2"),
    (0, b"PAR1", "application/vnd.apache.parquet"),
    (0, b"ARROW1\0\0", "application/vnd.apache.arrow.file"),
    (0, b"\x89HDF\r\n\x1a\n", "application/x-hdf5"),
    (0, b"CDF\x01", "application/netcdf"),
    (0, b"CDF\x02", "application/netcdf"),
    (0, b"CDF\x05", "application/netcdf"),
    (0, b"\x93NUMPY", "application/x-npy"),
    (0, b"Obj\x01", "application/avro"),
    (0, b"GRIB", "application/wmo-grib"),
    (344, b"n+1\0", "application/x-nifti"),
    (4, b"n+2\0\r\n\x1a\n", "application/x-nifti"),
    (0, b"\x7fELF", "application/x-executable"),
    (0, b"MZ", "application/vnd.microsoft.portable-executable"),
)
# Shorter ones than this are met by chance in tables and prose: BM, II, ID3.
_LEAST_SIGNATURE_BYTES = 4
# The same thing under two names, the vocabulary's last.
_SPELLINGS = {
    "application/x-gzip": "application/gzip",
    "image/x-ms-bmp": "image/bmp",
    "audio/x-wav": "audio/vnd.wave",
    "application/x-zip-compressed": "application/zip",
    "text/xml": "application/xml",
    "application/x-netcdf": "application/netcdf",
    "application/hdf5": "application/x-hdf5",
    "application/x-hdf": "application/x-hdf5",
}
_TEXTS = ("json", "xml", "yaml", "n-triples", "n-quads", "trig", "sql", "javascript", "rtf", "tex", "geo")
# What other kinds of file are underneath: a .docx is a zip, a .svs a TIFF, a .gpkg an SQLite database.
_CONTAINERS = frozenset(
    {"application/zip", "application/gzip", "application/x-hdf5", "application/x-sqlite3", "image/tiff"}
)
_SEEN_FAMILIES = ("image/", "audio/", "video/", "font/")  # players and viewers know them by signature


@dataclass(frozen=True, slots=True)
class Sniffed:
    """What the bytes are. `is_sure` when a signature says so, not only the absence of others."""

    media_type: str
    is_sure: bool


def sniff(head: bytes, tail: bytes, name: str) -> Sniffed:
    """Return the media type of a file from its first HEAD_BYTES and last TAIL_BYTES, and its name."""
    named = type_of_name(name)
    found = _match_signature(head) or _ask_puremagic(head, tail, name)
    if found:
        is_inside = found in _CONTAINERS and named and not contradicts(name, found)
        return Sniffed(named if is_inside else found, is_sure=True)
    if _is_text(head):
        return Sniffed(named if _is_text_type(named) else TEXT, is_sure=False)
    return Sniffed(UNKNOWN if not named or _is_text_type(named) else named, is_sure=False)


def contradicts(name: str, media_type: str) -> bool:
    """Whether a file's name promises another kind of file than its bytes are."""
    named = type_of_name(name)
    if not named or UNKNOWN in {named, media_type} or named == media_type:
        return False
    if _is_text_type(media_type):
        is_known_by_signature = named in _CONTAINERS or named == "application/pdf"
        return is_known_by_signature or (named.startswith(_SEEN_FAMILIES) and not _is_text_type(named))
    if _is_text_type(named) or media_type not in _CONTAINERS:
        return True
    return named in _CONTAINERS or named.startswith(_SEEN_FAMILIES)


def type_of_name(name: str) -> str:
    """Return the media type that a file's name promises, or ""."""
    plain, encoding = mimetypes.MimeTypes(filenames=()).guess_type(name, strict=False)
    if encoding:
        return {"gzip": "application/gzip", "bzip2": "application/x-bzip2", "xz": "application/x-xz"}.get(
            encoding, UNKNOWN
        )
    stem, dot, extension = name.rpartition(".")
    if not (stem and dot):
        return ""
    iri = FORMATS.find(f".{extension}")
    media_type = (FORMATS.media_type(iri) if iri else "") or plain or ""
    return _SPELLINGS.get(media_type, media_type)


def _match_signature(head: bytes) -> str:
    for offset, signature, media_type in _SIGNATURES:
        if head.startswith(signature, offset):
            is_chance = len(signature) < _LEAST_SIGNATURE_BYTES and _is_text(head)
            return "" if is_chance else media_type
    return ""


def _ask_puremagic(head: bytes, tail: bytes, name: str) -> str:
    """Return the media type of the longest signature that matches; the name decides among equals."""
    import puremagic

    if _is_text(head):  # <?xml and { are no proof
        return ""
    try:
        matches = puremagic.magic_string(head + tail if len(head) >= HEAD_BYTES else head)
    except (puremagic.PureError, ValueError):
        return ""
    sure = [match for match in matches if len(match.byte_match) >= _LEAST_SIGNATURE_BYTES and match.mime_type]
    if not sure:
        return ""
    extension = "." + name.rpartition(".")[2].lower()
    if any(match.extension == extension for match in sure) and (named := type_of_name(name)):
        return named
    media_type: str = max(sure, key=lambda match: len(match.byte_match)).mime_type
    return _SPELLINGS.get(media_type, media_type)


def _is_text(head: bytes) -> bool:
    """Whether the bytes read as UTF-8 (the last character may be cut), UTF-16 with a mark, or Latin-1."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    if any(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in head[:HEAD_BYTES]):
        return False
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        is_cut = error.start >= len(head) - 3
        return is_cut or not any(0x80 <= byte < 0xA0 for byte in head)
    return True


def _is_text_type(media_type: str) -> bool:
    if media_type.startswith("text/"):
        return True
    kind = media_type.rpartition("/")[2]
    return any(word in kind for word in _TEXTS) and not kind.startswith("vnd.openxmlformats")
