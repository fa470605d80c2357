"""An answer of a server, whole: `Response` of harvesters/base.py with the body on disk when large."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from typing import IO

IN_MEMORY_BYTES = 4 * 1024 * 1024


class BodyFile(tempfile.SpooledTemporaryFile[bytes]):
    """A file, in memory while small, that closes itself when nobody refers to it any more.

    Whoever reads an answer keeps it as long as it likes and does not close it; that is the use of this
    file and no oversight, so that the standard library's warning about it would be wrong.
    """

    def __init__(self) -> None:
        super().__init__(max_size=IN_MEMORY_BYTES)

    def __del__(self) -> None:
        self.close()


class FetchedResponse:
    """A whole answer. Its file is closed when neither it nor the stream is used any more."""

    def __init__(self, *, status: int, url: str, headers: Mapping[str, str], body: IO[bytes]) -> None:
        self.status = status
        self.url = url
        self.headers = headers
        self.media_type, self.charset = parse_content_type(headers.get("content-type", ""))
        self.body = body

    def read(self) -> bytes:
        """Return the whole decompressed body."""
        self.body.seek(0)
        return self.body.read()

    def stream(self) -> IO[bytes]:
        """Return the decompressed body as a binary file at its start; always the same file."""
        self.body.seek(0)
        return self.body


def parse_content_type(value: str) -> tuple[str, str]:
    """Return media type and charset of a Content-Type header, in lower case, "" where absent."""
    media_type, *options = value.split(";")
    charset = ""
    for option in options:
        name, _, setting = option.partition("=")
        if name.strip().lower() == "charset":
            charset = setting.strip().strip("\"'").lower()
    return media_type.strip().lower(), charset
