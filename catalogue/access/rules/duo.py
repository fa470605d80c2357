"""The Data Use Ontology against an intent, code by code.

GA4GH DUO, release 2021-02-23 (https://github.com/EBISPOT/DUO). How permissions match follows the
published DUOS logic in short: a disease fits where it is the dataset's or below it; a broader purpose than
the permission is excluded; a profit on a not-for-profit dataset is excluded; methods are allowed unless
forbidden; sensitive populations are for a person. Both GRU and HMB may be tagged.
Not here: "no re-identification", for which DUO has no code (preflight.py asks).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from catalogue.access.rules.intent import POPULATIONS, SENSITIVE_POPULATIONS, Intent
from catalogue.access.rules.places import is_used_within, read_place
from catalogue.access.rules.purposes import kind_of
from catalogue.access.rules.truth import Truth, all_of, any_of
from catalogue.access.rules.verdict import Line, Reason, Verdict

ENGINE: Final = "duo"
VERSION: Final = "1 (DUO 2021-02-23)"

FITS, NEEDS_PERSON, EXCLUDED = Verdict.FITS, Verdict.NEEDS_PERSON, Verdict.EXCLUDED


@dataclass(frozen=True, slots=True)
class DuoCode:
    """One code of a dataset, `DUO:0000007`, with what narrows it: diseases, places, months, institutions."""

    code: str
    modifiers: tuple[str, ...] = ()


Ancestors = Mapping[str, frozenset[str]]
"""A disease to all that it is a kind of. A disease that is no key is unknown."""

# Shorthand and label of each code of the ontology's data use permissions and modifiers.
CODES: Final[dict[str, tuple[str, str]]] = {
    "DUO:0000004": ("NRES", "no restriction"),
    "DUO:0000042": ("GRU", "general research use"),
    "DUO:0000006": ("HMB", "health or medical or biomedical research"),
    "DUO:0000007": ("DS", "disease specific research"),
    "DUO:0000011": ("POA", "population origins or ancestry research only"),
    "DUO:0000012": ("RS", "research specific restrictions"),
    "DUO:0000015": ("NMDS", "no general methods research"),
    "DUO:0000016": ("GSO", "genetic studies only"),
    "DUO:0000018": ("NPUNCU", "not for profit, non commercial use only"),
    "DUO:0000019": ("PUB", "publication required"),
    "DUO:0000020": ("COL", "collaboration required"),
    "DUO:0000021": ("IRB", "ethics approval required"),
    "DUO:0000022": ("GS", "geographical restriction"),
    "DUO:0000024": ("MOR", "publication moratorium"),
    "DUO:0000025": ("TS", "time limit on use"),
    "DUO:0000026": ("US", "user specific restriction"),
    "DUO:0000027": ("PS", "project specific restriction"),
    "DUO:0000028": ("IS", "institution specific restriction"),
    "DUO:0000029": ("RTN", "return to database or resource"),
    "DUO:0000043": ("CC", "clinical care use"),
    "DUO:0000044": ("NPOA", "population origins or ancestry research prohibited"),
    "DUO:0000045": ("NPU", "not for profit organisation use only"),
    "DUO:0000046": ("NCU", "non-commercial use only"),
}
PERMISSIONS: Final = frozenset({"NRES", "GRU", "HMB", "DS", "POA"})
_BY_SHORTHAND: Final = {short: code for code, (short, _) in CODES.items()}

Answer = tuple[Verdict, str]
_RESEARCH_KINDS = frozenset({"health", "general", "methods", "ancestry"})


def read_code(text: str) -> str:
    """Return a code as `DUO:0000007` from a CURIE, an IRI or a shorthand; as it is if it is none of these."""
    word = text.strip()
    if found := re.search(r"(?:DUO[:_])(\d{7})$", word, re.IGNORECASE | re.ASCII):
        return f"DUO:{found[1]}"
    return _BY_SHORTHAND.get(word.upper(), word)


def judge_duo(
    codes: tuple[DuoCode, ...],
    intent: Intent,
    *,
    ancestors: Ancestors | None = None,
    at: datetime | None = None,
) -> tuple[Line, ...]:
    """Return a line for each code. `at` is now, in UTC; without it, limits in time need a person."""
    if not codes:
        return ()
    table = ancestors or {}
    permissions: list[tuple[DuoCode, str, Answer]] = []
    lines: list[Line] = []
    for code in codes:
        short = CODES.get(read_code(code.code), ("", ""))[0]
        if short in PERMISSIONS:
            permissions.append((code, short, _judge_permission(short, code, intent, table)))
        elif short == "CC":
            if kind_of(intent.purpose) == "clinical":
                permissions.append((code, short, (FITS, "duo_permits")))
        elif not short:
            lines.append(_line(code, "", NEEDS_PERSON, "duo_unknown_code"))
        else:
            verdict, reason = _MODIFIERS[short](code, intent, at)
            lines.append(_line(code, short, verdict, reason))
    return (*_fold_permissions(permissions), *lines, *_judge_populations(intent))


def _fold_permissions(found: list[tuple[DuoCode, str, Answer]]) -> list[Line]:
    """Permissions are alternatives (two diseases, say): the mildest counts, unless their kinds disagree."""
    if not found:
        return [_line(DuoCode(""), "", NEEDS_PERSON, "duo_no_permission")]
    verdicts = {answer[0] for _, _, answer in found}
    best = next(verdict for verdict in Verdict if verdict in verdicts)
    kept = [(code, short, answer) for code, short, answer in found if answer[0] is best]
    if EXCLUDED in verdicts and best is FITS:
        kinds = {short for _, short, answer in found if answer[0] is EXCLUDED} - {"DS"}
        if kinds:
            return [
                _line(code, short, NEEDS_PERSON, "duo_permissions_differ")
                for code, short, answer in found
                if answer[0] is not EXCLUDED or short in kinds
            ]
    return [_line(code, short, *answer) for code, short, answer in kept]


def _judge_permission(short: str, code: DuoCode, intent: Intent, ancestors: Ancestors) -> Answer:
    kind = kind_of(intent.purpose)
    if short == "NRES":
        return FITS, "duo_permits"
    if kind == "unclear":
        return NEEDS_PERSON, "duo_purpose_unclear"
    if kind == "clinical":
        return EXCLUDED, "duo_not_research"
    if short == "GRU":
        return FITS, "duo_permits"
    if short == "POA":
        if kind == "ancestry":
            return FITS, "duo_permits"
        return (NEEDS_PERSON, "duo_methods") if kind == "methods" else (EXCLUDED, "duo_ancestry_only")
    if kind == "general":
        return EXCLUDED, "duo_too_broad"
    if kind == "ancestry":
        return EXCLUDED, "duo_not_ancestry"
    if short == "HMB":
        return FITS, "duo_permits"
    return _judge_disease(kind, code, intent, ancestors)


def _judge_disease(kind: str, code: DuoCode, intent: Intent, ancestors: Ancestors) -> Answer:
    if not code.modifiers:
        return NEEDS_PERSON, "duo_disease_not_named"
    if not intent.diseases:
        return (FITS, "duo_permits") if kind == "methods" else (EXCLUDED, "duo_too_broad")
    allowed = {_fold_disease(word) for word in code.modifiers}
    table = {_fold_disease(key): {_fold_disease(v) for v in values} for key, values in ancestors.items()}

    def is_below(disease: str) -> Truth:
        word = _fold_disease(disease)
        if word in allowed:
            return True
        above = table.get(word)
        if above is None:
            return None
        if above & allowed:
            return True
        # Whether a word that the table does not know lies above cannot be told.
        known = set(table).union(*table.values())
        return False if allowed <= known else None

    fits = all_of(is_below(disease) for disease in intent.diseases)
    return _answer(fits, "duo_disease_fits", "duo_disease_unknown", "duo_disease_other")


def _fold_disease(word: str) -> str:
    found = re.fullmatch(r"(?:https?://purl\.obolibrary\.org/obo/)?MONDO[:_](\d{7})", word.strip(), re.ASCII)
    return f"mondo:{found[1]}" if found else " ".join(word.split()).casefold()


def _judge_populations(intent: Intent) -> list[Line]:
    sensitive = [
        code for code in intent.populations if code in SENSITIVE_POPULATIONS or code not in POPULATIONS
    ]
    return [
        _line(
            DuoCode(""), "", NEEDS_PERSON, "duo_sensitive_population", population=POPULATIONS.get(code, code)
        )
        for code in sensitive
    ]


def _judge_methods(code: DuoCode, intent: Intent, at: datetime | None) -> Answer:
    if kind_of(intent.purpose) == "methods":
        return EXCLUDED, "duo_no_methods"
    unclear = {"machine_learning", "generative_model", "other"}
    if not intent.processing or unclear & set(intent.processing) or kind_of(intent.purpose) == "unclear":
        return NEEDS_PERSON, "duo_methods"
    return FITS, "duo_kept"


def _judge_place(code: DuoCode, intent: Intent, at: datetime | None) -> Answer:
    if not code.modifiers:
        return NEEDS_PERSON, "duo_place_not_named"
    found: list[Truth] = []
    for place in code.modifiers:
        if read_place(place) is None:
            found.append(None)
        else:
            found.append(all_of(is_used_within(intent.country, intent.place, place)))
    return _answer(any_of(found), "duo_place_fits", "duo_place_unknown", "duo_place_other")


def _judge_time(code: DuoCode, intent: Intent, at: datetime | None) -> Answer:
    months = [_read_months(text) for text in code.modifiers]
    if len(months) != 1 or months[0] is None or at is None or intent.ends is None:
        return NEEDS_PERSON, "duo_time_unknown"
    latest = add_months(at, months[0])
    if latest is None:
        return NEEDS_PERSON, "duo_time_unknown"
    return (FITS, "duo_time_fits") if intent.ends <= latest.date() else (EXCLUDED, "duo_time_too_long")


def _read_months(text: str) -> int | None:
    found = re.fullmatch(r"P?(\d{1,4})\s*(M|Y|months?|years?)?", text.strip(), re.IGNORECASE | re.ASCII)
    if not found:
        return None
    return int(found[1]) * (12 if (found[2] or "m")[0].lower() == "y" else 1)


def add_months(start: datetime, months: int) -> datetime | None:
    """Return the same day some months later, the month's last where it has fewer days; None past 9999."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if year > 9998:
        return None
    first_of_next = datetime(year + month // 11, (month + 1) % 12 + 1, 1, tzinfo=start.tzinfo)
    last_day = (first_of_next - timedelta(days=1)).day
    return start.replace(year=year, month=month + 1, day=min(start.day, last_day))


def _judge_moratorium(code: DuoCode, intent: Intent, at: datetime | None) -> Answer:
    return (FITS, "duo_kept") if intent.will_publish is False else (NEEDS_PERSON, "duo_moratorium")


def _judge_institution(code: DuoCode, intent: Intent, at: datetime | None) -> Answer:
    ours = _read_ror(intent.ror)
    theirs = [_read_ror(text) for text in code.modifiers]
    if not ours or not theirs:
        return NEEDS_PERSON, "duo_institution_unknown"
    same = any_of(None if ror is None else ror == ours for ror in theirs)
    return _answer(same, "duo_institution_fits", "duo_institution_unknown", "duo_institution_other")


def _read_ror(text: str) -> str | None:
    found = re.fullmatch(
        r"(?:https?://)?(?:ror\.org/)?(0[a-z0-9]{6}\d{2})/?", text.strip(), re.IGNORECASE | re.ASCII
    )
    return found[1].lower() if found else None


def _judge_ancestry(code: DuoCode, intent: Intent, at: datetime | None) -> Answer:
    if kind_of(intent.purpose) == "ancestry" or intent.studies_ancestry:
        return EXCLUDED, "duo_no_ancestry"
    return (FITS, "duo_kept") if intent.studies_ancestry is False else (NEEDS_PERSON, "duo_ancestry_unknown")


def _promised(field: str, kept: str, unknown: str, refused: str) -> Callable[..., Answer]:
    def judge(code: DuoCode, intent: Intent, at: datetime | None) -> Answer:
        return _answer(getattr(intent, field), kept, unknown, refused)

    return judge


def _judge_ethics(code: DuoCode, intent: Intent, at: datetime | None) -> Answer:
    # Not yet having an approval can be mended before the decision: a person looks, nothing is excluded.
    return (FITS, "duo_ethics_stated") if intent.has_ethics_approval else (NEEDS_PERSON, "duo_ethics")


def _judge_profit(*fields: str) -> Callable[..., Answer]:
    def judge(code: DuoCode, intent: Intent, at: datetime | None) -> Answer:
        flags = [getattr(intent, field) for field in fields]
        return _answer(
            all_of(None if flag is None else not flag for flag in flags),
            "duo_kept",
            "duo_profit_unknown",
            "duo_profit",
        )

    return judge


def _always_person(reason: str) -> Callable[..., Answer]:
    def judge(code: DuoCode, intent: Intent, at: datetime | None) -> Answer:
        return NEEDS_PERSON, reason

    return judge


_MODIFIERS: Final[dict[str, Callable[[DuoCode, Intent, datetime | None], Answer]]] = {
    "RS": _always_person("duo_research_type"),
    "NMDS": _judge_methods,
    "GSO": _promised("is_genetic", "duo_kept", "duo_genetic_unknown", "duo_not_genetic"),
    "NPUNCU": _judge_profit("is_for_profit", "is_commercial"),
    "NPU": _judge_profit("is_for_profit"),
    "NCU": _judge_profit("is_commercial"),
    "PUB": _promised("will_publish", "duo_promised", "duo_publication_unknown", "duo_publication"),
    "COL": _promised("will_collaborate", "duo_promised", "duo_collaboration_unknown", "duo_collaboration"),
    "RTN": _promised("will_return_results", "duo_promised", "duo_return_unknown", "duo_return"),
    "IRB": _judge_ethics,
    "GS": _judge_place,
    "MOR": _judge_moratorium,
    "TS": _judge_time,
    "US": _always_person("duo_named_users"),
    "PS": _always_person("duo_named_project"),
    "IS": _judge_institution,
    "NPOA": _judge_ancestry,
}


def _answer(truth: Truth, yes: str, unknown: str, no: str) -> Answer:
    return (FITS, yes) if truth else (NEEDS_PERSON, unknown) if truth is None else (EXCLUDED, no)


def _line(code: DuoCode, short: str, verdict: Verdict, reason: str, **params: str) -> Line:
    name = read_code(code.code)
    label = f"{short}: {CODES[name][1]}" if short else name
    narrowed = ", ".join(code.modifiers)[:200]
    given = {"code": name, "label": label, "limit": narrowed, **params}
    condition = f"{label} ({narrowed})" if narrowed else label
    return Line(ENGINE, VERSION, verdict, Reason(reason, name or ENGINE, tuple(given.items()), condition))
