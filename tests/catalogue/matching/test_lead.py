from itertools import permutations

import pytest

from catalogue.matching.lead import Reason, View, choose_lead

PLAIN = {"title": [{"value": "Badplatser"}]}
FULL = {**PLAIN, "description": [{"value": "Alla badplatser."}], "keywords": [{"value": "bad"}]}
AT_HOME = {**PLAIN, "landing_pages": ["https://data.sjostad.example/badplatser"]}

CITY = View("city", "Sjöstad", AT_HOME, sites=("https://sjostad.example/dcat.rdf",), first_seen="2026-03-01")
PORTAL = View("portal", "Dataportalen", {**FULL, **AT_HOME}, is_aggregator=True, first_seen="2026-01-01")
OTHER = View("other", "Regionen", PLAIN, sites=("https://region.example/",), first_seen="2026-02-01")
OWN = View("own", "This catalogue", PLAIN, is_own=True, first_seen="2026-04-01")


@pytest.mark.parametrize(
    ("views", "key", "reason"),
    [
        ((OTHER,), "other", Reason.ONLY),
        ((CITY, PORTAL, OWN), "own", Reason.OWN),
        ((CITY, PORTAL, OTHER), "city", Reason.ORIGIN),
        ((OTHER, PORTAL), "other", Reason.ORIGINAL),
        ((OTHER, View("full", "Skolan", FULL, first_seen="2026-05-01")), "full", Reason.FULLER),
        ((OTHER, View("later", "Skolan", PLAIN, first_seen="2026-05-01")), "other", Reason.FIRST),
    ],
)
def test_rule_that_decides(views, key, reason):
    for order in permutations(views):
        lead = choose_lead(order)
        assert (lead.key, lead.reason) == (key, reason)


def test_reason_in_words_names_what_decided():
    assert choose_lead((CITY, PORTAL)).words == (
        "Sjöstad leads: the dataset's page or its publisher is at data.sjostad.example, this source's own site."
    )
    assert "3 of" in choose_lead((OTHER, View("full", "Skolan", FULL))).words


def test_known_aggregator_is_no_origin_of_what_it_lists():
    eu = View(
        "eu",
        "data.europa.eu",
        {**FULL, "landing_pages": ["https://data.europa.eu/data/datasets/x"]},
        sites=("https://data.europa.eu/api",),
    )

    assert choose_lead((eu, OTHER)).key == "other"


def test_publishers_homepage_shows_the_origin():
    data = {**PLAIN, "publisher": {"homepage": "https://www.region.example/om"}}
    region = View(
        "region", "Regionen", data, sites=("https://data.region.example/",), first_seen="2026-09-01"
    )

    assert choose_lead((OTHER, region)).reason is Reason.ORIGIN
    assert choose_lead((OTHER, region)).key == "region"
