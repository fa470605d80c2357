"""A body as UTF-8, whatever it came in.

RDF is UTF-8 by its specifications, and the parsers read nothing else; yet RDF/XML and JSON come in
UTF-16 too, and XML may declare any encoding (https://www.w3.org/TR/xml/#charencoding).
"""

from __future__ import annotations

import re
import tempfile
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, getreader
from typing import BinaryIO, cast

from harvesters.errors import UnreadablePage

IN_MEMORY_BYTES = 16 * 2**20
"""Bodies up to this size are parsed from memory, which is faster than from a file."""

XML_DECLARATION = re.compile(rb"\s*<\?xml[^>]*?encoding\s*=\s*[\"']([\w.-]+)[\"'][^>]*\?>")


def open_as_utf8(stream: BinaryIO) -> BinaryIO:
    """Return the body from its start as UTF-8 without a byte order mark or a misleading XML declaration.

    RDF/XML and JSON also come in UTF-16 and, by an XML declaration, in ISO-8859-1 and others.
    """
    head = stream.read(1024)
    stream.seek(0)
    if head.startswith(BOM_UTF8):
        stream.seek(len(BOM_UTF8))
        return stream
    if head.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) or b"\0" in head[:4]:
        encoding = "utf-16" if head[:2] in {BOM_UTF16_LE, BOM_UTF16_BE} else guess_utf16(head)
        return recode(stream, encoding)
    declaration = XML_DECLARATION.match(head)
    if declaration and declaration[1].lower() not in {b"utf-8", b"utf8", b"us-ascii"}:
        return recode(stream, declaration[1].decode("ascii"))
    return stream


def guess_utf16(head: bytes) -> str:
    """Return the byte order of UTF-16 that has no byte order mark."""
    return "utf-16-be" if head[:1] == b"\0" else "utf-16-le"


def recode(stream: BinaryIO, encoding: str) -> BinaryIO:
    """Return a copy of the stream in UTF-8, on disk when large, without its XML declaration."""
    copy = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115 - the caller closes it
    try:
        reader = getreader(encoding)(stream)
        first = reader.read(-1, 1024)
        copy.write(re.sub(r"^\s*<\?xml[^>]*\?>", "", first).encode())
        while piece := reader.read(2**20):
            copy.write(piece.encode())
    except (UnicodeError, LookupError) as error:
        copy.close()
        raise UnreadablePage(f"The answer says that it is in {encoding}, but it isn't: {error}.") from error
    copy.seek(0)
    return cast("BinaryIO", copy)
