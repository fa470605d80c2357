"""What a rule says of an intent: fits, needs a person, or excluded, and why.

Every engine answers with lines, one for each condition it looked at. The worst line decides, and where
nobody said anything a person is needed: unknown is never "fits". An outcome advises, it decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from catalogue.access.rules.messages import MESSAGES


class Verdict(StrEnum):
    """Answers of a rule, the mildest first."""

    FITS = "fits"
    NEEDS_PERSON = "needs_person"
    EXCLUDED = "excluded"


_SEVERITY = {Verdict.FITS: 0, Verdict.NEEDS_PERSON: 1, Verdict.EXCLUDED: 2}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: a code of MESSAGES and what goes into its sentence.

    `rule` is the rule's own name or path (`DUO:0000022`, `prohibition[0].constraint[1]`), `condition`
    what the dataset states, in short.
    """

    code: str
    rule: str
    params: tuple[tuple[str, str], ...] = ()
    condition: str = ""

    @property
    def message(self) -> str:
        """The sentence in English; translated, it is the msgid `MESSAGES[code]` with the same params."""
        return MESSAGES[self.code] % dict(self.params)


@dataclass(frozen=True, slots=True)
class Line:
    """What one engine says of one condition."""

    engine: str
    engine_version: str
    verdict: Verdict
    reason: Reason


@dataclass(frozen=True, slots=True)
class Outcome:
    """All lines on one dataset and one intent."""

    lines: tuple[Line, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """EXCLUDED if any line says so, else NEEDS_PERSON if any does or there is no line, else FITS."""
        if not self.lines:
            return Verdict.NEEDS_PERSON
        return worst(line.verdict for line in self.lines)

    @property
    def deciding(self) -> tuple[Line, ...]:
        """The lines that made the verdict."""
        return tuple(line for line in self.lines if line.verdict is self.verdict)

    def of_engine(self, engine: str) -> Outcome:
        """Return what one engine said."""
        return Outcome(tuple(line for line in self.lines if line.engine == engine))


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the severest verdict, FITS when there is none."""
    return max(verdicts, key=_SEVERITY.__getitem__, default=Verdict.FITS)


def outcome_to_json(outcome: Outcome) -> dict[str, Any]:
    """Return the outcome as stored beside a snapshot and answered by the API."""
    return {
        "verdict": str(outcome.verdict),
        "lines": [
            {
                "engine": line.engine,
                "engine_version": line.engine_version,
                "verdict": str(line.verdict),
                "code": line.reason.code,
                "rule": line.reason.rule,
                "params": dict(line.reason.params),
                "condition": line.reason.condition,
                "message": line.reason.message,
            }
            for line in outcome.lines
        ],
    }


def outcome_from_json(data: dict[str, Any]) -> Outcome:
    """Return the outcome that `outcome_to_json` wrote. For our own stored reports only."""
    return Outcome(
        tuple(
            Line(
                line["engine"],
                line["engine_version"],
                Verdict(line["verdict"]),
                Reason(line["code"], line["rule"], tuple(line["params"].items()), line["condition"]),
            )
            for line in data["lines"]
        )
    )
