"""Rights as a bucket's policy: one statement for each dataset, whose principals may read below its prefix.

S3 bucket policies, version 2012-10-17 (https://docs.aws.amazon.com/AmazonS3/latest/userguide/
bucket-policies.html). Statements that are not ours (other `Sid`s) are kept as they are. The principal of a
person is their subject at the identity provider named, or their id here where there is none.

A store refuses a policy as a whole for one principal that it does not know, and a person's account there may go
before their right does: what it does not take is then left out, so that nobody's revocation waits for another's
account.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from catalogue.errors import NotFound, UpstreamError
from catalogue.integrations.rights_target import PushedRight, lock_file
from catalogue.integrations.s3_bucket import S3Bucket

_SID = "rights"
_VERSION = "2012-10-17"
NO_POLICY = frozenset({"NoSuchBucketPolicy"})
REFUSED_POLICY = frozenset({"MalformedPolicy"})


class BucketTarget:
    """A bucket in which each dataset's objects lie below `DATASET ID/`.

    A policy is read, changed and written back as a whole: `lock_file` keeps the other workers of this machine
    out meanwhile. Several machines that push to one bucket may undo each other until they are compared.
    """

    def __init__(self, bucket: S3Bucket, *, provider: str = "", lock_file: Path | None = None) -> None:
        self.bucket = bucket
        self.provider = provider
        self.lock_file = lock_file

    def put(self, right: PushedRight) -> None:
        """Add the person to the dataset's statement.

        Raises UpstreamError when the store knows no such principal.
        """
        with self._locked():
            self._change(right, is_member=True)

    def remove(self, right: PushedRight) -> None:
        """Take the person out of the dataset's statement."""
        with self._locked():
            self._change(right, is_member=False)

    def has(self, right: PushedRight) -> bool:
        """Read the policy again."""
        return self._principal(right) in self._members(self._read()).get(right.dataset, {}).values()

    def list_all(self) -> Iterator[tuple[str, str]]:
        """Yield what the policy says."""
        for dataset, people in self._members(self._read()).items():
            for person in people:
                yield person, dataset

    def _locked(self) -> AbstractContextManager[None]:
        return lock_file(self.lock_file) if self.lock_file else nullcontext()

    def _change(self, right: PushedRight, *, is_member: bool) -> None:
        policy = self._read()
        members = self._members(policy)
        before = members.get(right.dataset, {}).get(right.person)
        principal = self._principal(right) if is_member else None
        if before == principal:
            return
        members.setdefault(right.dataset, {}).pop(right.person, None)
        others = [row for row in policy["Statement"] if not _is_ours(row)]
        ours = [self._statement(*row) for row in sorted(_flatten(members))]
        if principal is not None:  # last: where the policy is full, the one that comes is refused
            ours.append(self._statement(right.dataset, right.person, principal))
        taken = self._write(others, ours)
        if principal is not None and ours[-1] not in taken:
            raise UpstreamError(
                f"The object store takes no rule for {principal!r} in the policy of {self.bucket.name!r}; "
                "check that the person has an account there and that the policy is not full."
            )

    def _statement(self, dataset: str, person: str, principal: str) -> dict[str, Any]:
        """One statement for each person: its Sid is what tells them apart when it is read again."""
        return {
            "Sid": f"{_SID}.{dataset.replace('-', '')}.{person.replace('-', '')}",
            "Effect": "Allow",
            "Principal": {"AWS": [principal]},
            "Action": ["s3:GetObject"],
            "Resource": [f"arn:aws:s3:::{self.bucket.name}/{dataset}/*"],
        }

    def _members(self, policy: dict[str, Any]) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for row in policy["Statement"]:
            if _is_ours(row):
                _, dataset, person = row["Sid"].split(".")
                principal = _read_principal(row)
                found.setdefault(_dash(dataset), {})[_dash(person)] = principal
        return found

    def _principal(self, right: PushedRight) -> str:
        return next((subject for name, subject in right.identities if name == self.provider), right.person)

    def _read(self) -> dict[str, Any]:
        text = ""
        try:
            with self.bucket.errors(self.bucket.name, NO_POLICY):
                text = self.bucket.client.get_bucket_policy(Bucket=self.bucket.name)["Policy"]
        except NotFound as error:
            raise UpstreamError(f"There is no bucket {self.bucket.name}.") from error
        try:
            policy = json.loads(text) if text else {}
        except ValueError as error:
            raise UpstreamError(f"The policy of {self.bucket.name} is no JSON.", retryable=True) from error
        statements = policy.get("Statement", [])
        return {**policy, "Statement": statements if isinstance(statements, list) else [statements]}

    def _write(self, others: list[dict[str, Any]], ours: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Write the policy with as many of our statements as the store takes, and return those."""
        if ours and (taken := self._add_taken(others, ours)) != others:
            return taken[len(others) :]
        if others:
            if not self._put(others):
                raise UpstreamError(f"The object store no longer takes the policy of {self.bucket.name!r}.")
        else:
            with self.bucket.errors(self.bucket.name):
                self.bucket.client.delete_bucket_policy(Bucket=self.bucket.name)
        return []

    def _add_taken(self, kept: list[dict[str, Any]], more: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return `kept` and those of `more` that the store takes, found by halves; what was taken is written."""
        if self._put([*kept, *more]):
            return [*kept, *more]
        if len(more) == 1:
            return kept
        half = len(more) // 2
        return self._add_taken(self._add_taken(kept, more[:half]), more[half:])

    def _put(self, statements: list[dict[str, Any]]) -> bool:
        """Write a policy, and return whether the store took it."""
        is_refused = True
        with self.bucket.errors(self.bucket.name, REFUSED_POLICY):
            policy = {"Version": _VERSION, "Statement": statements}
            self.bucket.client.put_bucket_policy(Bucket=self.bucket.name, Policy=json.dumps(policy))
            is_refused = False
        return not is_refused


def _flatten(members: dict[str, dict[str, str]]) -> Iterator[tuple[str, str, str]]:
    for dataset, people in members.items():
        for person, principal in people.items():
            yield dataset, person, principal


def _read_principal(row: dict[str, Any]) -> str:
    try:
        principals = row["Principal"]["AWS"]
        return str(principals[0] if isinstance(principals, list) else principals)
    except (LookupError, TypeError):
        return ""  # somebody else's hand was at it: nobody is let in by it, and it is written anew


def _is_ours(row: dict[str, Any]) -> bool:
    return str(row.get("Sid", "")).startswith(f"{_SID}.") and str(row["Sid"]).count(".") == 2


def _dash(text: str) -> str:
    """Return a UUID with its dashes: a Sid holds letters and digits."""
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}" if len(text) == 32 else text
