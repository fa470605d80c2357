"""Generations of the index: folders beside each other, of which the file CURRENT names the live one.

    index/CURRENT              the live generation's name, swapped by rename
    index/PREVIOUS             the name of the one before the last rebuild, kept to swap back
    index/g<number>/meta.json  what its vectors are: fingerprint, dimension; and the schema's version
    index/g<number>/tantivy/   words, filters, facets
    index/g<number>/vectors.*  see vector_file.py
    index/g<number>.building/  a rebuild under way, or the remains of one that was killed
    index/write.lock, rebuild.lock

Not done here: what is in a generation.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from dataclasses import asdict
from pathlib import Path

from catalogue.search.index_meta import Meta

# Readers look at CURRENT before each search; a generation younger than this may still be being opened.
_GRACE_S = 300
_BUILDING = ".building"


def find_live(root: Path) -> Path | None:
    """Return the live generation's folder, or None when there is none yet."""
    return _read_pointer(root, "CURRENT")


def find_previous(root: Path) -> Path | None:
    """Return the folder of the generation before the last rebuild, or None when there is none."""
    folder = _read_pointer(root, "PREVIOUS")
    return folder if folder is not None and folder.is_dir() else None


def start_generation(root: Path, meta: Meta) -> Path:
    """Make and return the folder of a new generation, which nobody sees before `publish`."""
    folder = root / f"g{time.time_ns():x}{_BUILDING}"
    (folder / "tantivy").mkdir(parents=True)
    write_meta(folder, meta)
    return folder


def publish(root: Path, folder: Path, *, is_old_kept: bool = False) -> Path:
    """Make a finished generation the live one and return its final folder."""
    final = root / folder.name.removesuffix(_BUILDING)
    folder.rename(final)
    live = find_live(root)
    if is_old_kept and live is not None:
        _write_durably(root / "PREVIOUS", live.name)
    _write_durably(root / "CURRENT", final.name)
    return final


def exchange(root: Path, live: Path, previous: Path) -> None:
    """Make the previous generation the live one, and the live one the previous."""
    _write_durably(root / "CURRENT", previous.name)
    _write_durably(root / "PREVIOUS", live.name)


def drop_stale(root: Path) -> None:
    """Remove generations that were replaced some minutes ago."""
    kept = (find_live(root), find_previous(root))
    for folder in root.glob("g*"):
        if folder in kept or folder.name.endswith(_BUILDING):
            continue
        if time.time() - (root / "CURRENT").stat().st_mtime > _GRACE_S:
            shutil.rmtree(folder, ignore_errors=True)


def drop_unfinished(root: Path) -> None:
    """Remove what killed rebuilds left. The caller holds the rebuild lock."""
    for folder in root.glob(f"g*{_BUILDING}"):
        shutil.rmtree(folder, ignore_errors=True)


def read_meta(folder: Path) -> Meta:
    """Return what a generation's vectors are."""
    return Meta(**json.loads((folder / "meta.json").read_text(encoding="utf-8")))


def write_meta(folder: Path, meta: Meta) -> None:
    """Write what a generation's vectors are."""
    _write_durably(folder / "meta.json", json.dumps(asdict(meta)))


def _read_pointer(root: Path, name: str) -> Path | None:
    try:
        target = (root / name).read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return None
    return root / target if target else None


def _write_durably(path: Path, text: str) -> None:
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    with part.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
