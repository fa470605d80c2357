"""Takes the file of a form into the file store while it arrives, in the memory of one part.

Django's own handlers keep a file in memory or on a disk of the web server until it is whole.
"""

from __future__ import annotations

from typing import Any

from django.core.files.uploadhandler import FileUploadHandler, StopFutureHandlers

from catalogue.domain.files import FormUpload, delete_file
from catalogue.models import Draft, StoredFile


class StoreUploadHandler(FileUploadHandler):
    """Streams one file of a form. The view calls `finish`, and `give_up` in any case."""

    def __init__(self, draft: Draft, user: Any) -> None:
        super().__init__()
        self._draft = draft
        self._user = user
        self._most_bytes = 0
        self._upload: FormUpload | None = None
        self._is_finished = False

    def handle_raw_input(self, *args: Any, **kwargs: Any) -> None:
        """Remember how large the file is at most: as large as the request."""
        _input, _meta, self._most_bytes, *_rest = args

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin an upload. Raises InvalidRecord, Conflict."""
        super().new_file(*args, **kwargs)
        self.give_up()  # of two files, the last one counts
        self._upload = FormUpload(self._draft, self.file_name or "", self._most_bytes, self._user)
        raise StopFutureHandlers

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Pass the bytes on. Raises InvalidRecord, UpstreamError."""
        if self._upload is not None:
            self._upload.write(raw_data)

    def file_complete(self, file_size: int) -> None:
        """Say nothing to the form: the file is not its own."""

    def finish(self) -> StoredFile | None:
        """Finish the upload and return its file; None when the form had none."""
        if self._upload is None:
            return None
        file = self._upload.finish()
        self._is_finished = True
        return file

    def give_up(self) -> None:
        """Give up an upload that was not finished: a form refused, a line cut."""
        if self._upload is not None and not self._is_finished:
            delete_file(self._upload.file)
        self._upload = None
