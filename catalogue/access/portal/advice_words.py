"""What pre-flight says, in the reader's words: verdicts, and the reason of each condition."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from catalogue.access.portal.reason_words import say_reason
from catalogue.access.rules.verdict import Line, Outcome, Reason, Verdict

VERDICTS: dict[Verdict, tuple[str, str | Promise, str | Promise]] = {
    Verdict.FITS: (
        "good",
        gettext_lazy("Fits"),
        gettext_lazy("All its conditions fit what you said. The committee still decides."),
    ),
    Verdict.NEEDS_PERSON: (
        "busy",
        gettext_lazy("Needs a person"),
        gettext_lazy("Nothing excludes it, and a person has to look."),
    ),
    Verdict.EXCLUDED: (
        "bad",
        gettext_lazy("Excluded"),
        gettext_lazy("Its conditions exclude what you said. You may ask all the same, and say why."),
    ),
}
"""Verdict -> tone, word and meaning."""


@dataclass(frozen=True, slots=True)
class AdviceLine:
    """One condition: the tone of its verdict, and the sentence."""

    tone: str
    word: str | Promise
    reason: str


@dataclass(frozen=True, slots=True)
class AdviceWords:
    """A verdict with what decided it, and all conditions."""

    verdict: str
    tone: str
    word: str | Promise
    meaning: str | Promise
    because: Sequence[str]
    lines: Sequence[AdviceLine]


def word_outcome(outcome: Outcome) -> AdviceWords:
    """Return an outcome in words, its conditions with the weightiest first."""
    tone, word, meaning = VERDICTS[outcome.verdict]
    order = (Verdict.EXCLUDED, Verdict.NEEDS_PERSON, Verdict.FITS)
    lines = sorted(outcome.lines, key=lambda line: order.index(line.verdict))
    return AdviceWords(
        str(outcome.verdict),
        tone,
        word,
        meaning,
        list(dict.fromkeys(word_reason(line.reason) for line in outcome.deciding)),
        _each_once(lines),
    )


def word_reason(reason: Reason) -> str:
    """Return a reason's sentence, translated, then filled in."""
    return say_reason(reason.code, dict(reason.params))


def _each_once(lines: Iterable[Line]) -> list[AdviceLine]:
    found: dict[str, AdviceLine] = {}
    for line in lines:
        tone, word, _meaning = VERDICTS[line.verdict]
        sentence = word_reason(line.reason)
        found.setdefault(sentence, AdviceLine(tone, word, sentence))
    return list(found.values())
