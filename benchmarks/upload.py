"""A large file through the portal's way: in parts with an interruption, and by the form without a script.

    python -m benchmarks.upload --size-mib 1024 --s3-url http://127.0.0.1:9000

The store is the bucket server named (MIMIS_TEST_S3_URL by default), else a folder. The web server is one
gunicorn worker as `manage.py serve` starts them; its memory is read from /proc, with the peak reset
before each step. The check after an upload runs in a process of its own.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import urllib3

from benchmarks.readers_while_writing import collect_static  # noqa: F401 - a step of its own
from benchmarks.workplace import ROOT, open_workplace, run_step

MIB = 1024 * 1024
NAME, PASSWORD = "steward", "benchmark only"
PARALLEL = 3
INTERRUPTED_AT = 0.4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size-mib", type=int, default=1024)
    parser.add_argument("--s3-url", default=os.environ.get("MIMIS_TEST_S3_URL", ""))
    parser.add_argument("--json", action="store_true", help="print the rows as JSON")
    options = parser.parse_args()
    rows = list(measure(options.size_mib, options.s3_url))
    if options.json:
        print(json.dumps(rows))
        return
    print(f"{options.size_mib} MiB, {'bucket' if options.s3_url else 'folder'}\n")
    print("| step | seconds | MiB/s | process | MiB before | peak MiB |\n|---|--:|--:|---|--:|--:|")
    for row in rows:
        print(
            f"| {row['step']} | {row['wall_s']:.1f} | {row['mib'] / row['wall_s']:.0f} | "
            f"{row['process']} | {row['before_mib']:.0f} | {row['peak_mib']:.0f} |"
        )


def measure(size_mib: int, s3_url: str) -> Iterator[dict]:
    """Yield a row for each step; fail when a byte is not what it was."""
    sha256 = hashlib.sha256()
    for number in range(size_mib):
        sha256.update(block(number))
    with open_workplace() as plain, open_bucket(s3_url) as bucket:
        environment = plain | bucket | {"MIMIS_API_THROTTLE_USER": "100000/min", "MIMIS_LOG_LEVEL": "ERROR"}
        run_step(environment, "benchmarks.upload:collect_static")
        draft = run_step(environment, "benchmarks.upload:prepare").result
        with serve(environment) as (address, worker):
            yield from measure_parts(Visitor(address), address, worker, environment, draft, size_mib, sha256)
            visitor = Visitor(address)
            with watched(worker, "form without a script", size_mib) as row:
                file_id = send_form(visitor, draft, size_mib)
            yield row
            yield check(environment, visitor, file_id, sha256.hexdigest(), "check of it")
            with watched(worker, "download", size_mib) as row:
                assert visitor.download(file_id) == sha256.hexdigest()
            yield row


def measure_parts(visitor, address, worker, environment, draft, size_mib, sha256) -> Iterator[dict]:
    with watched(worker, "parts, interrupted", size_mib * INTERRUPTED_AT) as row:
        body = {"draft": draft, "name": "large.bin", "size_bytes": size_mib * MIB}
        file = visitor.ask("POST", "/api/v1/files", body)
        count = file["upload"]["part_count"]
        send_parts(visitor, file, range(1, int(count * INTERRUPTED_AT) + 1))
        cut_part(visitor, file, int(count * INTERRUPTED_AT) + 1)
    yield row
    visitor = Visitor(address)  # the page was loaded again
    with watched(worker, "parts, gone on with", size_mib * (1 - INTERRUPTED_AT)) as row:
        file = visitor.ask("GET", f"/api/v1/files/{file['id']}")
        # As the script does: what the store has, and what it was seen to say yes to.
        received = set(file["upload"]["received"]) & set(range(1, int(count * INTERRUPTED_AT) + 1))
        assert len(received) == int(count * INTERRUPTED_AT), received
        send_parts(visitor, file, [number for number in range(1, count + 1) if number not in received])
        visitor.ask("POST", f"/api/v1/files/{file['id']}/complete", {"sha256": sha256.hexdigest()})
    yield row
    yield check(environment, visitor, file["id"], sha256.hexdigest(), "check of them")
    visitor.ask("DELETE", f"/api/v1/files/{file['id']}")
    run_step(environment, "benchmarks.upload:settle")


def check(environment, visitor, file_id, sha256: str, step: str) -> dict:
    """Let the background look at the file, and compare what it found."""
    done = run_step(environment, "benchmarks.upload:settle")
    file = visitor.ask("GET", f"/api/v1/files/{file_id}")
    assert (file["state"], file["sha256"]) == ("ready", sha256), file
    return {
        "step": step,
        "mib": file["size_bytes"] / MIB,
        "wall_s": done.wall_s,
        "process": "files worker",
        "before_mib": done.result,
        "peak_mib": done.peak_mib,
    }


def block(number: int) -> bytes:
    """Return one MiB of the file, always the same."""
    return random.Random(number).randbytes(MIB)


class Visitor:
    """A steward's browser: cookies, the form's token, and a pool of connections."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.pool = urllib3.PoolManager(maxsize=PARALLEL, retries=False)
        self.cookies: dict[str, str] = {}
        self.sign_in()

    def sign_in(self) -> None:
        page = self.request("GET", "/login/").data.decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
        fields = {"username": NAME, "password": PASSWORD, "csrfmiddlewaretoken": token}
        answer = self.request("POST", "/login/", fields=fields, encode_multipart=False)
        assert answer.status == 302, answer.data

    def request(self, method: str, path: str, **options):
        headers = options.pop("headers", {}) | {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "X-CSRFToken": self.cookies.get("csrftoken", ""),
        }
        if "fields" in options:
            headers.pop("Content-Type", None)
        answer = self.pool.request(method, self.address + path, headers=headers, redirect=False, **options)
        for cookie in answer.headers.getlist("Set-Cookie"):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer

    def ask(self, method: str, path: str, body: dict | None = None) -> dict:
        answer = self.request(method, path, json=body) if body else self.request(method, path)
        assert answer.status < 300, answer.data
        return answer.json() if answer.data else {}

    def download(self, file_id: str) -> str:
        """Return the SHA-256 of what the file's link gives."""
        link = self.request("GET", f"/files/{file_id}").headers["Location"]
        url = link if link.startswith("http") else self.address + link
        digest = hashlib.sha256()
        answer = self.pool.request("GET", url, preload_content=False)
        for chunk in answer.stream(MIB):
            digest.update(chunk)
        answer.release_conn()
        return digest.hexdigest()


def send_parts(visitor: Visitor, file: dict, numbers) -> None:
    def send(number: int) -> None:
        part = sign(visitor, file, number)
        answer = visitor.pool.request("PUT", part["url"], body=part_bytes(part))
        assert answer.status < 300, answer.data

    with ThreadPoolExecutor(PARALLEL) as pool:
        list(pool.map(send, numbers))


def cut_part(visitor: Visitor, file: dict, number: int) -> None:
    """Send half of a part, and hang up."""
    part = sign(visitor, file, number)
    url = urlsplit(part["url"])
    head = f"PUT {url.path}?{url.query} HTTP/1.1\r\nHost: {url.netloc}\r\nContent-Length: {part['size_bytes']}\r\n\r\n"
    with socket.create_connection((url.hostname, url.port)) as link:
        link.sendall(head.encode() + part_bytes(part)[: part["size_bytes"] // 2])


def sign(visitor: Visitor, file: dict, number: int) -> dict:
    return visitor.ask("POST", f"/api/v1/files/{file['id']}/parts", {"numbers": [number]})["parts"][0]


def part_bytes(part: dict) -> bytes:
    first, count = part["offset"] // MIB, -(-part["size_bytes"] // MIB)
    return b"".join(block(first + number) for number in range(count))[: part["size_bytes"]]


def send_form(visitor: Visitor, draft: str, size_mib: int) -> str:
    """Send the plain form as a browser does, in a stream; return the file's id."""
    boundary = uuid4().hex
    head = b"".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in (("csrfmiddlewaretoken", visitor.cookies["csrftoken"]), ("next", "/about/"))
    )
    head += f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="form.bin"\r\n'.encode()
    head += b"Content-Type: application/octet-stream\r\n\r\n"
    tail = f"\r\n--{boundary}--\r\n".encode()

    def body():
        yield head
        for number in range(size_mib):
            yield block(number)
        yield tail

    answer = visitor.request(
        "POST",
        f"/files/of/{draft}/send/",
        body=body(),
        headers={
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Content-Length": str(len(head) + size_mib * MIB + len(tail)),
        },
    )
    assert answer.status == 302, answer.data
    rows = visitor.request("GET", f"/files/of/{draft}/").data.decode()
    return re.search(r"/files/([0-9a-f-]{36})/remove/", rows)[1]


@contextmanager
def serve(environment: dict[str, str]) -> Iterator[tuple[str, int]]:
    """Run one web worker; yield the address and the worker's process id."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "catalogue.wsgi:application", "--bind", f"127.0.0.1:{port}"]
    command += ["--workers", "1", "--worker-class", "gthread", "--threads", "8", "--log-level", "warning"]
    with subprocess.Popen(command, env=environment, cwd=ROOT) as server:
        try:
            for _ in range(240):
                try:
                    urllib3.request("GET", f"http://127.0.0.1:{port}/about/", retries=False)
                    break
                except urllib3.exceptions.HTTPError:
                    time.sleep(0.25)
            children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
            yield f"http://127.0.0.1:{port}", int(children[0])
        finally:
            server.terminate()


@contextmanager
def watched(pid: int, step: str, mib: float) -> Iterator[dict]:
    """Measure a process during a step, into the row that is yielded."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")  # the peak begins anew
    row = {"step": step, "mib": mib, "process": "web worker", "before_mib": read_mib(pid, "VmRSS")}
    began = time.perf_counter()
    yield row
    row |= {"wall_s": time.perf_counter() - began, "peak_mib": read_mib(pid, "VmHWM")}


def read_mib(pid: int | str, name: str) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"/proc has no {name}: memory is measured on Linux only.")


@contextmanager
def open_bucket(s3_url: str) -> Iterator[dict[str, str]]:
    """Yield the settings of a bucket of its own; none without a server."""
    if not s3_url:
        yield {}
        return
    import boto3

    keys = (os.environ.get("MIMIS_TEST_S3_KEY", "test"), os.environ.get("MIMIS_TEST_S3_SECRET", "testtest"))
    client = boto3.client(
        "s3",
        endpoint_url=s3_url,
        aws_access_key_id=keys[0],
        aws_secret_access_key=keys[1],
        region_name="us-east-1",
    )
    bucket = f"mimis-upload-{uuid4().hex[:8]}"
    client.create_bucket(Bucket=bucket)
    try:
        yield {
            "MIMIS_S3_BUCKET": bucket,
            "MIMIS_S3_ENDPOINT_URL": s3_url,
            "MIMIS_S3_ACCESS_KEY": keys[0],
            "MIMIS_S3_SECRET_KEY": keys[1],
        }
    finally:
        for item in client.list_objects_v2(Bucket=bucket).get("Contents", ()):
            client.delete_object(Bucket=bucket, Key=item["Key"])
        for item in client.list_multipart_uploads(Bucket=bucket).get("Uploads", ()):
            client.abort_multipart_upload(Bucket=bucket, Key=item["Key"], UploadId=item["UploadId"])
        client.delete_bucket(Bucket=bucket)


def prepare() -> str:
    """Make a steward and a draft; return the draft's id. A step of its own."""
    from django.utils import timezone

    from catalogue.models import Agent, Draft, RoleGrant, User

    publisher = Agent.objects.create(key="https://lab.example/", slug="lab", name="Data lab")
    user = User.objects.create_user(NAME, password=PASSWORD)
    RoleGrant.objects.create(user=user, role=RoleGrant.Role.STEWARD, publisher=publisher)
    now = timezone.now()
    return str(Draft.objects.create(publisher=publisher, created_at=now, updated_at=now).pk)


def settle() -> float:
    """Do what the worker for files does; return its memory before, in MiB. A step of its own."""
    from catalogue.domain.file_checking import FileProjector
    from catalogue.domain.outbox import drain

    before = read_mib("self", "VmRSS")
    drain(FileProjector())
    return before


if __name__ == "__main__":
    main()
