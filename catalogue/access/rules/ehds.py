"""The purposes of the European Health Data Space against an intent.

Regulation (EU) 2025/327: Art. 53(1) lists the purposes of secondary use, of which (a) to (c) are kept for
public bodies and the Union's institutions, or who works on their behalf (53(2)); Art. 54 lists what is
prohibited; Art. 61(3) forbids re-identification; Art. 73 gives access in a secure environment only.
Not here: Art. 54(e), conflict with national ethical provisions, which no table can tell.
"""

from __future__ import annotations

from typing import Final

from catalogue.access.rules.intent import Intent
from catalogue.access.rules.purposes import PURPOSES
from catalogue.access.rules.verdict import Line, Reason, Verdict

ENGINE: Final = "ehds"
VERSION: Final = "1 (Regulation (EU) 2025/327)"

PERMITTED: Final = {
    "a": "public or occupational health in the public interest",
    "b": "policymaking and regulation for public bodies",
    "c": "official statistics",
    "d": "education in health or care",
    "e": "scientific research, with development, innovation and algorithms",
    "f": "better care and treatment",
}
PROHIBITED: Final = {
    "a": "decisions to the detriment of persons or groups",
    "b": "job offers, insurance, credit and other less favourable terms",
    "c": "advertising or marketing",
    "d": "products or services that may harm people or society",
}
FOR_PUBLIC_BODIES: Final = frozenset({"a", "b", "c"})


def judge_ehds(purposes: tuple[str, ...] | None, intent: Intent) -> tuple[Line, ...]:
    """Return what the regulation says. `purposes`: letters of Art. 53(1) that the holder names.

    None: the dataset is not under the regulation. (): it is, and no letter was named.
    """
    if purposes is None:
        return ()
    lines = [_judge_purpose(purposes, intent)]
    if "re_identification" in intent.processing:
        lines.append(_line(Verdict.EXCLUDED, "ehds_re_identification", "Art. 61(3)", "no re-identification"))
    fits_place = intent.place == "spe"
    lines.append(
        _line(
            Verdict.FITS if fits_place else Verdict.NEEDS_PERSON,
            "ehds_environment_fits" if fits_place else "ehds_environment",
            "Art. 73",
            "secure processing environment",
        )
    )
    return tuple(lines)


def _judge_purpose(purposes: tuple[str, ...], intent: Intent) -> Line:
    purpose = PURPOSES.get(intent.purpose)
    if purpose is None or not (purpose.article_53 or purpose.article_54):
        return _line(Verdict.NEEDS_PERSON, "ehds_purpose_unclear", "Art. 53(1)", "permitted purposes")
    if letter := purpose.article_54:
        return _line(Verdict.EXCLUDED, "ehds_prohibited", f"Art. 54({letter})", PROHIBITED[letter])
    letter = purpose.article_53
    rule, words = f"Art. 53(1)({letter})", PERMITTED[letter]
    if any(named not in PERMITTED for named in purposes):
        return _line(Verdict.NEEDS_PERSON, "ehds_unknown_purpose", "Art. 53(1)", ", ".join(purposes)[:200])
    if purposes and letter not in purposes:
        named = "; ".join(PERMITTED[named] for named in purposes)
        return _line(Verdict.NEEDS_PERSON, "ehds_not_named", rule, named)
    if letter in FOR_PUBLIC_BODIES and intent.organisation_type != "public":
        return _line(Verdict.NEEDS_PERSON, "ehds_public_bodies", f"{rule}, 53(2)", words)
    return _line(Verdict.FITS, "ehds_permitted", rule, words)


def _line(verdict: Verdict, code: str, rule: str, condition: str) -> Line:
    params = (("article", rule), ("words", condition))
    return Line(ENGINE, VERSION, verdict, Reason(code, rule, params, condition))
