"""Policies and an intent for the tests of the rules."""

from datetime import UTC, date, datetime

from catalogue.access.rules.intent import Intent

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
RESEARCHER = Intent(
    purpose="health_research",
    organisation="Linköping University",
    ror="https://ror.org/05ynxx418",
    organisation_type="academic",
    is_for_profit=False,
    is_commercial=False,
    country="SE",
    processing=("statistics", "image_analysis"),
    place="own",
    diseases=("MONDO:0007254",),
    populations=("adults",),
    studies_ancestry=False,
    is_genetic=False,
    has_ethics_approval=True,
    will_collaborate=True,
    will_publish=True,
    will_return_results=True,
    ends=date(2027, 5, 31),
)


def constraint(left, operator, right):
    return {"leftOperand": left, "operator": operator, "rightOperand": right}


def offer(*constraints, **more):
    """Return an offer that permits use under constraints."""
    rule = {"action": "use"}
    if constraints:
        rule["constraint"] = list(constraints)
    return {"@context": "http://www.w3.org/ns/odrl.jsonld", "@type": "Offer", "permission": [rule], **more}


def forbid(action, *constraints):
    return {"action": action, "constraint": list(constraints)}


SWEDEN = constraint("spatial", "eq", "SE")
AMERICA = constraint("spatial", "eq", "US")
UNKNOWN = constraint("phaseOfTheMoon", "eq", "full")
