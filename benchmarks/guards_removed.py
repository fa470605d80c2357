"""Taking each guard of access requests out of the code in turn: the tests that are said to guard it have to fail.

    python -m benchmarks.guards_removed
    python -m benchmarks.guards_removed --trap 4 --trap 13
    MIMIS_TEST_POSTGRESQL_URL=postgres://postgres@127.0.0.1:5432/postgres python -m benchmarks.guards_removed

The checkout's files are copied into a temporary folder, where everything is edited; the checkout stays as it is. A
guard is a place in a file that must be there exactly once, and what stands there when it is taken out. First all tests
run in the copy as it is and have to pass. Tests that need PostgreSQL are left out without it. The numbers are
those of tests/catalogue/access/test_traps.py. Ends with 1 when a guard can be taken out and a test still passes.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.guards import GUARDS, Guard
from benchmarks.workplace import ROOT

FOLDER = "tests/catalogue/access/"
NEEDS_POSTGRESQL = "domain/test_races.py"


@dataclass(slots=True)
class Outcome:
    """Rows of (guard, test, answer), and whether every answer is yes."""

    rows: list[tuple[Guard, str, str]] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Whether each test fails without its guard."""
        return all(answer == "yes" for _guard, _test, answer in self.rows)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--trap", type=int, action="append", help="only guards of this trap; may be repeated")
    options = parser.parse_args()
    guards = [guard for guard in GUARDS if not options.trap or guard.trap in options.trap]
    outcome = take_out_each(guards)
    print("| trap | guard | test | fails without it |\n|--:|---|---|---|")
    shown = None
    for guard, test, answer in outcome.rows:
        name = guard.name if guard is not shown else ""
        print(f"| {guard.trap} | {name} | `{test.removeprefix(FOLDER)}` | {answer} |")
        shown = guard
    print(f"\n{len(guards)} guards, {len(outcome.rows)} tests of them.")
    sys.exit(not outcome.is_good)


def take_out_each(guards: Sequence[Guard]) -> Outcome:
    """Take each guard out in turn and return what its tests then say. Raises RuntimeError before if one fails with it."""
    outcome = Outcome()
    with open_copy() as copy:
        together = sorted({test for guard in guards for test in runnable(guard)})
        if failing := together and together_failing(copy, together):
            raise RuntimeError(f"With all guards in place these do not pass: {', '.join(failing)}")
        for guard in guards:
            print(f"{guard.trap}: {guard.name}", file=sys.stderr, flush=True)
            with taken_out(copy, guard):
                failed = run_tests(copy, runnable(guard))
            outcome.rows += [(guard, test, "yes" if failed[test] else "NO") for test in runnable(guard)]
    return outcome


def runnable(guard: Guard) -> list[str]:
    """Return the guard's tests that can run here."""
    has_postgresql = bool(os.environ.get("MIMIS_TEST_POSTGRESQL_URL"))
    return [test for test in guard.tests if has_postgresql or NEEDS_POSTGRESQL not in test]


def together_failing(copy: Path, tests: Sequence[str]) -> list[str]:
    """Return those of the tests that fail, or are not there, in the copy as it is."""
    return [test for test, has_failed in run_tests(copy, tests).items() if has_failed is not False]


@contextmanager
def open_copy() -> Iterator[Path]:
    """Copy the checkout's files, and the compiled translations, into a folder that is removed in the end."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout.splitlines()
    compiled = [str(path.relative_to(ROOT)) for path in (ROOT / "locale").rglob("*.mo")]
    with tempfile.TemporaryDirectory(prefix="mimisbrunn-guards-") as folder:
        for name in {*listed, *compiled}:
            if (ROOT / name).is_file() and not (ROOT / name).is_symlink():
                target = Path(folder) / "copy" / name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / name, target)
        yield Path(folder) / "copy"


@contextmanager
def taken_out(copy: Path, guard: Guard) -> Iterator[None]:
    """Edit the guard's file in the copy, and put it back. Raises RuntimeError where the guard is not there once."""
    path = copy / guard.file
    text = path.read_text(encoding="utf-8")
    if (count := text.count(guard.old)) != 1:
        raise RuntimeError(f"{guard.name}: {count} times in {guard.file}, not once: {guard.old!r}")
    path.write_text(text.replace(guard.old, guard.new), encoding="utf-8")
    try:
        yield
    finally:
        path.write_text(text, encoding="utf-8")


def run_tests(copy: Path, tests: Sequence[str]) -> dict[str, bool | None]:
    """Run tests in the copy and return for each whether any of its cases failed (None: it has none).

    Raises RuntimeError where pytest itself could not run: a guard that cannot even be imported without is none.
    """
    report = copy.parent / "report.xml"
    report.unlink(missing_ok=True)
    done = subprocess.run(
        [sys.executable, "-B", "-m", "pytest", "--nomigrations", f"--junitxml={report}", *tests],
        cwd=copy,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode not in {0, 1}:
        raise RuntimeError(f"pytest ended with {done.returncode}:\n{done.stdout[-4000:]}")
    return read_report(report, tests)


def read_report(report: Path, tests: Iterable[str]) -> dict[str, bool | None]:
    """Return what a report of pytest's (JUnit XML) says of tests given by their ids; errors outside a test count as none."""
    cases: dict[str, list[bool]] = {}
    for case in ET.parse(report).iter("testcase"):
        if case.find("skipped") is not None or case.find("error") is not None:
            continue
        has_failed = case.find("failure") is not None
        name = f"{case.get('classname', '').replace('.', '/')}.py::{case.get('name')}"
        for known in {name, name.partition("[")[0]}:
            cases.setdefault(known, []).append(has_failed)
    return {test: any(cases[test]) if test in cases else None for test in tests}


if __name__ == "__main__":
    main()
