"""Content codings of HTTP answers: gzip and deflate (RFC 9110 section 8.4.1).

Written on zlib rather than left to urllib3 because a harvest must know when a body was cut: the end of
the compressed data has to have come. Output is made in bounded pieces, so that a small body that
unpacks to gigabytes is stopped by the caller's count. br and zstd are not offered to servers.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

ACCEPT_ENCODING = "gzip, deflate"
PIECE_BYTES = 64 * 1024
GZIP_BITS = 16 + zlib.MAX_WBITS
RAW_DEFLATE_BITS = -zlib.MAX_WBITS
GZIP_FIRST_BYTE = 0x1F
ZLIB_METHOD = 8
"""The low half of a zlib stream's first byte (RFC 1950)."""


class CodingError(ValueError):
    """The body is not what its Content-Encoding says; the message completes "the body ..."."""


def decode_body(chunks: Iterable[bytes], content_encoding: str) -> Iterator[bytes]:
    """Yield the decoded body in pieces of at most PIECE_BYTES (identity: as they come).

    Raises CodingError for a body that is broken, cut short, or in a coding that was not asked for.
    """
    coding = content_encoding.strip().lower()
    if coding in {"", "identity"}:
        return iter(chunks)
    if coding in {"gzip", "x-gzip", "deflate"}:
        return unpack_body(chunks, coding)
    raise CodingError(f"is coded as {coding[:40]!r}, which was not asked for")


def unpack_body(chunks: Iterable[bytes], coding: str) -> Iterator[bytes]:
    """Yield what the gzip members, or the one zlib or raw deflate stream, unpack to."""
    unpacker = None
    try:
        for chunk in chunks:
            data = chunk
            while data:
                if unpacker is None:
                    unpacker = zlib.decompressobj(choose_window_bits(data, coding))
                elif unpacker.eof:
                    if coding == "deflate" or data[0] != GZIP_FIRST_BYTE:
                        return  # padding after the end, which some servers send
                    unpacker = zlib.decompressobj(GZIP_BITS)
                yield from unpack_pieces(unpacker, data)
                data = unpacker.unused_data
    except zlib.error as error:
        raise CodingError(f"is not valid {coding}") from error
    # No data at all is fine: servers name a coding on empty bodies too.
    if unpacker is not None and not unpacker.eof:
        raise CodingError(f"ends in the middle of its {coding} data")


def unpack_pieces(unpacker: zlib._Decompress, data: bytes) -> Iterator[bytes]:
    """Yield all that can be had from the data, in bounded pieces."""
    while True:
        piece = unpacker.decompress(data, PIECE_BYTES)
        if piece:
            yield piece
        data = unpacker.unconsumed_tail
        # zlib may have eaten all input and still hold output back, but only after a full piece.
        if unpacker.eof or (not data and len(piece) < PIECE_BYTES):
            return


def choose_window_bits(data: bytes, coding: str) -> int:
    """Return zlib's window setting; "deflate" means a zlib stream, yet some servers send raw deflate."""
    if coding != "deflate":
        return GZIP_BITS
    return zlib.MAX_WBITS if data[0] & 0x0F == ZLIB_METHOD else RAW_DEFLATE_BITS
