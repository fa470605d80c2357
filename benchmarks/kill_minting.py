"""Killing the worker for DOIs at every step, again and again: every wanted DOI comes to be, once and as wanted.

    python -m benchmarks.kill_minting --kills 100
    python -m benchmarks.kill_minting --kills 100 --database-url postgres://postgres@127.0.0.1:5432/mimis_kill

The registry is tests/fakes/datacite.py with random faults (seeded). Workers are forked from a process that has
everything loaded. Most kills are made from inside the registry, when a request has arrived, or has been carried out
and not yet been answered; the others after a random time, so that transactions are hit too. Between the kills people
publish, change, withdraw and restore. In the end the faults stop, workers are let live, and the registry is
compared with what is wanted.
"""

from __future__ import annotations

import random
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from benchmarks.nursery import Nursery, fork_for_each_line, measure_pass, read_options
from benchmarks.workplace import open_workplace, run_step
from tests.fakes.datacite import NAME, PASSWORD, FakeDataCite, LostAnswer

STEP = "benchmarks.kill_minting:"
DATASETS = 12
FAULTS = 0.2
STEPS = ("GET of a DOI", "PUT of a DOI", "GET of a handle", "DELETE of a DOI")
MOMENTS = ("arrived", "was carried out")
LAST_OF_ITS_KIND = 4
"""A worker is killed at one of its first so many requests of a kind."""


@dataclass(slots=True)
class Outcome:
    """What the kills met, and what was wrong in the end (nothing, that is)."""

    kills: Counter[str] = field(default_factory=Counter)  # by the step that the worker was at
    completed: int = 0  # workers that ended before they could be killed
    dois: int = 0
    wrong: list[str] = field(default_factory=list)


def main() -> None:
    options = read_options(__doc__)
    outcome = kill_and_check(kills=options.kills, seed=options.seed, database_url=options.database_url)
    for step, count in sorted(outcome.kills.items()):
        print(f"{count:4} killed at {step}")
    print(f"{outcome.completed:4} came to their end")
    print("\n".join(["WRONG:", *outcome.wrong]) if outcome.wrong else f"{outcome.dois} DOIs, each as wanted.")
    sys.exit(bool(outcome.wrong))


def kill_and_check(*, kills: int, seed: int = 1, database_url: str = "") -> Outcome:
    """Kill so many workers, let the last ones finish, and return what was met and found wrong."""
    dice = random.Random(seed)
    outcome = Outcome()
    with FakeDataCite() as fake, open_workplace(database_url) as environment:
        environment |= {
            "MIMIS_DOI_REGISTRY_URL": fake.url,
            "MIMIS_DOI_HANDLE_URL": fake.url,
            "MIMIS_DOI_ACCOUNTS": f"sandbox={NAME}:{PASSWORD}",
            "MIMIS_BASE_URL": f"{fake.url}/site",
            "MIMIS_LOG_LEVEL": "CRITICAL",
        }
        run_step(environment, f"{STEP}set_up", DATASETS)
        with Nursery(environment, f"{STEP}serve") as nursery:
            typical_s = measure_pass(nursery, dice)
            fake.registry.chaos(seed, FAULTS)
            while outcome.kills.total() < kills:
                nursery.run(f"act {dice.randrange(10**6)}")
                if step := kill_one(nursery, fake, dice, typical_s):
                    outcome.kills[step] += 1
                else:
                    outcome.completed += 1
            fake.registry.calm()
            nursery.run("finish")
        checked = run_step(environment, f"{STEP}find_wrongs").result
        outcome.dois, outcome.wrong = checked["dois"], checked["wrong"]
    return outcome


def kill_one(nursery: Nursery, fake: FakeDataCite, dice: random.Random, typical_s: float) -> str:
    """Start a worker, kill it somewhere, and return where: "" if it was over before."""
    if dice.random() < 0.3:
        nursery.start("work")
        time.sleep(dice.uniform(0, typical_s))
        return "a random time" if nursery.kill_and_wait() else ""
    number = dice.randint(1, LAST_OF_ITS_KIND)
    trigger = Trigger(nursery, dice.choices(STEPS, (3, 4, 3, 1))[0], number, dice.choice(MOMENTS))
    fake.registry.watch = trigger
    nursery.start("work")
    trigger.started.set()
    was_killed = nursery.wait()
    fake.registry.watch = None
    return f"{trigger.step} that {trigger.moment}" if was_killed else ""


class Trigger:
    """Kills the nursery's worker when its n-th request of a kind has come to a certain moment."""

    def __init__(self, nursery: Nursery, step: str, number: int, moment: str) -> None:
        self.step, self.moment = step, moment
        self.started = threading.Event()
        self._nursery, self._left = nursery, number

    def __call__(self, moment: str, request: Any) -> None:
        what = "handle" if request.path.startswith("/api") else "DOI"
        if (moment, f"{request.method} of a {what}") != (self.moment, self.step) or not self._left:
            return
        self._left -= 1
        if not self._left:
            self.started.wait()
            self._nursery.kill()
            raise LostAnswer


# --- what runs in the catalogue's own processes ---------------------------------------------------


def set_up(count: int) -> None:
    """Make a publisher with a prefix, a steward, and so many own datasets."""
    from catalogue.models import DoiPrefix
    from tests.factories.own import make_publisher, make_steward, own_json, publish

    publisher = make_publisher()
    steward = make_steward(publisher)
    DoiPrefix.objects.create(prefix="10.5072", account="sandbox", publisher=publisher)
    for number in range(count):
        publish(steward, publisher, own_json(f"Lake {number}"))


def serve() -> None:
    """Fork a child for each line of the input."""
    from django.urls import reverse

    import tests.factories.own  # noqa: F401 - loaded once for all children

    reverse("home")  # loads all pages
    fork_for_each_line({"act": act, "work": work, "finish": finish})


def act(seed: int) -> None:
    """Do some of what people do with own datasets and their DOIs."""
    from catalogue.domain.dois import drop_doi, publish_doi, reserve_doi, restore_doi, withdraw_doi
    from catalogue.domain.drafts import save_draft, start_correction, start_edition
    from catalogue.domain.editions import publish_draft, restore_edition, withdraw_edition
    from catalogue.errors import Conflict
    from catalogue.models import Dataset, Doi, User

    dice = random.Random(seed)
    by = User.objects.get()

    def correct(dataset: Dataset) -> None:
        draft = start_correction(dataset, by=by)
        record = {**draft.record, "title": [{"value": f"Lake {dice.randrange(10**6)}", "lang": "en"}]}
        draft = save_draft(draft, record, by=by, revision=draft.revision)
        publish_draft(draft, by=by, revision=draft.revision)

    def follow(dataset: Dataset) -> None:
        draft = start_edition(dataset, by=by)
        publish_doi(publish_draft(draft, by=by, revision=draft.revision).edition.dataset, by=by)

    verbs = [
        *[publish_doi] * 6,
        *[reserve_doi] * 2,
        *[lambda dataset: drop_doi(Doi.objects.get(dataset=dataset))] * 2,
        correct,
        correct,
        follow,
        lambda dataset: withdraw_edition(dataset, by=by, reason="A mistake."),
        restore_edition,
        lambda dataset: withdraw_doi(Doi.objects.get(dataset=dataset)),
        lambda dataset: restore_doi(Doi.objects.get(dataset=dataset)),
    ]
    datasets = list(Dataset.objects.order_by("pk"))
    for _act in range(4):
        try:
            dice.choice(verbs)(dice.choice(datasets))
        except (Conflict, Doi.DoesNotExist):
            continue  # not possible as things stand: nothing was changed


def work() -> None:
    """Do what waits, as if the leases of the dead and the waits between had passed."""
    from django.utils import timezone

    from catalogue.domain.doi_registration import DoiProjector
    from catalogue.domain.outbox import drain
    from catalogue.models import Outbox

    Outbox.objects.filter(kind="doi").update(leased_until=None, next_attempt_at=timezone.now())
    drain(DoiProjector())


def finish() -> None:
    """Work until nothing waits, at most so often."""
    from catalogue.models import Outbox

    for _pass in range(30):
        work()
        if not Outbox.objects.filter(kind="doi").exists():
            return


def find_wrongs() -> dict[str, Any]:
    """Return in words each way in which the registry, or what is shown of it, is not as wanted."""
    from django.db.models import Count, F

    from catalogue import stores
    from catalogue.domain.doi_steps import find_shortfall
    from catalogue.domain.doi_target import build_target
    from catalogue.exports.wording import find_doi
    from catalogue.models import Dataset, Doi, Outbox

    wrong = []

    def expect(what: str, found: object, wanted: object) -> None:
        if found != wanted:
            wrong.append(f"{what}: {found}, not {wanted}")

    registry = stores.doi_registry("sandbox")
    states = {"findable": "findable", "hidden": "registered", "reserved": "draft", "none": "absent"}
    rows = list(Doi.objects.select_related("dataset", "concept"))
    listed = Counter(remote.doi for remote in registry.list_dois("10.5072"))
    expect("orphans", set(listed) - {row.doi for row in rows}, set())
    expect("listed twice", [doi for doi, count in listed.items() if count > 1], [])
    for row in rows:
        target, remote = build_target(row), registry.get(row.doi)
        if row.desired == Doi.Desired.FINDABLE and target.state == Doi.Desired.HIDDEN:
            hidden = {"registered", "draft", "absent"}  # a tombstone's, published or not before
            expect(f"{row.doi} hidden", (remote.state if remote else "absent") in hidden, True)
        elif row.desired != Doi.Desired.HIDDEN:  # what was never published need not be hidden
            expect(f"{row.doi} state", remote.state if remote else "absent", states[target.state])
        if target.state == Doi.Desired.FINDABLE and remote is not None:
            expect(f"{row.doi} address", remote.url, target.url)
            expect(f"{row.doi} resolves", registry.resolve_handle(row.doi), target.url)
        expect(
            f"{row.doi} falls short", find_shortfall(target, remote, registry.resolve_handle(row.doi)), None
        )
        expect(f"{row.doi} observed", row.observed, remote.state if remote else "absent")
    expect("unconfirmed", Doi.objects.exclude(generation=F("confirmed_generation")).count(), 0)
    expect("failing", Doi.objects.exclude(failing_since=None).count(), 0)
    expect("outbox rows", Outbox.objects.filter(kind="doi").count(), 0)
    doubled = Dataset.objects.annotate(count=Count("minted_dois")).filter(count__gt=1)
    expect("datasets with two DOIs", doubled.count(), 0)
    cited = {row.doi for row in rows if row.dataset_id and row.observed == "findable"}
    shown = {find_doi(dataset.to_record()) for dataset in Dataset.objects.live()} - {""}
    expect("cited DOIs", shown, cited)
    return {"dois": len(listed), "wrong": wrong}


if __name__ == "__main__":
    main()
