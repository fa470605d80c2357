"""Whether words are denied where they stand: "contains no CT scans", "röntgenbilder ingår inte".

Looks a few words back and ahead in the same clause. Not a parser: what it misses is for the steward to refuse.
"""

from __future__ import annotations

import re

_REACH = 60  # characters on either side
_MOST_WORDS_BETWEEN = 5
_CLAUSE = re.compile(r"[.;:!?()]|\b(?:but|however|whereas|men|dock|medan)\b", re.IGNORECASE)
_BEFORE = re.compile(
    r"\b(?:no|none|not(?! only)|without|excluding|excludes|except|lacks|neither|nor|never|free of|other than"
    r"|rather than|instead of|unlike|as opposed to|inga|ingen|inget|inte(?! bara)|ej|utan|exklusive"
    r"|exkl|förutom|saknar|varken|snarare än|i stället för|istället för|till skillnad från)\b",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"^\W*(?:\w+\W+){0,3}?(?:(?:is|are|was|were|has been|have been) (?:not|removed|excluded|left out|missing)"
    r"|not (?:included|available|part|covered)|excluded"
    r"|(?:ingår|finns|omfattas|redovisas) (?:inte|ej)|saknas|är (?:borttagna|undantagna)|har tagits bort)\b",
    re.IGNORECASE,
)


def is_denied(text: str, start: int, end: int) -> bool:
    """Whether the words from `start` to `end` are said not to be there."""
    before = _CLAUSE.split(text[max(start - _REACH, 0) : start])[-1]
    denials = list(_BEFORE.finditer(before))
    if denials:
        last = denials[-1]
        rest = before[last.end() :]
        is_turned = last[0].lower() == "utan" and len(denials) > 1  # "inte CT utan MR"
        if not is_turned and len(rest.split()) <= _MOST_WORDS_BETWEEN:
            return True
    after = _CLAUSE.split(text[end : end + _REACH])[0]
    return bool(_AFTER.match(after))
