"""Which bytes of a file a request wants (RFC 9110, section 14): one range; several are answered whole."""

from __future__ import annotations

import re

_FORM = re.compile(r"bytes=(\d*)-(\d*)")


class UnsatisfiableRangeError(ValueError):
    """The range begins after the end of the file."""


def parse_range(header: str, size_bytes: int) -> tuple[int, int] | None:
    """Return offset and length of the range; None for the whole file, also where the header is no good.

    Raises UnsatisfiableRangeError.
    """
    found = _FORM.fullmatch(header.replace(" ", ""))
    if found is None or not any(found.groups()):
        return None
    first, last = found.groups()
    if not first:  # the last so many bytes
        length = min(int(last), size_bytes)
        if not length:
            raise UnsatisfiableRangeError(header)
        return size_bytes - length, length
    offset = int(first)
    end = min(int(last), size_bytes - 1) if last else size_bytes - 1
    if last and int(last) < offset:
        return None
    if offset >= size_bytes:
        raise UnsatisfiableRangeError(header)
    return offset, end - offset + 1
