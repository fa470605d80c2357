"""CKAN listings: counting, shifting rows, states, errors."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest

from catalogue.errors import UpstreamError
from harvesters.errors import UnreadablePage
from harvesters.protocols.ckan import CkanProtocol

SITE = "https://ckan.example.se"
API = SITE + "/api/3/action/package_search"
SORT = "metadata_created asc, id asc"


def ask(start=0, rows=100, fq=""):
    arguments = {"rows": rows, "sort": SORT} | ({"fq": fq} if fq else {}) | {"start": start}
    return f"{API}?{urlencode(arguments)}"


def package(number, **members):
    return {
        "id": f"id-{number}",
        "name": f"name-{number}",
        "title": f"T{number}",
        "state": "active",
        "private": False,
    } | members


def found(count, *packages):
    return json.dumps({"success": True, "result": {"count": count, "results": list(packages)}})


@pytest.fixture
def listing(fake, harvest):
    def run(answers, url=SITE, **kwargs):
        run.fetcher = fake(answers, "application/json")
        return harvest(CkanProtocol(), run.fetcher, url, **kwargs)

    return run


@pytest.mark.parametrize(
    "url", [SITE, SITE + "/", SITE + "/dataset", SITE + "/api/3/action/package_search?q=x", SITE + "/api/3"]
)
def test_site_is_found_from_any_of_its_addresses(listing, url):
    result = listing({ask(): found(1, package(1))}, url=url)
    assert result.ids == ["id-1"]
    assert result.end.complete
    assert (result.records[0].format, result.records[0].media_type) == ("ckan_package", "application/json")


def test_rows_are_counted_by_what_came_though_the_server_caps_them(listing):
    result = listing(
        {ask(0, 1000): found(3, package(1), package(2)), ask(2, 1000): found(3, package(3))},
        options={"rows": "5000"},
    )
    assert len(result.ids) == 3
    assert result.end.complete
    assert result.pages[0].total == 3


def test_listing_that_ends_before_its_count_is_not_complete(listing):
    result = listing({ask(): found(3, package(1)), ask(1): found(3)})
    assert "3 packages, and 1 came" in result.end.reason


def test_rows_that_shift_are_not_complete(listing):
    result = listing({ask(): found(3, package(1), package(2)), ask(2): found(3, package(2), package(3))})
    assert not result.end.complete
    assert "rows moved" in result.end.reason


def test_server_that_ignores_start_ends(listing):
    answers = {ask(start): found(100, package(1), package(2)) for start in (0, 2)}
    result = listing(answers)
    assert "ignores `start`" in result.end.reason
    assert len(listing.fetcher.asked) == 2


def test_payload_is_canonical_and_without_what_changes_by_itself(listing):
    one = package(
        1,
        tracking_summary={"total": 1},
        resources=[{"url": "u", "tracking_summary": {"total": 2}}],
        notes="Å",
    )
    other = dict(reversed(list(one.items()))) | {
        "tracking_summary": {"total": 99},
        "resources": [{"tracking_summary": {}, "url": "u"}],
    }
    first = listing({ask(): found(1, one)}).records[0].payload
    assert first == listing({ask(): found(1, other)}).records[0].payload
    assert json.loads(first)["notes"] == "Å"


def test_values_per_language_are_kept(listing):
    result = listing({ask(): found(1, package(1, title={"sv": "T", "en": "U"}))})
    assert json.loads(result.records[0].payload)["title"] == {"en": "U", "sv": "T"}


def test_private_and_draft_packages_are_left_out_and_deleted_ones_are_deleted(listing):
    packages = [package(1, private=True), package(2, state="draft"), package(3, state="deleted"), package(4)]
    result = listing({ask(): found(4, *packages)})
    assert [(r.remote_id, r.deleted) for r in result.records] == [("id-3", True), ("id-4", False)]
    assert result.end.complete


def test_package_without_id_is_a_problem(listing):
    result = listing({ask(): found(2, {"title": "x"}, package(2))})
    assert result.ids == ["id-2"]
    assert result.problems[0].field == "id"


def test_empty_site_or_wrong_organisation_is_not_complete(listing):
    result = listing({ask(fq='organization:"nosuch"'): found(0)}, options={"organization": "nosuch"})
    assert not result.end.complete
    assert "organisation" in result.end.reason


def test_filters_are_joined(listing):
    url = ask(fq='+(tags:health) +(groups:"g")')
    assert listing({url: found(1, package(1))}, options={"fq": "tags:health", "group": "g"}).ids == ["id-1"]


@pytest.mark.parametrize("status", [200, 403, 404, 409])
def test_refusal_is_shown_in_ckans_words(listing, answer, status):
    body = json.dumps(
        {"success": False, "error": {"__type": "Search Query Error", "message": "bad fq"}}
    ).encode()
    with pytest.raises(UpstreamError, match=r"Search Query Error\. bad fq"):
        listing({ask(): answer(body, status=status)})


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("<html>Proxy error", "web page"),
        ("", "no valid JSON"),
        ("[]", "not CKAN's"),
        ('{"success": true, "result": []}', "result.results"),
    ],
)
def test_something_else_with_status_200_is_unreadable(listing, body, words):
    with pytest.raises(UnreadablePage, match=words):
        listing({ask(): body})


def test_changes_are_asked_for_only_with_the_option(listing):
    since = "2026-01-02T03:04:05.678900"
    changed = package(1, metadata_modified="2026-02-01T00:00:00.000000")
    full = listing({ask(): found(1, changed)}, since=since)
    assert not full.end.is_delta
    assert full.end.next_since == "2026-02-01T00:00:00.000000"
    delta = listing(
        {ask(fq=f"metadata_modified:[{since}Z TO *]"): found(0)}, since=since, options={"delta": "true"}
    )
    assert delta.end.is_delta
    assert delta.end.complete
    assert delta.end.next_since == since


def test_checkpoint_goes_on_after_the_page(listing):
    answers = {ask(): found(3, package(1), package(2)), ask(2): found(3, package(3))}
    checkpoint = listing(answers).pages[0].checkpoint
    rest = listing({ask(2): answers[ask(2)]}, checkpoint=json.loads(json.dumps(checkpoint)))
    assert rest.ids == ["id-3"]
    assert rest.end.complete


def test_real_answer_is_capped_silently(shared, fake, harvest):
    body = shared("ckan/dados-gov-br/3_action_package_search_q_2A_3A_2A.json").read_bytes()
    result = harvest(CkanProtocol(), fake({ask(): body, ask(10): found(13786)}), SITE)
    assert len(result.ids) == 10
    assert "13786 packages, and 10 came" in result.end.reason


def test_real_refusal_is_shown(shared, fake, harvest, answer):
    body = shared("ckan/dados-gov-br/3_action_package_show_id_no_dataset.json").read_bytes()
    with pytest.raises(UpstreamError, match="Not Found Error"):
        harvest(CkanProtocol(), fake({ask(): answer(body, status=404)}), SITE)


def test_site_on_a_server(serve, harvest, answer):
    answers = {}
    url, fetcher = serve(answers)
    path = f"/api/3/action/package_search?{urlencode({'rows': 100, 'sort': SORT, 'start': 0})}"
    for variant in (path, path.replace("+", "%20"), path.replace("%2C", ",").replace("+", "%20")):
        answers[variant] = answer(found(1, package(1)).encode(), media_type="application/json")
    assert harvest(CkanProtocol(), fetcher, url).end.complete
