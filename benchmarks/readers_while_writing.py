"""Whether people can search while a harvest writes, and how much slower that is.

    python -m benchmarks.readers_while_writing --records 2000

Gunicorn with two workers, as `manage.py serve` starts it; two client processes ask the portal and the API
in turn, each as fast as it is answered: first with nothing else going on, then while another process
imports a changed feed and brings index and graph up to date. Any answer but 200 is an error; there must
be none.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

from benchmarks.corpus_feed import CorpusFeed
from benchmarks.corpus_records import WORDS
from benchmarks.workplace import RESULT, ROOT, Measured, open_workplace, run_step, step_command

STEP = "benchmarks.readers_while_writing:"
PATHS = ("/search/?q={}", "/api/v1/datasets?q={}")
CLIENTS = 2
IDLE_S = 15


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--records", type=int, default=2_000)
    parser.add_argument(
        "--database-url", default="", help="PostgreSQL database to create and drop; else SQLite"
    )
    options = parser.parse_args()
    with CorpusFeed(options.records) as feed, open_workplace(options.database_url) as environment:
        environment["MIMIS_API_THROTTLE_ANON"] = environment["MIMIS_API_THROTTLE_SEARCH"] = "1000000/min"
        run_step(environment, f"{STEP}collect_static")
        run_step(environment, "benchmarks.harvest_speed:add_source", feed.url)
        run_step(environment, "benchmarks.kill_nine:work")
        with serve(environment) as port, TemporaryDirectory() as folder:
            print(
                "| while | path | requests | errors | p50 ms | p95 ms | slowest ms |\n|---|---|--:|--:|--:|--:|--:|"
            )
            with ask_on(environment, port, Path(folder, "idle")) as idle:
                time.sleep(IDLE_S)
            errors = print_rows("nothing is written", idle)
            feed.render(changed_share=1.0)
            with ask_on(environment, port, Path(folder, "writing")) as writing:
                written = run_step(environment, "benchmarks.kill_nine:work")
            errors += print_rows("a harvest writes", writing)
            print(
                f"\n{options.records} changed records were written and projected in {written.wall_s:.0f} s."
            )
    for error in errors[:10]:
        print(f"ERROR {error}", file=sys.stderr)
    sys.exit(bool(errors))


def collect_static() -> None:
    from django.core.management import call_command

    call_command("collectstatic", interactive=False, verbosity=0)


@contextmanager
def serve(environment: dict[str, str]) -> Iterator[int]:
    """Run the web workers and yield their port."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "catalogue.wsgi:application", "--bind", f"127.0.0.1:{port}"]
    command += ["--workers", "2", "--worker-class", "gthread", "--threads", "8", "--log-level", "warning"]
    with subprocess.Popen(command, env=environment, cwd=ROOT) as server:
        try:
            wait_until_up(port)
            yield port
        finally:
            server.terminate()


def wait_until_up(port: int) -> None:
    for _ in range(120):
        try:
            if fetch(port, PATHS[0].format("ice"))[0] == 200:
                return
        except OSError:
            pass
        time.sleep(0.5)
    raise RuntimeError("The web server does not answer; its words are above.")


@contextmanager
def ask_on(environment: dict[str, str], port: int, stop: Path) -> Iterator[list[tuple[str, int, float]]]:
    """Let clients ask while the block runs, and fill the list with (path, status, seconds) after it."""
    answers: list[tuple[str, int, float]] = []
    clients = [
        subprocess.Popen(
            step_command(f"{STEP}ask", port, seed, str(stop)),
            env=environment,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in range(CLIENTS)
    ]
    try:
        yield answers
    finally:
        stop.touch()
        for client in clients:
            said = client.communicate()[0]
            line = next(line for line in said.splitlines() if line.startswith(RESULT))
            answers += map(tuple, Measured(**json.loads(line.removeprefix(RESULT))).result)


def ask(port: int, seed: int, stop: str) -> list[tuple[str, int, float]]:
    """Ask until the file `stop` appears. Status 0 stands for no answer at all."""
    dice = random.Random(seed)
    answers = []
    while not os.path.exists(stop):  # noqa: PTH110 - asked thousands of times
        words = quote(" ".join(dice.sample(WORDS, 2)))
        for path in PATHS:
            begin = time.perf_counter()
            try:
                status, _ = fetch(port, path.format(words))
            except OSError:
                status = 0
            answers.append((path, status, time.perf_counter() - begin))
    return answers


def fetch(port: int, path: str) -> tuple[int, int]:
    """Return the status and size of an answer, redirects followed."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request("GET", path, headers={"Accept-Language": "en"})
        response = connection.getresponse()
        size = len(response.read())
        if response.status in {301, 302}:
            return fetch(port, response.headers["Location"])
        return response.status, size


def print_rows(label: str, answers: list[tuple[str, int, float]]) -> list[str]:
    """Print a row for each path, and return the errors."""
    errors = []
    for path in PATHS:
        own = [answer for answer in answers if answer[0] == path]
        times = sorted(seconds * 1000 for _, _, seconds in own)
        bad = [f"{path} answered {status} while {label}" for _, status, _ in own if status != 200]
        centiles = statistics.quantiles(times, n=20)
        print(
            f"| {label} | `{path.split('?')[0]}` | {len(own)} | {len(bad)} | {statistics.median(times):.0f} "
            f"| {centiles[-1]:.0f} | {times[-1]:.0f} |",
            flush=True,
        )
        errors += bad
    return errors


if __name__ == "__main__":
    main()
