"""docker-compose.yml: the services there have to be, in the order they need each other, by settings there are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from catalogue import settings as _settings  # noqa: F401 - declares every setting
from catalogue.env import DECLARED

ROOT = Path(__file__).resolve().parents[1]
OURS = ("web", "worker", "projector", "files", "beat")
SERVERS = ("postgres", "redis", "oxigraph", "s3", "elasticsearch")


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def test_compose_has_every_part_of_the_production_shape(compose):
    assert set(compose["services"]) == {*OURS, *SERVERS, "prepare"}


@pytest.mark.parametrize("name", [*OURS, "prepare"])
def test_compose_sets_only_settings_that_there_are(compose, name):
    names = {key.removesuffix("_FILE") for key in compose["services"][name]["environment"]}
    assert names <= set(DECLARED)


@pytest.mark.parametrize("name", OURS)
def test_compose_starts_nothing_before_tables_and_bucket_are_there(compose, name):
    needs = compose["services"][name]["depends_on"]
    assert needs["prepare"] == {"condition": "service_completed_successfully"}
    assert set(needs) == {*SERVERS, "prepare"}
    assert set(compose["services"]["prepare"]["depends_on"]) == set(SERVERS)


def test_compose_names_exact_versions_of_what_it_fetches(compose):
    images = {name: compose["services"][name]["image"] for name in SERVERS}
    assert all(re.search(r":v?\d", image) for image in images.values()), images
    assert images["elasticsearch"].startswith("elasticsearch:8.")


def test_compose_declares_the_volumes_and_secrets_it_uses(compose):
    for service in compose["services"].values():
        assert {volume.split(":")[0] for volume in service.get("volumes", ())} <= set(compose["volumes"])
        assert set(service.get("secrets", ())) <= set(compose["secrets"])


def test_compose_takes_work_from_every_queue(compose):
    from catalogue.celery import app

    commands = " ".join(compose["services"][name].get("command", "") for name in OURS)
    assert set(re.findall(r"-Q (\w+)", commands)) == {queue.name for queue in app.conf.task_queues}
