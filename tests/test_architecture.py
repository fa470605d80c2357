"""Rules of the house that no linter knows."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted(
    path for name in ("catalogue", "harvesters", "ontology") for path in (ROOT / name).rglob("*.py")
)
CODE = [path for path in SOURCES if "migrations" not in path.parts]
HOMES = {  # of heavy packages
    "boto3": {"catalogue/integrations/s3_bucket.py"},
    "elasticsearch": {"catalogue/search/elastic_client.py"},
    "numkong": {"catalogue/search/vector_file.py"},
    "torch": {"catalogue/search/encoder.py", "catalogue/search/packed_model.py"},
    "sentence_transformers": {"catalogue/search/encoder.py"},
}


def imported(path):
    """Return the top-level names of all modules a file imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0]


@pytest.mark.parametrize("package", HOMES)
def test_heavy_package_is_imported_at_home_only(package):
    users = {str(path.relative_to(ROOT)) for path in CODE if package in set(imported(path))}
    assert users == HOMES[package]


def test_model_is_packed_by_the_encoder_only():
    users = {str(path.relative_to(ROOT)) for path in CODE if "packed_model import" in path.read_text()}
    assert users == {"catalogue/search/encoder.py"}  # lazily: whoever imports it imports torch


def test_celery_is_known_to_tasks_only():
    users = {path.name for path in CODE if "celery" in set(imported(path))}
    assert users <= {"tasks.py", "celery.py"}


def test_no_room_is_called_after_nothing():
    assert not [path for path in CODE if re.match(r"(utils?|helpers?|common|managers?)$", path.stem)]


def test_blind_excepts_stand_at_the_boundaries_only():
    users = {str(path.relative_to(ROOT)) for path in CODE if "except Exception" in path.read_text()}
    assert users == {
        "harvesters/reading.py",
        "harvesters/runner.py",
        "harvesters/lister.py",
        "catalogue/domain/outbox.py",
    }


def test_transactions_are_opened_in_the_domain_only():
    users = [path for path in CODE if "transaction.atomic" in path.read_text()]
    assert {path.parent.name for path in users} == {"domain"}


def test_no_absolute_path_or_registry_in_what_is_committed():
    pattern = re.compile(
        r"(?<!\w)/(?:root|home|work)/|pypi\.org|files\.pythonhosted|registry\.npmjs|deb\.debian"
    )
    names = [*CODE, *ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "Makefile", ROOT / "Dockerfile"]
    assert not [str(path) for path in names if pattern.search(path.read_text())]
