import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from catalogue.access.rules.odrl import judge_odrl
from catalogue.access.rules.verdict import Outcome, Verdict
from tests.catalogue.access.rules.policies import (
    AMERICA,
    AT,
    RESEARCHER,
    SWEDEN,
    UNKNOWN,
    constraint,
    forbid,
    offer,
)

FITS, NEEDS_PERSON, EXCLUDED = Verdict.FITS, Verdict.NEEDS_PERSON, Verdict.EXCLUDED
ODRL = "http://www.w3.org/ns/odrl/2/"


def judge(policy, *, at=AT, **changes):
    return Outcome(judge_odrl(policy, replace(RESEARCHER, **changes), at=at))


def codes(outcome):
    return {line.reason.code for line in outcome.deciding}


def test_permission_without_constraint_fits():
    assert judge(offer()).verdict is FITS


@pytest.mark.parametrize(
    "source", [offer(SWEDEN), json.dumps(offer(SWEDEN)), json.dumps(offer(SWEDEN)).encode()]
)
def test_policy_may_come_parsed_or_as_text(source):
    assert judge(source).verdict is FITS


@pytest.mark.parametrize(
    ("left", "operator", "right", "verdict"),
    [
        ("spatial", "eq", "SE", FITS),
        ("spatial", "eq", "US", EXCLUDED),
        ("spatial", "neq", "US", FITS),
        ("spatial", "isPartOf", "EU", FITS),
        ("spatial", "isAnyOf", ["NO", "SE"], FITS),
        ("spatial", "isAnyOf", ["NO", "DK"], EXCLUDED),
        ("spatial", "isAnyOf", ["NO", "Atlantis"], NEEDS_PERSON),
        ("spatial", "isAnyOf", ["SE", "Atlantis"], FITS),
        ("spatial", "isNoneOf", ["US", "CN"], FITS),
        ("spatial", "isNoneOf", ["SE"], EXCLUDED),
        ("spatial", "isNoneOf", ["US", "Atlantis"], NEEDS_PERSON),
        ("spatial", "isAllOf", ["EU", "EEA"], FITS),
        ("spatial", "isAllOf", ["EU", "US"], EXCLUDED),
        ("spatial", "eq", ["SE", "NO"], NEEDS_PERSON),
        ("spatial", "isAnyOf", [], NEEDS_PERSON),
        ("spatial", "lt", "SE", NEEDS_PERSON),
        ("spatial", "hasPart", "SE", NEEDS_PERSON),
        ("spatial", "eq", {"@id": "http://publications.europa.eu/resource/authority/country/SWE"}, FITS),
        ("spatial", "eq", {"@value": "SE", "@type": "xsd:string"}, FITS),
        ("spatial", "eq", {"@value": "SE", "@type": "xsd:date"}, NEEDS_PERSON),
        ("spatial", "eq", {"@graph": []}, NEEDS_PERSON),
        ("spatial", "eq", True, NEEDS_PERSON),
        ("spatial", "eq", None, NEEDS_PERSON),
        ("purpose", "eq", {"@id": "https://w3id.org/dpv#ScientificResearch"}, FITS),
        ("purpose", "isA", {"@id": "http://purl.obolibrary.org/obo/DUO_0000006"}, FITS),
        ("purpose", "isA", {"@id": "http://purl.obolibrary.org/obo/DUO_0000011"}, EXCLUDED),
        ("purpose", "eq", "non-commercial research", FITS),
        ("purpose", "eq", "academic research", FITS),
        ("purpose", "eq", "commercial research", EXCLUDED),
        ("purpose", "neq", {"@id": "https://w3id.org/dpv#Marketing"}, FITS),
        ("purpose", "eq", "https://example.org/whatever", NEEDS_PERSON),
        ("industry", "eq", "academia", FITS),
        ("industry", "eq", "company", EXCLUDED),
        ("sector", "eq", "public sector", NEEDS_PERSON),
        ("industry", "eq", "Q86", NEEDS_PERSON),
        ("recipient", "eq", {"@id": "https://ror.org/05ynxx418"}, FITS),
        ("recipient", "eq", {"@id": "https://ror.org/056d84691"}, EXCLUDED),
        ("recipient", "eq", "did:web:example.org", NEEDS_PERSON),
        ("event", "lt", {"@id": "odrl:policyUsage"}, NEEDS_PERSON),
        ("count", "lteq", 5, NEEDS_PERSON),
        ("payAmount", "eq", 0, NEEDS_PERSON),
    ],
)
def test_constraint_of_a_permission(left, operator, right, verdict):
    assert judge(offer(constraint(left, operator, right))).verdict is verdict


@pytest.mark.parametrize(
    ("operator", "right", "verdict"),
    [
        # The use runs from noon of 1 June 2026 to the end of 31 May 2027.
        ("lteq", "2027-05-31", FITS),
        ("lt", "2027-05-31", NEEDS_PERSON),
        ("lt", "2027-06-01", FITS),
        ("lteq", "2026-05-31", EXCLUDED),
        ("lt", "2026-06-01", EXCLUDED),
        ("lteq", "2026-12-31", NEEDS_PERSON),
        ("gteq", "2026-06-01", FITS),
        ("gt", "2026-06-01", NEEDS_PERSON),
        ("gt", "2026-05-31", FITS),
        ("gteq", "2027-06-01", EXCLUDED),
        ("gteq", "2027-01-01", NEEDS_PERSON),
        ("eq", "2026-06-02", NEEDS_PERSON),
        ("eq", "2025-06-02", EXCLUDED),
        ("neq", "2025-06-02", FITS),
        ("lteq", {"@value": "2028-01-01T00:00:00Z", "@type": "xsd:dateTime"}, FITS),
        ("lteq", {"@value": "2028-01-01", "@type": "xsd:date"}, FITS),
        ("lteq", {"@value": "2028-01-01", "@type": "xsd:dateTime"}, NEEDS_PERSON),
        ("lt", "2027-06-01T02:00:00+02:00", FITS),
        ("lt", "2027-06-01T00:00:00+02:00", NEEDS_PERSON),
        ("lt", "2027-06-01T00:00:00", NEEDS_PERSON),
        ("lt", "2027-06-02T00:00:00", FITS),
        ("lteq", "tomorrow", NEEDS_PERSON),
        ("lteq", "9999-12-31", NEEDS_PERSON),
        ("lteq", "2027-13-45", NEEDS_PERSON),
        ("isAnyOf", "2028-01-01", NEEDS_PERSON),
    ],
)
def test_use_lies_wholly_before_or_after_a_time_or_a_person_looks(operator, right, verdict):
    assert judge(offer(constraint("dateTime", operator, right))).verdict is verdict


def test_time_without_clock_or_last_day_needs_a_person():
    until = offer(constraint("dateTime", "lteq", "2028-01-01"))
    assert judge(until, at=None).verdict is NEEDS_PERSON
    assert judge(until, ends=None).verdict is NEEDS_PERSON
    assert judge(until, ends=date(2020, 1, 1)).verdict is NEEDS_PERSON
    assert judge(until, at=datetime(2026, 6, 1)).verdict is NEEDS_PERSON
    assert judge(until, at=datetime.max.replace(tzinfo=UTC)).verdict is NEEDS_PERSON


@pytest.mark.parametrize(
    ("right", "verdict"),
    [
        ("P2Y", FITS),
        ("P400D", FITS),
        ("P6M", EXCLUDED),
        ("P12M", NEEDS_PERSON),
        ("P", NEEDS_PERSON),
        ("PT1H", NEEDS_PERSON),
    ],
)
def test_duration_of_the_use(right, verdict):
    assert judge(offer(constraint("elapsedTime", "lteq", right))).verdict is verdict


@pytest.mark.parametrize(
    ("kind", "parts", "verdict"),
    [
        ("and", [SWEDEN, SWEDEN], FITS),
        ("and", [SWEDEN, AMERICA], EXCLUDED),
        ("and", [SWEDEN, UNKNOWN], NEEDS_PERSON),
        ("and", [AMERICA, UNKNOWN], EXCLUDED),
        ("or", [AMERICA, SWEDEN], FITS),
        ("or", [SWEDEN, UNKNOWN], FITS),
        ("or", [AMERICA, UNKNOWN], NEEDS_PERSON),
        ("xone", [SWEDEN, AMERICA], FITS),
        ("xone", [SWEDEN, SWEDEN], EXCLUDED),
        ("xone", [SWEDEN, UNKNOWN], NEEDS_PERSON),
        ("andSequence", [SWEDEN, SWEDEN], NEEDS_PERSON),
        ("and", [], NEEDS_PERSON),
        ("nand", [SWEDEN], NEEDS_PERSON),
    ],
)
def test_logical_constraint(kind, parts, verdict):
    assert judge(offer({kind: parts})).verdict is verdict
    assert judge(offer({kind: {"@list": parts}})).verdict is verdict


def test_prohibition_beats_permission_however_wide():
    assert judge(offer(prohibition=[forbid("use")])).verdict is EXCLUDED
    assert judge(offer(prohibition=[forbid("use", SWEDEN)])).verdict is EXCLUDED
    assert judge(offer(prohibition=[forbid("use", AMERICA)])).verdict is FITS
    assert judge(offer(prohibition=[forbid("use", UNKNOWN)])).verdict is NEEDS_PERSON
    assert judge(offer(prohibition=[forbid("use", UNKNOWN, AMERICA)])).verdict is FITS


def test_permission_that_is_to_win_makes_it_a_persons_decision():
    both = offer(prohibition=[forbid("use")], conflict={"@id": "odrl:perm"})
    assert codes(judge(both)) == {"odrl_conflict"}
    assert judge(offer(prohibition=[forbid("use")], conflict="odrl:prohibit")).verdict is EXCLUDED
    assert judge(offer(conflict="whoever shouts")).verdict is NEEDS_PERSON


def test_prohibition_of_what_is_not_asked_for_is_a_term_to_keep():
    outcome = judge(offer(prohibition=[forbid("distribute"), forbid("odrl:sell")]))
    assert outcome.verdict is FITS
    assert [line.reason.code for line in outcome.lines].count("odrl_term_to_keep") == 2
    assert judge(offer(prohibition=[forbid("derive")])).verdict is NEEDS_PERSON
    commercial = offer(prohibition=[forbid("cc:CommercialUse")])
    assert judge(commercial).verdict is FITS
    assert judge(commercial, is_commercial=True).verdict is EXCLUDED
    assert judge(commercial, is_commercial=None).verdict is NEEDS_PERSON


def test_permission_of_less_than_use_needs_a_person():
    policy = {"permission": {"action": "read"}}
    assert judge(policy).verdict is NEEDS_PERSON
    assert codes(judge(policy)) == {"odrl_unclear_action"}
    assert judge({"permission": []}).verdict is NEEDS_PERSON
    assert judge({"prohibition": [forbid("sell")]}).verdict is NEEDS_PERSON


def test_one_sure_permission_of_several_is_enough():
    policy = offer(AMERICA)
    policy["permission"].append({"action": "use", "constraint": [UNKNOWN]})
    assert judge(policy).verdict is NEEDS_PERSON
    policy["permission"].append({"action": "use", "constraint": [SWEDEN]})
    assert judge(policy).verdict is FITS


@pytest.mark.parametrize(
    ("duty", "verdict"),
    [
        ({"action": "attribute"}, FITS),
        ({"action": [{"@id": "odrl:delete"}]}, FITS),
        ({"action": "compensate"}, NEEDS_PERSON),
        ({"action": "obtainConsent"}, NEEDS_PERSON),
        ({"action": "delete", "constraint": [constraint("dateTime", "lt", "2030-01-01")]}, NEEDS_PERSON),
        ({"action": "attribute", "whatever": 1}, NEEDS_PERSON),
        ({}, NEEDS_PERSON),
        ("do good", NEEDS_PERSON),
    ],
)
def test_duties_that_are_only_terms_fit(duty, verdict):
    policy = offer()
    policy["permission"][0]["duty"] = [duty]
    assert judge(policy).verdict is verdict
    assert judge(offer(obligation=[duty])).verdict is verdict


def test_assignee_is_compared_by_ror():
    policy = offer(assignee="https://ror.org/05ynxx418")
    assert judge(policy).verdict is FITS
    assert judge({**policy, "assignee": "https://ror.org/056d84691"}).verdict is EXCLUDED
    assert judge({**policy, "assignee": {"@id": "did:web:else"}}).verdict is NEEDS_PERSON


def test_refinement_narrows_like_a_constraint():
    def refined(part):
        action = {"rdf:value": {"@id": "odrl:use"}, "refinement": [part]}
        return {"permission": [{"action": [action]}]}

    assert judge(refined(SWEDEN)).verdict is FITS
    assert judge(refined(AMERICA)).verdict is EXCLUDED
    assert judge(refined(UNKNOWN)).verdict is NEEDS_PERSON


def test_prefixed_and_whole_names_are_the_same_words():
    for head in ("odrl:", ODRL):
        rule = {f"{head}action": {"@id": f"{head}use"}, f"{head}constraint": {
            f"{head}leftOperand": {"@id": f"{head}spatial"},
            f"{head}operator": {"@id": f"{head}eq"},
            f"{head}rightOperand": "SE",
        }}  # fmt: skip
        assert judge({f"{head}permission": rule}).verdict is FITS
        assert judge({f"{head}permission": {"action": "use"}, "prohibition": rule}).verdict is EXCLUDED


@pytest.mark.parametrize(
    "context",
    [
        "https://evil.example/context.jsonld",
        {"permission": "http://www.w3.org/ns/odrl/2/prohibition"},
        {"odrl": "https://evil.example/"},
        {"use": "https://evil.example/"},
        [{"@vocab": 5}],
        ["http://www.w3.org/ns/odrl.jsonld", {"action": {"@id": "odrl:prohibition"}}],
        7,
    ],
)
def test_context_that_may_change_the_meaning_is_a_persons(context):
    assert codes(judge({**offer(), "@context": context})) == {"odrl_unknown_context"}


def test_bare_words_under_another_vocabulary_are_not_odrls():
    edc = {"@vocab": "https://w3id.org/edc/v0.0.1/ns/", "odrl": ODRL, "x": "https://x.example/#"}
    assert judge({**offer(), "@context": edc}).verdict is NEEDS_PERSON
    assert judge({"@context": edc, "odrl:permission": {"odrl:action": {"@id": "odrl:use"}}}).verdict is FITS


@pytest.mark.parametrize(
    "spoilt",
    [
        {"profile": "https://example.org/profile"},
        {"inheritFrom": "https://example.org/other"},
        {"constraint": [SWEDEN]},
        {"odrl:permission": []},
        {"@type": "Request"},
        {"@type": 5},
        {"dct:license": "https://example.org"},
        {"target": ["urn:a", "urn:b"]},
    ],
)
def test_policy_with_a_statement_that_is_not_known_never_fits(spoilt):
    assert judge({**offer(), **spoilt}).verdict is NEEDS_PERSON


def test_descriptions_do_not_matter():
    told = offer(uid="urn:x", target="urn:a", assigner="urn:b", **{"dct:title": "T", "rdfs:label": "L"})
    assert judge(told).verdict is FITS


def test_rule_of_another_kind_than_where_it_stands_never_fits():
    policy = offer()
    policy["permission"].append({"@type": "Prohibition", "action": "use"})
    assert judge(policy).verdict is NEEDS_PERSON


def test_rule_known_by_its_address_only_is_not_taken_for_a_permission():
    assert judge({"permission": [{"@id": "urn:rule"}]}).verdict is NEEDS_PERSON
    assert judge({"permission": ["urn:rule"]}).verdict is NEEDS_PERSON
    past = {"@id": "urn:rule", "action": "use", "constraint": [constraint("dateTime", "lt", "2020-01-01")]}
    assert judge({"permission": [past]}).verdict is EXCLUDED


def test_prohibition_hidden_behind_a_second_key_of_the_same_name_is_not_lost():
    text = '{"permission":[{"action":"use"}],"prohibition":[{"action":"use"}],"prohibition":[]}'
    assert codes(judge(text)) == {"odrl_not_json"}


def test_operand_and_value_that_need_another_document_are_unknown():
    linked = {"leftOperand": "spatial", "operator": "eq", "rightOperandReference": "https://example.org/list"}
    assert judge(offer(linked)).verdict is NEEDS_PERSON
    assert judge(offer({**SWEDEN, "unit": "km"})).verdict is NEEDS_PERSON
    assert judge(offer({**SWEDEN, "status": 1})).verdict is NEEDS_PERSON


def test_text_of_a_policy_is_never_run(tmp_path):
    trace = tmp_path / "ran"
    for text in (
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        f"__import__('pathlib').Path({str(trace)!r}).touch()",
        "%(message)s %n {0.__class__}",
    ):
        outcome = judge(offer(constraint(text, text, text), prohibition=[forbid(text)]))
        assert outcome.verdict is NEEDS_PERSON
        assert all(line.reason.message for line in outcome.lines)
    assert not trace.exists()


def test_too_large_and_too_deep_are_a_persons():
    deep = SWEDEN
    for _ in range(5000):
        deep = {"and": [deep]}
    assert codes(judge(offer(deep))) == {"odrl_too_large"}
    assert codes(judge(offer(*[SWEDEN] * 2000))) == {"odrl_too_large"}
    assert codes(judge("[" * 100_000)) == {"odrl_not_json"}
    assert codes(judge('"' + "x" * 300_000 + '"')) == {"odrl_too_large"}
    assert codes(judge(offer(constraint("count", "eq", 10**6000)))) == {"odrl_too_large"}
    circle = offer()
    circle["permission"].append(circle)
    assert codes(judge(circle)) == {"odrl_too_large"}


def test_offer_of_a_real_connector_is_read(shared):
    catalogue = json.loads((shared / "data/dsp/edc-0.15.1/catalog.json").read_text())
    offers = [policy for dataset in catalogue.get("dataset", []) for policy in dataset.get("hasPolicy", [])]
    assert offers
    for policy in offers:
        assert judge(policy).lines
