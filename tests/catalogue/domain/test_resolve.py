"""From layers to one record, with the origin of every value."""

from catalogue.domain.resolve import (
    CurationLayer,
    EnrichmentLayer,
    SourceLayer,
    origin_of,
    resolve,
)

LEAD = SourceLayer(
    "portal",
    3,
    "2026-01-01T00:00:00+00:00",
    {
        "title": [{"value": "Sjöar", "lang": "sv"}, {"value": "Lakes", "lang": "en"}],
        "distributions": [{"access_urls": ["https://a.example"]}, {"access_urls": ["https://b.example"]}],
    },
)
SECOND = SourceLayer(
    "repository", 1, "2026-02-01T00:00:00+00:00", {"title": [{"value": "Other"}], "issued": "2020"}
)


def test_resolve_one_source_is_that_source():
    resolved = resolve([LEAD])
    assert resolved.data == LEAD.data
    assert origin_of(resolved.provenance, "distributions[1].access_urls")["source"] == "portal"


def test_resolve_second_source_fills_only_what_the_first_left_empty():
    resolved = resolve([LEAD, SECOND])
    assert resolved.data["title"] == LEAD.data["title"]
    assert resolved.data["issued"] == "2020"
    assert origin_of(resolved.provenance, "issued") == {
        "layer": "source",
        "source": "repository",
        "version": 1,
        "at": "2026-02-01T00:00:00+00:00",
    }


def test_resolve_override_in_one_language_keeps_the_others():
    override = CurationLayer("title", ["Insjöar"], "anna", "2026-03-01T00:00:00+00:00", "clearer", "sv")
    resolved = resolve([LEAD], overrides=[override])
    assert {text["lang"]: text["value"] for text in resolved.data["title"]} == {
        "en": "Lakes",
        "sv": "Insjöar",
    }
    assert origin_of(resolved.provenance, "title@sv")["author"] == "anna"
    assert origin_of(resolved.provenance, "title@en")["layer"] == "source"


def test_resolve_override_deep_in_a_distribution_leaves_the_source_layer_alone():
    licence = {"iri": "http://creativecommons.org/licenses/by/4.0/"}
    override = CurationLayer("distributions[1].license", licence, "anna", "2026-03-01T00:00:00+00:00")
    resolved = resolve([LEAD], overrides=[override])
    assert resolved.data["distributions"][1]["license"] == licence
    assert "license" not in LEAD.data["distributions"][1]
    assert origin_of(resolved.provenance, "distributions[1].license.iri")["layer"] == "curation"
    assert origin_of(resolved.provenance, "distributions[0]")["layer"] == "source"


def test_resolve_person_wins_over_program():
    proposal = EnrichmentLayer("detected_language", "sv", "lingua", 0.9, "2026-03-01T00:00:00+00:00")
    override = CurationLayer("detected_language", "fi", "anna", "2026-03-02T00:00:00+00:00")
    assert resolve([LEAD], [proposal], [override]).data["detected_language"] == "fi"


def test_resolve_override_can_take_a_value_out():
    override = CurationLayer("distributions", None, "anna", "2026-03-02T00:00:00+00:00")
    assert "distributions" not in resolve([LEAD], overrides=[override]).data


def test_resolve_override_of_a_distribution_that_is_gone_is_told_not_lost():
    override = CurationLayer("distributions[7].license", {"iri": "x"}, "anna", "2026-03-02T00:00:00+00:00")
    resolved = resolve([LEAD], overrides=[override])
    assert [under.is_placed for under in resolved.under] == [False]
    assert resolved.data == LEAD.data
