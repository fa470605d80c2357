"""What data are wanted for: a closed list of purposes, and how three vocabularies see each.

EHDS: Regulation (EU) 2025/327, Art. 53(1) (permitted) and 54 (prohibited), by letter. DUO: what kind of
research it is. ODRL policies name purposes by Data Privacy Vocabulary (https://w3id.org/dpv), DUO terms,
or a plain word; that table is below, and a name that is not in it is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from catalogue.access.rules.truth import Truth, all_of, negate

Kind = Literal["health", "general", "methods", "ancestry", "clinical", "unclear"]


@dataclass(frozen=True, slots=True)
class Purpose:
    """One purpose: its words, the letter of Art. 53(1) or 54 it falls under, and what DUO would call it."""

    label: str
    kind: Kind = "unclear"
    article_53: str = ""
    article_54: str = ""


PURPOSES: Final[dict[str, Purpose]] = {
    "health_research": Purpose("Research on health, medicine or biomedicine", "health", "e"),
    "algorithm_development": Purpose(
        "Training, testing or evaluating algorithms or AI for health or care", "methods", "e"
    ),
    "product_development": Purpose("Development of products or services for health or care", "unclear", "e"),
    "general_research": Purpose("Research on something other than health", "general"),
    "methods_development": Purpose("Development of methods or software in general", "methods"),
    "ancestry_research": Purpose("Research on population origins or ancestry", "ancestry"),
    "public_health": Purpose("Public or occupational health, surveillance, patient safety", "health", "a"),
    "policy_regulation": Purpose("Policymaking or regulation in health or care", "unclear", "b"),
    "official_statistics": Purpose("Official statistics on health or care", "unclear", "c"),
    "education": Purpose("Teaching in health or care, at vocational or higher level", "unclear", "d"),
    "care_improvement": Purpose("Better delivery of care and treatment", "health", "f"),
    "clinical_care": Purpose("Care of the patient whose data they are", "clinical"),
    "decisions_about_persons": Purpose("Decisions to the detriment of persons or groups", article_54="a"),
    "employment_or_insurance": Purpose(
        "Job offers, insurance, credit or other terms for persons or groups", article_54="b"
    ),
    "advertising": Purpose("Advertising or marketing", article_54="c"),
    "harmful_products": Purpose(
        "Products or services that may harm people, such as tobacco, alcohol, drugs or weapons",
        article_54="d",
    ),
    "other": Purpose("Something else"),
}

_RESEARCH = frozenset({"health_research", "general_research", "ancestry_research", "methods_development"})
_FOREIGN = frozenset(code for code, purpose in PURPOSES.items() if purpose.article_54)
_NEVER_RESEARCH = _FOREIGN | {"clinical_care"}


@dataclass(frozen=True, slots=True)
class _Named:
    """A purpose of a policy: which of ours surely fall under it, and which surely do not."""

    covers: frozenset[str]
    excludes: frozenset[str]
    commercial: Truth = None
    academic_only: bool = False


_ALL = frozenset(PURPOSES) - {"other"}
_HEALTH = frozenset(code for code, purpose in PURPOSES.items() if purpose.kind == "health")
_GROUPS: Final[dict[str, _Named]] = {
    "dpv:ResearchAndDevelopment": _Named(
        _RESEARCH | {"algorithm_development", "product_development"}, _NEVER_RESEARCH
    ),
    "dpv:ScientificResearch": _Named(_RESEARCH, _NEVER_RESEARCH),
    "dpv:NonCommercialResearch": _Named(_RESEARCH, _NEVER_RESEARCH, commercial=False),
    "dpv:CommercialResearch": _Named(_RESEARCH, _NEVER_RESEARCH, commercial=True),
    "dpv:AcademicResearch": _Named(_RESEARCH, _NEVER_RESEARCH, academic_only=True),
    "dpv:Marketing": _Named(frozenset({"advertising"}), _ALL - {"advertising"}),
    "dpv:Advertising": _Named(frozenset({"advertising"}), _ALL - {"advertising"}),
    "duo:0000042": _Named(_RESEARCH, _NEVER_RESEARCH),
    "duo:0000006": _Named(_HEALTH, _NEVER_RESEARCH | {"general_research", "ancestry_research"}),
    "duo:0000011": _Named(frozenset({"ancestry_research"}), _ALL - {"ancestry_research"}),
}
_WORDS: Final = {
    "research": "dpv:ScientificResearch",
    "scientific research": "dpv:ScientificResearch",
    "non-commercial research": "dpv:NonCommercialResearch",
    "commercial research": "dpv:CommercialResearch",
    "academic research": "dpv:AcademicResearch",
    "marketing": "dpv:Marketing",
}
_HEADS: Final = (
    ("https://w3id.org/dpv#", "dpv:"),
    ("https://w3id.org/dpv/owl#", "dpv:"),
    ("http://www.w3.org/ns/dpv#", "dpv:"),
    ("http://purl.obolibrary.org/obo/DUO_", "duo:"),
    ("DUO:", "duo:"),
    ("obo:DUO_", "duo:"),
)


def is_purpose(purpose: str, named: str, *, is_commercial: Truth, organisation_type: str) -> Truth:
    """Whether one of our purposes falls under what a policy names."""
    if purpose not in _ALL:
        return None
    if named in _ALL:
        return True if named == purpose else _unlike(purpose, named)
    name = _WORDS.get(named.strip().casefold(), named)
    for head, short in _HEADS:
        if name.startswith(head):
            name = short + name.removeprefix(head)
            break
    group = _GROUPS.get(name)
    if group is None:
        return None
    inside: Truth = True if purpose in group.covers else False if purpose in group.excludes else None
    if group.commercial is not None:
        inside = all_of((inside, is_commercial if group.commercial else negate(is_commercial)))
    if group.academic_only:
        inside = all_of((inside, True if organisation_type == "academic" else None))
    return inside


def _unlike(purpose: str, named: str) -> Truth:
    """Whether two different purposes exclude each other: only what no health data are asked for does."""
    return False if (purpose in _FOREIGN) != (named in _FOREIGN) else None


def kind_of(purpose: str) -> Kind:
    """Return what DUO would call a purpose."""
    found = PURPOSES.get(purpose)
    return found.kind if found else "unclear"
