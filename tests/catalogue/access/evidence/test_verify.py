"""An evidence archive proves itself offline, and every change of it is found."""

import hashlib
import io
import json
import subprocess
import sys
import zipfile

import pytest
from joserfc import jws

from catalogue.access.domain.deciding import approve_item, take_item
from catalogue.access.domain.evidence import make_evidence
from catalogue.access.domain.keys import published_keys, signing_pair
from catalogue.access.evidence.bundle import CONTENT, SIGNATURE, TYPE
from catalogue.access.evidence.canonical import canonical_json
from catalogue.access.evidence.verify import is_sound, verify_bundle
from catalogue.access.passports.keys import generate_key, public_jwk
from tests.factories.access import first_item, make_world, snapshot_hash, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def decided():
    world = make_world()
    application = submitted(world)
    take_item(first_item(application), by=world["handler"])
    approve_item(
        first_item(application),
        by=world["decider"],
        snapshot_sha256=snapshot_hash(application),
        conditions="Only at home.\nNo copies.",
    )
    application.refresh_from_db()
    return world, application


def unpack(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def pack(files):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return file.getvalue()


def problems(data, keys=None):
    return [check for check in verify_bundle(data, keys) if check.problem]


@pytest.mark.parametrize("role", ["applicant", "handler", "decider", "auditor"])
def test_archive_holds_for_each_of_its_readers(decided, role):
    world, application = decided
    data = make_evidence(application, world[role])
    assert not problems(data, published_keys()["keys"])
    assert unpack(data)["letter-1.pdf"].startswith(b"%PDF")


def test_applicant_sees_private_lines_as_hashes_only(decided):
    world, application = decided
    lines = json.loads(unpack(make_evidence(application, world["applicant"]))[CONTENT])["events"]
    assert len(lines) == application.events.count()
    assert all("data" not in line or line["data"]["is_public"] for line in lines)


def change(path, value):
    def edit(files):
        content = json.loads(files[CONTENT])
        at = content
        for step in path[:-1]:
            at = at[step]
        at[path[-1]] = value
        return {**files, CONTENT: canonical_json(content)}

    return edit


@pytest.mark.parametrize(
    "edit",
    [
        change(["items", 0, "decision", "reason"], "Because."),
        change(["items", 0, "state"], "rejected"),
        change(["snapshots", 0, "content", "title"], "Cold lakes"),
        change(["events", 1, "data", "at"], "2020-01-01T00:00:00.000000+00:00"),
        change(["state"], "withdrawn"),
        lambda files: {**files, "letter-1.pdf": files["letter-1.pdf"] + b" "},
        lambda files: {**files, "extra.txt": b"hello"},
        lambda files: {name: body for name, body in files.items() if name != "letter-1.pdf"},
        lambda files: {**files, "signature.jws": b"a.b.c"},
    ],
    ids=["decision", "item", "snapshot", "log", "state", "letter", "extra", "missing", "signature"],
)
def test_any_change_is_found(decided, edit):
    world, application = decided
    files = unpack(make_evidence(application, world["handler"]))
    assert not problems(pack(files))
    assert problems(pack(edit(files)))


def sign_anew(files, pair, **changes):
    """Return the files with a signature by any key over what is in them now."""
    data = canonical_json({**json.loads(files[CONTENT]), **changes})
    payload = canonical_json({"sha256": hashlib.sha256(data).hexdigest()})
    header = {"alg": "ES256", "kid": pair.kid, "typ": TYPE}
    return {**files, CONTENT: data, SIGNATURE: jws.serialize_compact(header, payload, pair.key).encode()}


@pytest.mark.parametrize(
    "edit",
    [
        change(["items", 0, "state"], "rejected"),
        change(["items", 0, "decision", "snapshot"], "0" * 64),
        change(["snapshots", 0, "content", "title"], "Cold lakes"),
        change(["events", 1, "data", "at"], "2020-01-01T00:00:00.000000+00:00"),
        change(["state"], "withdrawn"),
        lambda files: {**files, "letter-1.pdf": files["letter-1.pdf"] + b" "},
    ],
    ids=["item", "decision", "snapshot", "log", "state", "letter"],
)
def test_change_is_found_though_the_site_signed_it_anew(decided, edit):
    world, application = decided
    files = unpack(make_evidence(application, world["handler"]))
    pair = signing_pair("ES256")
    assert not problems(pack(sign_anew(files, pair)))
    assert problems(pack(sign_anew(edit(files), pair)))


def test_archive_signed_by_a_stranger_is_found(decided):
    world, application = decided
    stranger = generate_key("ES256")
    files = unpack(make_evidence(application, world["handler"]))
    forged = pack(sign_anew(files, stranger, keys=[public_jwk(stranger)]))
    assert not problems(forged)  # its own keys say nothing: their thumbprint is printed to be compared
    (problem,) = problems(forged, published_keys()["keys"])
    assert "is not among the keys given" in problem.problem


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 nothing", pack({CONTENT: b"[]", "signature.jws": b""})])
def test_what_is_no_archive_is_said_to_be_none(data):
    checks = verify_bundle(data)
    assert checks[0].problem
    assert not is_sound(checks)


def test_command_checks_offline(decided, tmp_path):
    world, application = decided
    file, keys = tmp_path / "evidence.zip", tmp_path / "keys.json"
    file.write_bytes(make_evidence(application, world["applicant"]))
    keys.write_text(json.dumps(published_keys()))
    run = [sys.executable, "-m", "catalogue.access.evidence.verify", str(file), "--keys", str(keys)]
    done = subprocess.run(
        run, capture_output=True, text=True, env={"PATH": "", "PYTHONPATH": "."}, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WRONG" not in done.stdout
    file.write_bytes(file.read_bytes()[:-30])
    assert (
        subprocess.run(run, capture_output=True, env={"PATH": "", "PYTHONPATH": "."}, check=False).returncode
        == 1
    )
