"""Checking an evidence archive offline: its signature, its chain, and that its parts say the same.

    python -m catalogue.access.evidence.verify FILE [--keys jwk-set.json]

Without `--keys` the keys that the archive itself carries are used: that shows that nothing was changed since it
was signed, and prints the key's thumbprint, which is to be compared with what the site publishes (`/api/jwk`).
Pure; needs no settings, no database and no network.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import sys
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from catalogue.access.evidence.bundle import CONTENT, SIGNATURE, TYPE, VERSION
from catalogue.access.evidence.canonical import canonical_json, sha256_of
from catalogue.access.evidence.chain import FIRST, hash_entry
from catalogue.access.evidence.fold import fold

MAX_BYTES = 64 * 1024**2
MOST_FILES = 500


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. `problem` is empty where it holds."""

    name: str
    problem: str = ""


def verify_bundle(data: bytes, trusted_keys: Sequence[Mapping[str, Any]] | None = None) -> list[Check]:
    """Return what was checked of an archive, and what does not hold. Never raises for bad archives."""
    try:
        files = _unpack(data)
        content = json.loads(files[CONTENT])
        signature = files[SIGNATURE].decode("ascii")
    except (KeyError, ValueError, OSError, zipfile.BadZipFile) as error:
        return [Check("archive", f"It cannot be read as an evidence archive: {error}")]
    if not isinstance(content, dict) or content.get("version") != VERSION:
        return [Check("archive", "It is of another version than this program knows.")]
    try:
        return [
            Check("archive"),
            _check_canonical(files[CONTENT], content),
            _check_signature(files[CONTENT], signature, content, trusted_keys),
            *_check_letters(files, content),
            *_check_snapshots(content),
            _check_chain(content),
            *_check_story(content),
        ]
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        return [Check("content", f"A part is missing or of the wrong kind: {error!r}")]


def is_sound(checks: Sequence[Check]) -> bool:
    """Whether everything that was checked holds."""
    return bool(checks) and not any(check.problem for check in checks)


def main(arguments: Sequence[str] | None = None) -> int:
    """Check a file and print what was found; return 0 where everything holds, else 1."""
    parser = argparse.ArgumentParser(description="Check an evidence archive; no network is used.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--keys", type=Path, help="the key set that the site publishes at /api/jwk")
    options = parser.parse_args(arguments)
    keys = json.loads(options.keys.read_text(encoding="utf-8"))["keys"] if options.keys else None
    checks = verify_bundle(options.file.read_bytes(), keys)
    for check in checks:
        sys.stdout.write(f"{'WRONG' if check.problem else 'ok':6}{check.name}")
        sys.stdout.write(f": {check.problem}\n" if check.problem else "\n")
    if keys is None:
        sys.stdout.write(
            "The keys are those of the archive: compare the thumbprint with the site's key set.\n"
        )
    return 0 if is_sound(checks) else 1


def _unpack(data: bytes) -> dict[str, bytes]:
    """Return the files of an archive, within limits on number and size; names are only keys here."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = archive.infolist()
        if len(entries) > MOST_FILES or sum(entry.file_size for entry in entries) > MAX_BYTES:
            raise ValueError("it is too large")
        return {entry.filename: archive.read(entry) for entry in entries}


def _check_canonical(data: bytes, content: Mapping[str, Any]) -> Check:
    same = canonical_json(content) == data
    return Check("canonical form", "" if same else "It was written again by another program.")


def _check_signature(
    data: bytes, signature: str, content: Mapping[str, Any], trusted: Sequence[Mapping[str, Any]] | None
) -> Check:
    keys = {str(key.get("kid")): key for key in (trusted if trusted is not None else content["keys"])}
    try:
        header = jws.extract_compact(signature.encode()).headers()
        kid = str(header.get("kid", ""))
        if header.get("alg") != "ES256" or header.get("typ") != TYPE:
            return Check("signature", "It is not signed as evidence is.")
        if kid not in keys:
            return Check("signature", f"The key {kid} is not among the keys given.")
        key = ECKey.import_key(dict(keys[kid]))
        name = f"signature by {key.thumbprint()}"
        payload = json.loads(jws.deserialize_compact(signature, key, algorithms=["ES256"]).payload)
    except (JoseError, ValueError) as error:
        return Check("signature", f"It does not hold: {error}")
    if payload.get("sha256") != hashlib.sha256(data).hexdigest():
        return Check(name, "The content is not what was signed.")
    return Check(name)


def _check_letters(files: Mapping[str, bytes], content: Mapping[str, Any]) -> list[Check]:
    found = []
    for name, digest in content["letters"].items():
        own = hashlib.sha256(files[name]).hexdigest() if name in files else ""
        found.append(Check(name, "" if own == digest else "It is not the letter that was signed."))
    extra = set(files) - {CONTENT, SIGNATURE} - set(content["letters"])
    if extra:
        found.append(
            Check("files", f"There are files that were not signed: {', '.join(sorted(extra))[:200]}")
        )
    return found


def _check_snapshots(content: Mapping[str, Any]) -> list[Check]:
    found = []
    for snapshot in content["snapshots"]:
        name = f"round {snapshot['number']}"
        if "content" not in snapshot:  # its reader may not see all of it
            found.append(Check(f"{name} (hash only)"))
            continue
        same = sha256_of(snapshot["content"]) == snapshot["sha256"]
        found.append(Check(name, "" if same else "What was submitted is not what its hash says."))
    return found


def _check_chain(content: Mapping[str, Any]) -> Check:
    prev = FIRST
    for number, entry in enumerate(content["events"], start=1):
        if entry["seq"] != number or entry["prev_hash"] != prev:
            return Check("log", f"Line {number} does not follow the one before it.")
        data = entry.get("data")
        if data is not None and (data["seq"] != number or hash_entry(prev, data) != entry["hash"]):
            return Check("log", f"Line {number} was changed after it was written.")
        prev = entry["hash"]
    return Check(f"log of {len(content['events'])} lines")


def _check_story(content: Mapping[str, Any]) -> list[Check]:
    """Whether decisions name rounds that were submitted, and states are what the log tells."""
    known = {snapshot["sha256"] for snapshot in content["snapshots"]}
    seen = [entry["data"] for entry in content["events"] if "data" in entry]
    found = []
    for item in content["items"]:
        decision = item.get("decision")
        if decision and decision["snapshot"] not in known:
            found.append(Check(f"decision on {item['item']}", "It names a round that was not submitted."))
    folded = fold((data["type"], data["item"], data["body"]) for data in seen)
    is_whole = len(seen) == len(content["events"])
    if is_whole and folded.state != content["state"]:
        found.append(Check("state", f"The log tells {folded.state}, the archive says {content['state']}."))
    for item in content["items"]:
        told = folded.items.get(item["item"], "draft")
        if told != item["state"] and (is_whole or told in {"approved", "rejected"}):
            found.append(Check(f"item {item['item']}", f"The log tells {told}, not {item['state']}."))
    return found or [Check("decisions and states")]


if __name__ == "__main__":
    sys.exit(main())
