"""Killing the worker that pushes rights at every step, again and again: every target comes to what holds.

    python -m benchmarks.kill_push --kills 100
    python -m benchmarks.kill_push --kills 100 --database-url postgres://postgres@127.0.0.1:5432/mimis_kill

Four targets: two fakes (tests/fakes/rights_target.py, ours and REMS' interface) and one that hears of one committee
only, which lose requests and answers, lag, lie and fail at random (seeded), and a folder. Workers are forked
from a process that has everything loaded. Most end at a statement of theirs (before the claim, after it, after the
answer and before it is written, before the row is let go), or are killed by the target when a request has arrived
there, or was carried out and not yet answered; the others after a random time. Three of ten are comparing. Between the
kills people give, suspend, reinstate, revoke, give back, block, unblock and renew rights, rights expire, and targets
lose what they keep or get back what was taken. In the end the faults stop and workers are let live: then every
target has to keep what the view of effective rights says and nothing else, and every right that ended its proof there.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.nursery import Nursery, fork_for_each_line, measure_pass, read_options
from benchmarks.workplace import open_workplace, run_step
from tests.fakes.rights_target import FakeRightsTarget, LostAnswer

STEP = "benchmarks.kill_push:"
FAULTS = 0.2
DATASETS = 4
COMMITTEES = ("Lake committee", "Sea committee")
ASKERS = ("applicant", "member", "outsider")
# What a worker is about to ask the database when it ends itself, by what it has behind it then.
STATEMENTS = (
    ("work", "before the claim", 'SELECT "catalogue_outbox"'),
    ("work", "while claiming or letting go", 'UPDATE "catalogue_outbox"'),
    ("work", "after the claim", 'SELECT "access_target"."id"'),
    (
        "work",
        "before the request, what is wanted not yet written",
        'UPDATE "access_targetstate" SET "wanted"',
    ),
    ("work", "after the answer, before it is written", 'UPDATE "access_targetstate" SET "target_id"'),
    ("work", "while the proof is written", 'UPDATE "access_revocationproof"'),
    ("work", "after all was written, before the row is let go", 'DELETE FROM "catalogue_outbox"'),
    ("reconcile", "comparing, before a difference is marked", 'UPDATE "access_targetstate" SET "generation"'),
    ("reconcile", "comparing, before it is asked for", "\n    INSERT INTO catalogue_outbox"),
    ("reconcile", "comparing, before the end is noted", 'UPDATE "access_target" SET'),
)
METHODS = ("GET", "PUT", "DELETE", "POST")
MOMENTS = ("arrived", "was carried out")
LAST_OF_ITS_KIND = 4
"""A worker ends at one of its first so many statements or requests of a kind."""


@dataclass(slots=True)
class Outcome:
    """What the kills met, and what was wrong in the end (nothing, that is)."""

    kills: Counter[str] = field(default_factory=Counter)  # by the step that the worker was at
    completed: int = 0  # workers that ended before they could be killed
    rights: int = 0  # that hold in the end
    proofs: int = 0  # of ends, one for each target
    wrong: list[str] = field(default_factory=list)


def main() -> None:
    options = read_options(__doc__)
    outcome = kill_and_check(kills=options.kills, seed=options.seed, database_url=options.database_url)
    for step, count in sorted(outcome.kills.items()):
        print(f"{count:4} killed {step}")
    print(f"{outcome.completed:4} came to their end")
    print(f"{outcome.rights} rights hold; {outcome.proofs} ends are proved.")
    print("\n".join(["WRONG:", *outcome.wrong]) if outcome.wrong else "Every target keeps what holds.")
    sys.exit(bool(outcome.wrong))


def kill_and_check(*, kills: int, seed: int = 1, database_url: str = "") -> Outcome:
    """Kill so many workers, let the last ones finish, and return what was met and found wrong."""
    dice = random.Random(seed)
    outcome = Outcome()
    with ExitStack() as stack:
        fakes = {name: stack.enter_context(FakeRightsTarget()) for name in ("ours", "rems", "sea")}
        environment = stack.enter_context(open_workplace(database_url))
        environment |= {"MIMIS_ACCESS_TARGET_SECRETS": "remote=secret", "MIMIS_LOG_LEVEL": "CRITICAL"}
        run_step(environment, f"{STEP}set_up", {name: addresses(fakes)[name] for name in fakes})
        with Nursery(environment, f"{STEP}serve") as nursery:
            typical_s = measure_pass(nursery, dice)
            for number, fake in enumerate(fakes.values()):
                fake.chaos(seed + number, FAULTS)
            while outcome.kills.total() < kills:
                nursery.run(f"act {dice.randrange(10**6)}")
                disturb(fakes, dice)
                if step := kill_one(nursery, fakes, dice, typical_s):
                    outcome.kills[step] += 1
                else:
                    outcome.completed += 1
            for fake in fakes.values():
                fake.calm()
            nursery.run("finish")
        checked = run_step(environment, f"{STEP}find_wrongs").result
    outcome.rights, outcome.proofs = checked["rights"], checked["proofs"]
    outcome.wrong = checked["wrong"]
    for name, fake in fakes.items():
        # What the fake really keeps, not what it shows.
        if set(fake.rights) != (wanted := {tuple(pair) for pair in checked["wanted"][name]}):
            surplus, missing = set(fake.rights) - wanted, wanted - set(fake.rights)
            outcome.wrong.append(f"{name} keeps too much: {surplus}; lacks: {missing}")
    return outcome


def addresses(fakes: Mapping[str, FakeRightsTarget]) -> dict[str, str]:
    """Return where each fake listens."""
    return {"ours": fakes["ours"].url, "rems": fakes["rems"].rems_url, "sea": fakes["sea"].url}


def disturb(fakes: Mapping[str, FakeRightsTarget], dice: random.Random) -> None:
    """Now and then let a target lose a right, or get one back that it was told to take."""
    for fake in fakes.values():
        with fake.lock:
            before = getattr(fake, "backup", {})
            if fake.rights and dice.random() < 0.1:
                del fake.rights[dice.choice(sorted(fake.rights))]
            gone = sorted(before.keys() - fake.rights.keys())
            if gone and dice.random() < 0.1:
                pair = dice.choice(gone)
                fake.rights[pair] = before[pair]
            fake.backup = before | fake.rights


def kill_one(
    nursery: Nursery, fakes: Mapping[str, FakeRightsTarget], dice: random.Random, typical_s: float
) -> str:
    """Start a worker, kill it somewhere, and return where: "" if it was over before."""
    way = dice.random()
    if way < 0.2:
        verb = dice.choice(("work", "work", "reconcile"))
        nursery.start(verb)
        time.sleep(dice.uniform(0, typical_s))
        return f"at a random time, {verb}" if nursery.kill_and_wait() else ""
    number = dice.randint(1, LAST_OF_ITS_KIND)
    if way < 0.6:
        step = dice.randrange(len(STATEMENTS))
        nursery.start(f"end_at {step} {number}")
        return STATEMENTS[step][1] if nursery.wait() else ""
    verb = dice.choice(("work", "work", "work", "reconcile"))
    methods = ("GET",) if verb == "reconcile" else METHODS
    trigger = Trigger(nursery, dice.choice(methods), number, dice.choice(MOMENTS))
    for fake in fakes.values():
        fake.watch = trigger
    nursery.start(verb)
    trigger.started.set()
    was_killed = nursery.wait()
    for fake in fakes.values():
        fake.watch = None
    kind = "a list or look" if trigger.method == "GET" else "a change"
    return f"when {kind} {trigger.moment}, {verb}" if was_killed else ""


class Trigger:
    """Kills the nursery's worker when its n-th request by a method has come to a certain moment."""

    def __init__(self, nursery: Nursery, method: str, number: int, moment: str) -> None:
        self.method, self.moment = method, moment
        self.started = threading.Event()
        self._nursery, self._left = nursery, number

    def __call__(self, moment: str, method: str) -> None:
        if (moment, method) != (self.moment, self.method) or not self._left:
            return
        self._left -= 1
        if not self._left:
            self.started.wait()
            self._nursery.kill()
            raise LostAnswer


# --- what runs in the catalogue's own processes ---------------------------------------------------


def set_up(where: dict[str, str]) -> None:
    """Make two committees, each with datasets that are asked for without terms, and the targets."""
    from django.conf import settings

    from catalogue.access.models import Committee, Target
    from tests.factories.access import make_world

    for name in COMMITTEES:
        make_world(name=name, datasets=DATASETS, with_terms=False)
    for name, address in where.items():
        Target.objects.create(
            slug=name,
            name=name.title(),
            kind="rems" if name == "rems" else "http",
            address=address,
            secret_name="remote",
            committee=Committee.objects.get(name="Sea committee") if name == "sea" else None,
        )
    folder = Path(settings.VAR_DIR) / "rights"
    Target.objects.create(slug="folder", name="Folder", kind="folder", address=str(folder))


def serve() -> None:
    """Fork a child for each line of the input."""
    import catalogue.access.tasks  # noqa: F401 - loaded once for all children
    import tests.factories.access  # noqa: F401

    fork_for_each_line({"act": act, "work": work, "reconcile": reconcile, "end_at": end_at, "finish": finish})


def act(seed: int) -> None:
    """Do some of what people do with rights, and let one expire."""
    from catalogue.access.models import Block, Grant
    from catalogue.errors import CatalogueError

    dice = random.Random(seed)
    deeds = (
        give,
        give,
        give,
        give,
        suspend,
        reinstate,
        revoke,
        revoke,
        relinquish,
        block,
        lift,
        renew,
        expire,
    )
    for _deed in range(4):
        deed = dice.choice(deeds)
        things = list(Block.objects.filter(lifted_at=None) if deed is lift else Grant.objects.all())
        try:
            deed(dice.choice(things) if things else None, dice)
        except (CatalogueError, AttributeError):
            continue  # not possible as things stand, or there is no right yet: nothing was changed


def person(committee: Any, role: str) -> Any:
    """Return somebody of a committee, read anew."""
    from catalogue.models import User

    return User.objects.get(username=f"{committee.slug}-{role}")


def decide(application: Any) -> None:
    """Take an application up and approve it."""
    from catalogue.access.domain.deciding import approve_item, take_item
    from tests.factories.access import first_item, snapshot_hash

    item = first_item(application)
    take_item(item, by=person(item.committee, "handler"))
    approve_item(item, by=person(item.committee, "decider"), snapshot_sha256=snapshot_hash(application))


def submit(application: Any, by: Any) -> Any:
    """Submit an application as it is."""
    from catalogue.access.domain.submitting import submit_application

    application.refresh_from_db()
    return submit_application(application, by=by, version=application.version)


def give(_grant: Any, dice: random.Random) -> None:
    """Let somebody ask for a dataset, and approve it."""
    from catalogue.access.domain.applications import save_application, start_application
    from catalogue.access.models import AccessRoute
    from tests.factories.access import ANSWERS

    route = dice.choice(list(AccessRoute.objects.order_by("pk")))
    by = person(route.workflow.committee, dice.choice(ASKERS))
    application = start_application([route.dataset], by=by, title="Warm lakes")
    application = save_application(application, by=by, version=application.version, answers=ANSWERS)
    decide(submit(application, by))


def renew(grant: Any, _dice: random.Random) -> None:
    """Let the holder renew a right, and approve it."""
    from catalogue.access.domain.renewals import start_renewal

    decide(submit(start_renewal(grant, by=grant.user), grant.user))


def suspend(grant: Any, _dice: random.Random) -> None:
    from catalogue.access.domain.grants import suspend_grant

    suspend_grant(grant, by=person(grant.item.committee, "handler"), reason="A question.")


def reinstate(grant: Any, _dice: random.Random) -> None:
    from catalogue.access.domain.grants import reinstate_grant

    reinstate_grant(grant, by=person(grant.item.committee, "handler"))


def revoke(grant: Any, dice: random.Random) -> None:
    from catalogue.access.domain.grants import REVOCATIONS, revoke_grant

    handler = person(grant.item.committee, "handler")
    revoke_grant(grant, by=handler, revocation=dice.choice(REVOCATIONS), reason="It is over.")


def relinquish(grant: Any, _dice: random.Random) -> None:
    from catalogue.access.domain.grants import relinquish_grant

    relinquish_grant(grant, by=grant.user)


def block(grant: Any, dice: random.Random) -> None:
    from catalogue.access.domain.grants import block_person

    handler = person(grant.item.committee, "handler")
    block_person(grant, by=handler, reason="Shared.", whole_committee=dice.random() < 0.5)


def lift(found: Any, _dice: random.Random) -> None:
    from catalogue.access.domain.grants import lift_block
    from catalogue.access.models import Committee

    committee = found.committee or Committee.objects.get(workflows=found.dataset.access_route.workflow)
    lift_block(found, by=person(committee, "handler"))


def expire(grant: Any, _dice: random.Random) -> None:
    """Let the time of a right be over, and the job notice it."""
    from datetime import timedelta

    from django.utils import timezone

    from catalogue.access.domain.grants import expire_due
    from catalogue.access.models import Grant

    now = timezone.now()
    Grant.objects.filter(pk=grant.pk, state__in=("active", "suspended")).update(
        starts_at=now - timedelta(days=2), ends_at=now - timedelta(seconds=1)
    )
    expire_due()


def work() -> None:
    """Do what waits, as if the leases of the dead and the waits between had passed."""
    from django.utils import timezone

    from catalogue.access.tasks import push_rights
    from catalogue.models import Outbox

    Outbox.objects.filter(kind="push").update(leased_until=None, next_attempt_at=timezone.now())
    push_rights()


def reconcile() -> None:
    """Compare every target, as the worker does every hour, and tell what differs."""
    from catalogue.access.tasks import reconcile_rights

    reconcile_rights()


def end_at(step: int, number: int) -> None:
    """Work or compare, and end, as by SIGKILL from outside, before the n-th statement of a kind."""
    from django.db import connection

    verb, _name, beginning = STATEMENTS[step]
    left = number

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal left
        if sql.startswith(beginning):
            left -= 1
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        {"work": work, "reconcile": reconcile}[verb]()


def finish() -> None:
    """Compare and work until nothing waits and nothing differs, at most so often."""
    from catalogue.access.domain.push import reconcile_targets
    from catalogue.models import Outbox

    for _pass in range(30):
        work()
        is_clean = all(report.is_clean for report in reconcile_targets())
        if is_clean and not Outbox.objects.filter(kind="push").exists():
            return


def find_wrongs() -> dict[str, Any]:
    """Return what every target has to keep, and in words what is wrong in the database or in the folder."""
    from catalogue.access.domain.logs import check_logs
    from catalogue.access.domain.people import person_of
    from catalogue.access.domain.push import open_target
    from catalogue.access.domain.rights import ENDED
    from catalogue.access.models import EffectiveRight, Grant, RevocationProof, Target, TargetState
    from catalogue.models import Outbox, User

    wrong = []

    def expect(what: str, found: object, wanted: object) -> None:
        if found != wanted:
            wrong.append(f"{what}: {found}, not {wanted}")

    wanted: dict[str, list[tuple[str, str]]] = {}
    proofs = 0
    holding = {(right.user_id, right.dataset_id) for right in EffectiveRight.objects.all()}
    persons = {user.pk: str(person_of(user).pk) for user in User.objects.all()}
    for target in Target.objects.all():
        rights = EffectiveRight.objects.all()
        ended = Grant.objects.filter(state__in=ENDED)
        if target.committee_id is not None:
            rights = rights.filter(item__committee=target.committee_id)
            ended = ended.filter(item__committee=target.committee_id)
        wanted[target.slug] = [(persons[right.user_id], str(right.dataset_id)) for right in rights]
        expect(f"{target.slug} lists", set(open_target(target).list_all()), set(wanted[target.slug]))
        for grant in ended:
            name = f"{target.slug}, {grant.state} {grant.pk}"
            proof = RevocationProof.objects.filter(grant=grant, target=target).first()
            if proof is None:
                wrong.append(f"{name}: nothing is kept of its end")
            elif (grant.user_id, grant.dataset_id) in holding:
                continue  # the same person has a newer right to the same dataset: there is nothing to be gone
            elif proof.confirmed_at is None:
                wrong.append(f"{name}: its end is not proved")
            else:
                proofs += 1
                times = [proof.ended_at, *filter(None, [proof.told_at]), proof.confirmed_at]
                expect(f"{name}: order of its times", times, sorted(times))
    without = Grant.objects.filter(state__in=ENDED).exclude(
        proofs__target=None, proofs__confirmed_at__isnull=False
    )
    expect("ends without the last visa's end", without.count(), 0)
    expect("drifting", TargetState.objects.exclude(drift_since=None).count(), 0)
    expect("told otherwise than seen", sum(s.wanted != s.observed for s in TargetState.objects.all()), 0)
    expect("outbox rows", Outbox.objects.filter(kind="push").count(), 0)
    report = check_logs()
    expect("logs", [*report.broken, *report.drifted], [])
    return {"wanted": wanted, "rights": len(holding), "proofs": proofs, "wrong": wrong}


if __name__ == "__main__":
    main()
