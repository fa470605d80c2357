"""Files that outlive a power cut: written aside, synced, renamed. For the stores that are folders."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from catalogue.errors import UpstreamError


@contextmanager
def folder_errors(path: Path) -> Iterator[None]:
    """Translate the errors of the operating system."""
    try:
        yield
    except OSError as error:
        # The disk may have room again, or the share come back.
        raise UpstreamError(
            f"The object store cannot use {path}: {error.strerror or error}", retryable=True
        ) from error


def list_folder(folder: Path) -> list[str]:
    """Return the names in a folder in order; none where there is no folder."""
    with suppress(FileNotFoundError, NotADirectoryError):
        return sorted(path.name for path in folder.iterdir())
    return []


def write_durably(root: Path, path: Path, chunks: Iterable[bytes]) -> int:
    """Write beside, sync, rename: a reader sees the whole file or none. Return its size in bytes.

    Folders between `root` and the file are made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
    try:
        with os.fdopen(handle, "wb") as file:
            for chunk in chunks:
                file.write(chunk)
            size = file.tell()
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    folder = path.parent
    while folder.is_relative_to(root):
        _sync(folder)
        folder = folder.parent
    return size


def _sync(folder: Path) -> None:
    """Make a rename in the folder outlive a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
