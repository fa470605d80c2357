"""Killing a harvest at any moment, again and again: nothing may be lost, doubled or left undone.

    python -m benchmarks.kill_nine --rounds 5 --kills 10
    python -m benchmarks.kill_nine --rounds 5 --kills 10 --database-url postgres://postgres@127.0.0.1:5432/mimis_kill

A worker process harvests benchmarks/corpus_feed.py's feed and then brings index and graph up to date;
SIGKILL ends it at a random moment (seeded), spread over the time that both take; the next one goes on.
When a worker came to its end, the feed changes half of its datasets and the next one begins anew, so
that imports, updates and projections are all hit. The last worker of a round is let live; then all is
counted. Every round begins with an empty catalogue.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from benchmarks.corpus_feed import CorpusFeed
from benchmarks.workplace import ROOT, open_workplace, run_step, step_command

STEP = "benchmarks.kill_nine:"
CHANGED_SHARE = 0.5
PHASES = frozenset({"harvest", "search", "graph", "vector", "done"})
"""What a worker says that it begins; the end is one of them."""


@dataclass(slots=True)
class Outcome:
    """What the kills met, and what was wrong in the end (nothing, that is)."""

    kills: int = 0
    completed: int = 0  # workers that ended before they could be killed
    phases: dict[str, int] = field(default_factory=dict)  # what a killed worker was doing
    resumed: int = 0  # runs that went on after a checkpoint
    wrong: list[str] = field(default_factory=list)

    def add(self, other: Outcome) -> None:
        """Add what another round met."""
        self.kills += other.kills
        self.completed += other.completed
        self.resumed += other.resumed
        self.wrong += other.wrong
        for phase, count in other.phases.items():
            self.phases[phase] = self.phases.get(phase, 0) + count


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--kills", type=int, default=10, help="in each round")
    parser.add_argument("--records", type=int, default=1_000)
    parser.add_argument("--page-size", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--database-url", default="", help="PostgreSQL database to create and drop; else SQLite"
    )
    options = parser.parse_args()
    total = Outcome()
    for number in range(options.rounds):
        outcome = kill_and_check(
            kills=options.kills,
            records=options.records,
            page_size=options.page_size,
            seed=options.seed + number,
            database_url=options.database_url,
            report=lambda line: print(line, flush=True),
        )
        total.add(outcome)
        print(
            "\n".join(["WRONG:", *outcome.wrong])
            if outcome.wrong
            else "Nothing lost, doubled or left undone."
        )
    print(
        f"{total.kills} kills ({', '.join(f'{n} in {name}' for name, n in sorted(total.phases.items()))}), "
        f"{total.completed} workers came to their end, {total.resumed} runs went on after a checkpoint, "
        f"{len(total.wrong)} things wrong."
    )
    sys.exit(bool(total.wrong))


def kill_and_check(
    *,
    kills: int,
    records: int,
    page_size: int,
    seed: int = 1,
    database_url: str = "",
    real: bool | None = None,
    report: Callable[[str], object] = lambda _line: None,
) -> Outcome:
    """Kill so many workers, let the last one finish, and return what was met and found wrong."""
    dice = random.Random(seed)
    outcome = Outcome()
    with (
        CorpusFeed(records, page_size=page_size, real=real) as feed,
        open_workplace(database_url) as environment,
    ):
        environment["MIMIS_HARVEST_LEASE_S"] = "5"
        run_step(environment, "benchmarks.harvest_speed:add_source", feed.url)
        full_s = measure_full_run(feed, database_url)
        report(f"A whole run takes {full_s:.1f} s.")
        while outcome.kills < kills:
            delay_s = dice.uniform(0.0, full_s)
            phase = run_and_kill(environment, delay_s)
            if phase == "done":
                outcome.completed += 1
                feed.render(CHANGED_SHARE if outcome.completed % 2 else 0.0)
                continue
            outcome.kills += 1
            outcome.phases[phase] = outcome.phases.get(phase, 0) + 1
            report(f"kill {outcome.kills}: after {delay_s:.2f} s, in {phase}")
        checked = run_step(
            environment, f"{STEP}finish_and_check", sorted(feed.ids), sorted(feed.bad_ids)
        ).result
        outcome.wrong, outcome.resumed = checked["wrong"], checked["resumed"]
    return outcome


def measure_full_run(feed: CorpusFeed, database_url: str) -> float:
    """Return how long a worker needs for all of it, its start left out, in a catalogue of its own."""
    with open_workplace(f"{database_url}_timing" if database_url else "") as environment:
        run_step(environment, "benchmarks.harvest_speed:add_source", feed.url)
        return run_step(environment, f"{STEP}work").wall_s


def run_and_kill(environment: Mapping[str, str], delay_s: float) -> str:
    """Start a worker, kill it so long after it began, and return what it was doing: "done" if it was over."""
    command = step_command(f"{STEP}work")
    with subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        if worker.stdout.readline().strip() != "harvest":  # its start does not count
            raise RuntimeError(f"The worker ended at its start with {worker.wait()}; its words are above.")
        time.sleep(delay_s)
        worker.kill()
        said = ["harvest", *worker.stdout.read().split()]
    if worker.returncode > 0:
        raise RuntimeError(f"The worker ended by itself with {worker.returncode}; its words are above.")
    return [word for word in said if word in PHASES][-1]


def work() -> None:
    """Harvest and project as `manage.py harvest run` does, saying what comes next."""
    from catalogue.domain.outbox import drain
    from catalogue.domain.projection import PROJECTORS
    from catalogue.domain.runs import expire_dead_holders, request_run
    from catalogue.models import Source
    from harvesters.runner import carry_run

    print("harvest", flush=True)
    expire_dead_holders()
    carry_run(request_run(Source.objects.get(slug="corpus")))
    release_outbox()
    for kind, projector in PROJECTORS.items():
        print(kind, flush=True)
        drain(projector)
    print("done", flush=True)


def release_outbox() -> None:
    """Let go of what a killed worker had taken: what otherwise the outbox's lease does in some minutes."""
    from catalogue.models import Outbox

    Outbox.objects.filter(leased_until__isnull=False).update(leased_until=None)


def finish_and_check(ids: list[str], bad_ids: list[str]) -> dict[str, object]:
    """Let a worker finish, once more with nothing to do, and return what is wrong with the catalogue."""
    from catalogue.models import Run

    work()
    work()
    resumed = Run.objects.exclude(begun_at_checkpoint=None).count()
    return {"wrong": find_wrongs(set(ids), set(bad_ids)), "resumed": resumed}


def find_wrongs(ids: set[str], bad_ids: set[str]) -> list[str]:
    """Return in words each way in which the catalogue is not what the feed says, exactly once."""
    from django.db.models import Count, F

    from catalogue.domain.outbox import pending
    from catalogue.domain.reconcile import measure_drift
    from catalogue.models import Dataset, Run, SourceRecord, SourceVersion

    wrong = []

    def expect(what: str, found: object, wanted: object) -> None:
        if found != wanted:
            wrong.append(f"{what}: {found}, not {wanted}")

    wanted = ids - bad_ids
    remote_ids = list(SourceRecord.objects.filter(state="live").values_list("remote_id", flat=True))
    expect("records missing", len(wanted - set(remote_ids)), 0)
    expect("records nobody sent", len(set(remote_ids) - wanted), 0)
    expect("records", len(remote_ids), len(wanted))
    expect("live datasets", Dataset.objects.live().count(), len(wanted))
    expect("datasets at all", Dataset.objects.count(), len(wanted))
    expect("datasets without a record", Dataset.objects.filter(source_records=None).count(), 0)
    records = SourceRecord.objects.annotate(versions_there=Count("versions"))
    expect("records whose versions are not 1..n", records.exclude(versions_there=F("last_number")).count(), 0)
    current = SourceVersion.objects.filter(number=F("record__number"))
    expect("current versions", current.count(), len(wanted))
    same = current.filter(content_hash=F("record__content_hash"), payload_sha256=F("record__payload_sha256"))
    expect("current versions with their record's content", same.count(), len(wanted))
    expect(
        "datasets whose revision is not their version",
        Dataset.objects.exclude(revision=F("source_records__number")).count(),
        0,
    )
    last = Run.objects.order_by("-id").first()
    assert last is not None
    expect("last run", (last.state, last.complete, last.message), (Run.State.FINISHED, True, ""))
    expect("unchanged in the last run", last.unchanged, len(wanted))
    expect("new, changed, removed in the last run", (last.new, last.changed, last.removed), (0, 0, 0))
    expect("open runs", Run.objects.filter(state__in=(Run.State.QUEUED, Run.State.RUNNING)).count(), 0)
    expect("outbox rows", pending(), 0)
    for drift in measure_drift():
        expect(f"drift of {drift.projection}", drift.size, 0)
    return wrong


if __name__ == "__main__":
    main()
