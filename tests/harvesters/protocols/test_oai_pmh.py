"""OAI-PMH listings: tokens, dates, deletes, and servers that do it wrong."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from catalogue.errors import UpstreamError
from harvesters.errors import UnreadablePage
from harvesters.protocols.oai_formats import choose_format, choose_prefix
from harvesters.protocols.oai_pmh import OaiPmhProtocol

URL = "https://repo.example.se/oai"
NOW = "2026-03-01T12:00:00Z"


def envelope(content: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/" '
        f'xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/"><responseDate>{NOW}</responseDate>{content}</OAI-PMH>'
    )


def identify(granularity="YYYY-MM-DDThh:mm:ssZ", deleted="transient"):
    return envelope(
        f"<Identify><earliestDatestamp>2001-01-01</earliestDatestamp><deletedRecord>{deleted}</deletedRecord><granularity>{granularity}</granularity></Identify>"
    )


def formats(*prefixes):
    return envelope(
        "<ListMetadataFormats>"
        + "".join(f"<metadataFormat><metadataPrefix>{p}</metadataPrefix></metadataFormat>" for p in prefixes)
        + "</ListMetadataFormats>"
    )


def record(number, datestamp="2026-01-01T00:00:00Z", title="T"):
    return f"<record><header><identifier>oai:e.se:{number}</identifier><datestamp>{datestamp}</datestamp></header><metadata><oai_dc:dc><dc:title>{title}</dc:title></oai_dc:dc></metadata></record>"


def deleted(number):
    return f'<record><header status="deleted"><identifier>oai:e.se:{number}</identifier><datestamp>2026-01-02</datestamp></header></record>'


def records(*items, token=None, size=None, cursor=None):
    attributes = (f' completeListSize="{size}"' if size is not None else "") + (
        f' cursor="{cursor}"' if cursor is not None else ""
    )
    tail = f"<resumptionToken{attributes}>{token}</resumptionToken>" if token is not None else ""
    return envelope(f"<ListRecords>{''.join(items)}{tail}</ListRecords>")


def error(code, message=""):
    return envelope(f'<error code="{code}">{message}</error>')


def ask(**arguments):
    return f"{URL}?{urlencode(arguments)}"


FIRST = ask(verb="ListRecords", metadataPrefix="oai_dc")


def next_page(token):
    return ask(verb="ListRecords", resumptionToken=token)


@pytest.fixture
def listing(fake, harvest):
    def run(answers, **kwargs):
        table = {
            ask(verb="Identify"): identify(),
            ask(verb="ListMetadataFormats"): formats("oai_dc"),
        } | answers
        run.fetcher = fake(table, "text/xml")
        return harvest(OaiPmhProtocol(), run.fetcher, URL, **kwargs)

    return run


def test_listing_without_tokens_is_complete(listing):
    result = listing({FIRST: records(record(1), record(2))})
    assert result.ids == ["oai:e.se:1", "oai:e.se:2"]
    assert {(r.format, r.media_type) for r in result.records} == {("oai_dc", "application/xml")}
    assert result.end.complete
    assert not result.end.is_delta
    assert result.end.next_since == NOW


def test_payload_is_a_document_of_its_own_and_the_same_every_time(listing):
    from harvesters.safe_xml import parse_xml

    first = listing({FIRST: records(record(1))}).records[0].payload
    second = listing({FIRST: records(record(2), "\n ", record(1), "\n")}).records[1].payload
    assert first == second
    assert parse_xml(first).findtext(".//{http://purl.org/dc/elements/1.1/}title") == "T"


@pytest.mark.parametrize("last", [None, ""], ids=["no token element", "empty token element"])
def test_tokens_are_followed_to_the_last_page(listing, last):
    result = listing(
        {
            FIRST: records(record(1), token="a.b", size=2, cursor=0),
            next_page("a.b"): records(record(2), token=last),
        }
    )
    assert len(result.ids) == 2
    assert result.end.complete
    assert result.pages[0].total == 2


def test_token_that_comes_again_is_a_circle(listing):
    result = listing(
        {
            FIRST: records(record(1), token="a"),
            next_page("a"): records(record(2), token="b"),
            next_page("b"): records(record(3), token="a"),
        }
    )
    assert len(result.ids) == 3
    assert "circle" in result.end.reason
    assert result.end.next_since == ""


def test_page_that_comes_again_under_a_new_token_is_a_circle(listing):
    result = listing({FIRST: records(record(1), token="a"), next_page("a"): records(record(1), token="b")})
    assert "circle" in result.end.reason


def test_circle_longer_than_what_is_remembered_ends(listing, monkeypatch):
    monkeypatch.setattr("harvesters.protocols.oai_pmh.PAGES_REMEMBERED", 1)
    answers = {next_page(str(n)): records(record(n), token=str((n + 1) % 7)) for n in range(7)}
    result = listing({FIRST: records(record(99), token="0")} | answers)
    assert "circle" in result.end.reason


def test_fewer_records_than_complete_list_size_are_not_complete(listing):
    result = listing({FIRST: records(record(1), token="a", size=3), next_page("a"): records(record(2))})
    assert "3 records, and 2 came" in result.end.reason


@pytest.mark.parametrize("policy", ["no", "transient", "persistent"])
def test_deleted_headers_are_handed_on_whatever_the_policy(listing, policy):
    result = listing({ask(verb="Identify"): identify(deleted=policy), FIRST: records(record(1), deleted(2))})
    assert [(r.remote_id, r.deleted, bool(r.payload)) for r in result.records] == [
        ("oai:e.se:1", False, True),
        ("oai:e.se:2", True, False),
    ]


def test_changes_are_asked_for_with_overlap(listing):
    url = ask(verb="ListRecords", metadataPrefix="oai_dc", **{"from": "2026-02-01T09:00:00Z"})
    result = listing({url: records(record(1))}, since="2026-02-01T10:00:00Z")
    assert result.end.is_delta
    assert result.end.complete
    assert result.end.next_since == NOW


def test_changes_to_the_day_overlap_by_a_day(listing):
    url = ask(verb="ListRecords", metadataPrefix="oai_dc", **{"from": "2026-01-31"})
    result = listing(
        {ask(verb="Identify"): identify("YYYY-MM-DD"), url: error("noRecordsMatch")},
        since="2026-02-01T10:00:00Z",
    )
    assert result.end.complete
    assert result.records == []


def test_no_records_in_a_full_run_is_not_complete(listing):
    result = listing({FIRST: error("noRecordsMatch")})
    assert not result.end.complete
    assert result.end.reason == "The source lists no records at all."


def test_set_and_prefix_options_are_sent(listing):
    url = ask(verb="ListRecords", metadataPrefix="marcxml", set="health")
    result = listing({url: records(record(1))}, options={"metadata_prefix": "marcxml", "set": "health"})
    assert result.records[0].format == "marcxml"
    assert ask(verb="ListMetadataFormats") not in listing.fetcher.asked


def test_expired_token_goes_on_once_from_the_last_date(listing):
    again = ask(verb="ListRecords", metadataPrefix="oai_dc", **{"from": "2026-01-05T00:00:00Z"})
    result = listing(
        {
            FIRST: records(
                record(1, "2026-01-01T00:00:00Z"), record(2, "2026-01-05T00:00:00Z"), token="a", size=3
            ),
            next_page("a"): error("badResumptionToken", "expired"),
            again: records(record(2, "2026-01-05T00:00:00Z"), record(3, "2026-01-06T00:00:00Z")),
        }
    )
    assert set(result.ids) == {"oai:e.se:1", "oai:e.se:2", "oai:e.se:3"}
    assert result.end.complete


def test_expired_token_of_a_list_without_order_begins_anew(listing):
    result = listing(
        {
            FIRST: [
                records(record(1, "2026-01-09T00:00:00Z"), record(2), token="a"),
                records(record(1), record(2), record(3)),
            ],
            next_page("a"): error("badResumptionToken"),
        }
    )
    assert result.ids[-1] == "oai:e.se:3"
    assert result.end.complete


def test_token_that_expires_twice_is_an_error_in_the_sources_words(listing):
    with pytest.raises(UpstreamError, match="badResumptionToken: gone"):
        listing(
            {
                FIRST: records(record(1, "bad"), token="a"),
                next_page("a"): error("badResumptionToken", "gone"),
                ask(verb="ListRecords", metadataPrefix="oai_dc", **{"from": "bad"}): records(
                    record(2), token="a"
                ),
            }
        )


def test_checkpoint_goes_on_with_the_token_without_asking_who(listing, fake, harvest):
    first = listing({FIRST: records(record(1), token="a", size=2), next_page("a"): records(record(2))})
    fetcher = fake({next_page("a"): records(record(2))})
    rest = harvest(OaiPmhProtocol(), fetcher, URL, checkpoint=first.pages[0].checkpoint)
    assert rest.ids == ["oai:e.se:2"]
    assert rest.end.complete
    assert rest.end.next_since == NOW


@pytest.mark.parametrize("status", [200, 400, 422])
def test_protocol_error_is_shown_in_the_sources_words_under_any_status(listing, answer, status):
    with pytest.raises(UpstreamError, match="badArgument: unknown prefix"):
        listing({FIRST: answer(error("badArgument", "unknown prefix").encode(), status=status)})


def test_no_records_match_with_status_422_is_an_empty_success(listing, answer):
    url = ask(verb="ListRecords", metadataPrefix="oai_dc", **{"from": "2026-02-01T09:00:00Z"})
    result = listing(
        {url: answer(error("noRecordsMatch").encode(), status=422)}, since="2026-02-01T10:00:00Z"
    )
    assert result.end.complete


@pytest.mark.parametrize("body", ["<!DOCTYPE html><html><body>Down</body></html>", "<feed/>", ""])
def test_something_else_with_status_200_is_unreadable(listing, body):
    with pytest.raises(UnreadablePage):
        listing({FIRST: body})
    with pytest.raises(UnreadablePage):
        listing({ask(verb="Identify"): body})


def test_document_type_declaration_is_refused(listing):
    with pytest.raises(UnreadablePage, match="document type"):
        listing({FIRST: records(record(1)).replace("<OAI-PMH", '<!DOCTYPE x [<!ENTITY a "b">]><OAI-PMH')})


def test_forbidden_characters_are_left_out_and_the_page_is_kept(listing):
    result = listing({FIRST: records(record(1, title="A\x0bB&#x1;C"), record(2), token="")})
    assert len(result.ids) == 2
    assert b"ABC" in result.records[0].payload
    assert "XML forbids" in result.problems[0].reason
    assert result.end.complete


def test_one_malformed_record_does_not_lose_the_page(listing):
    broken = record(2).replace("</dc:title>", "</dc:titel>")
    result = listing(
        {FIRST: records(record(1), broken, record(3), token="a", size=4), next_page("a"): records(record(4))}
    )
    assert result.ids == ["oai:e.se:1", "oai:e.se:3", "oai:e.se:4"]
    assert [p.remote_id for p in result.problems] == ["oai:e.se:2"]
    assert b"titel" in result.problems[0].payload
    assert not result.end.complete


def test_malformed_page_without_any_record_is_not_complete(listing):
    page = '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords><header>&bogus;</OAI-PMH>'
    result = listing({FIRST: page.encode()})
    assert result.ids == []
    assert not result.end.complete


def test_truncated_page_keeps_its_whole_records_and_is_not_complete(listing):
    result = listing({FIRST: records(record(1), record(2))[:-60]})
    assert result.ids == ["oai:e.se:1"]
    assert result.problems[0].remote_id == "oai:e.se:2"
    assert "broken XML" in result.end.reason


@pytest.mark.parametrize(
    ("item", "field"),
    [
        (
            "<record><header><datestamp>2026-01-01</datestamp></header><metadata><a/></metadata></record>",
            "header/identifier",
        ),
        ("<record><header><identifier>oai:e.se:9</identifier></header></record>", "metadata"),
        ("<record><header><identifier>oai:e.se:9</identifier></header><metadata/></record>", "metadata"),
    ],
)
def test_record_without_identifier_or_metadata_is_a_problem(listing, item, field):
    result = listing({FIRST: records(record(1), item)})
    assert result.ids == ["oai:e.se:1"]
    assert result.problems[0].field == field
    assert result.problems[0].complete_matters


def test_answer_without_records_or_error_is_not_complete(listing):
    result = listing({FIRST: envelope("<ListIdentifiers/>")})
    assert not result.end.complete


def test_rdf_metadata_is_handed_on_as_dcat(listing):
    rdf = """<record><header><identifier>oai:e.se:1</identifier></header><metadata><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
        xmlns:dct="http://purl.org/dc/terms/" xmlns:dcat="http://www.w3.org/ns/dcat#"><dcat:Dataset rdf:about="https://doi.org/10.1/x"><dct:title>T</dct:title></dcat:Dataset></rdf:RDF></metadata></record>"""
    url = ask(verb="ListRecords", metadataPrefix="dcat")
    result = listing(
        {
            ask(verb="ListMetadataFormats"): formats("oai_dc", "dcat"),
            url: records(rdf, rdf.replace("dcat:Dataset", "dct:Thing").replace("se:1", "se:2")),
        }
    )
    assert [(r.remote_id, r.format, r.media_type) for r in result.records] == [
        ("oai:e.se:1", "dcat", "application/n-triples")
    ]
    assert b"<https://doi.org/10.1/x> <http://purl.org/dc/terms/title>" in result.records[0].payload
    assert "describes 0 datasets" in result.problems[0].reason


def test_richest_metadata_format_is_chosen():
    assert choose_prefix(["oai_dc", "marcxml", "datacite", "oai_datacite"]) == "oai_datacite"
    assert choose_prefix(["oai_dc", "DCAT_AP", "datacite"]) == "DCAT_AP"
    assert choose_prefix(["marc21"]) == "oai_dc"
    assert [choose_format(p) for p in ("oai_dc", "oai_datacite4", "datacite", "dcat_ap")] == [
        "oai_dc",
        "datacite",
        "datacite",
        "dcat",
    ]


def test_real_chain_whose_pages_repeat_the_same_records_is_a_circle(shared, fake, harvest):
    folder = shared("oai-pmh/sickle")
    read = lambda name: (folder / name).read_bytes()  # noqa: E731
    url = "http://test.example.com/oai"
    fetcher = fake(
        {
            f"{url}?verb=Identify": read("Identify.xml"),
            f"{url}?verb=ListRecords&metadataPrefix=oai_dc": read("ListRecords.xml"),
        }
        | {
            f"{url}?verb=ListRecords&resumptionToken=ListRecords{n}.xml": read(f"ListRecords{n}.xml")
            for n in (2, 3, 4)
        }
    )
    result = harvest(OaiPmhProtocol(), fetcher, url, options={"metadata_prefix": "oai_dc"})
    assert len(result.pages) == 2
    assert any(r.deleted for r in result.records)
    assert "circle" in result.end.reason


@pytest.mark.parametrize(
    "name", ["badArgument", "cannotDisseminateFormat", "noSetHierarchy", "undefinedError"]
)
def test_real_error_is_shown(shared, listing, name):
    with pytest.raises(UpstreamError):
        listing({FIRST: shared(f"oai-pmh/sickle/{name}.xml").read_bytes()})


def test_real_broken_page_is_unreadable(shared, listing):
    with pytest.raises(UnreadablePage):
        listing({FIRST: shared("oai-pmh/sickle/ListRecordsBroken.xml").read_bytes()})


def test_source_on_a_server(serve, harvest, answer):
    answers = {
        "/oai?verb=Identify": answer(identify().encode(), media_type="text/xml"),
        "/oai?verb=ListMetadataFormats": answer(formats("oai_dc").encode(), media_type="text/xml"),
        "/oai?verb=ListRecords&metadataPrefix=oai_dc": answer(
            error("noRecordsMatch").encode(), status=422, media_type="text/xml"
        ),
    }
    url, fetcher = serve(answers)
    assert not harvest(OaiPmhProtocol(), fetcher, url + "/oai").end.complete
