"""The OAI-PMH repository as a harvester sees it."""

from datetime import UTC, datetime, timedelta

import pytest
from lxml import etree

from harvesters.samples.oai_repository import ID_PREFIX, Repository
from harvesters.samples.records import SampleRecords

OAI = "/repository/oai"
NS = {
    "o": "http://www.openarchives.org/OAI/2.0/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "d": "http://datacite.org/schema/kernel-4",
}
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def ask(client, **params):
    answer = client.ask(OAI, **params)
    assert answer.status == 200
    return etree.fromstring(answer.data)


def error_code(root):
    return root.findtext("o:error", None, NS) and root.find("o:error", NS).get("code")


def walk(client, verb, **params):
    """Yield each answer of a list, following resumption tokens."""
    root = ask(client, verb=verb, **params)
    while True:
        assert error_code(root) is None
        yield root
        token = root.findtext(".//o:resumptionToken", "", NS)
        if not token:
            return
        root = ask(client, verb=verb, resumptionToken=token)


def identifiers(pages):
    return [node.text for page in pages for node in page.iterfind(".//o:header/o:identifier", NS)]


@pytest.mark.parametrize("prefix", ["oai_dc", "oai_datacite"])
@pytest.mark.parametrize("verb", ["ListRecords", "ListIdentifiers"])
def test_lists_end_with_the_size_they_promised(client, verb, prefix):
    pages = list(walk(client, verb, metadataPrefix=prefix))
    records = client.server.records.list_all("repository", deleted=True)
    assert sorted(identifiers(pages)) == sorted(f"{ID_PREFIX}{record.id}" for record in records)
    assert len(pages) > 1
    for number, page in enumerate(pages):
        token = page.find(".//o:resumptionToken", NS)
        assert int(token.get("completeListSize")) == len(records)
        assert int(token.get("cursor")) == 25 * number


def test_deleted_records_have_a_header_and_no_metadata(client):
    records = [
        record
        for page in walk(client, "ListRecords", metadataPrefix="oai_dc")
        for record in page.iterfind(".//o:record", NS)
    ]
    deleted = [record for record in records if record.find("o:header", NS).get("status") == "deleted"]
    assert len(deleted) >= 2
    assert all((record in deleted) == (record.find("o:metadata", NS) is None) for record in records)


def test_records_have_what_their_formats_demand(client):
    for page in walk(client, "ListRecords", metadataPrefix="oai_dc"):
        for metadata in page.iterfind(".//o:metadata", NS):
            for name in ("title", "creator", "publisher", "description", "identifier", "rights"):
                assert metadata.findtext(f".//dc:{name}", "", NS)
    for page in walk(client, "ListRecords", metadataPrefix="oai_datacite"):
        for resource in page.iterfind(".//d:resource", NS):
            for path in ("identifier", "creators/creator/creatorName", "titles/title", "publisher"):
                assert resource.findtext(f"d:{path.replace('/', '/d:')}", "", NS)
            assert len(resource.findtext("d:publicationYear", "", NS)) == 4
            assert resource.find("d:resourceType", NS).get("resourceTypeGeneral") == "Dataset"


def test_some_titles_are_swedish(client):
    pages = walk(client, "ListRecords", metadataPrefix="oai_dc")
    languages = [title.get(XML_LANG) for page in pages for title in page.iterfind(".//dc:title", NS)]
    assert languages.count("sv") >= 3
    assert languages.count("en") > languages.count("sv")


def test_identify_says_how_deletes_and_dates_are_kept(client):
    root = ask(client, verb="Identify")
    assert root.findtext(".//o:deletedRecord", "", NS) == "persistent"
    assert root.findtext(".//o:granularity", "", NS) == "YYYY-MM-DDThh:mm:ssZ"
    assert root.findtext(".//o:baseURL", "", NS) == client.server.oai_url


def test_sets_and_formats_are_listed_and_select(client):
    sets = [node.text for node in ask(client, verb="ListSets").iterfind(".//o:setSpec", NS)]
    assert "health" in sets
    chosen = identifiers(walk(client, "ListIdentifiers", metadataPrefix="oai_dc", set="health"))
    assert f"{ID_PREFIX}lidc-idri" in chosen
    assert len(chosen) < len(client.server.records.list_all("repository"))
    formats = ask(client, verb="ListMetadataFormats", identifier=f"{ID_PREFIX}lidc-idri")
    assert [n.text for n in formats.iterfind(".//o:metadataPrefix", NS)] == ["oai_dc", "oai_datacite"]


def test_from_gives_what_changed_since(client):
    now = datetime.now(UTC).replace(microsecond=0)
    client.server.records.change("lidc-idri", title={"en": "LIDC"})
    client.server.records.remove("camelyon")
    since = {"metadataPrefix": "oai_dc", "from": now.strftime("%Y-%m-%dT%H:%M:%SZ")}
    pages = list(walk(client, "ListRecords", **since))
    assert sorted(identifiers(pages)) == [f"{ID_PREFIX}camelyon", f"{ID_PREFIX}lidc-idri"]
    assert [node.text for node in pages[0].iterfind(".//dc:title", NS)] == ["LIDC"]


def test_from_and_until_take_whole_days(client):
    records = client.server.records.list_all("repository", deleted=True)
    day = records[0].stamp.date()
    window = {"metadataPrefix": "oai_dc", "from": f"{day}", "until": f"{day}"}
    expected = [f"{ID_PREFIX}{record.id}" for record in records if record.stamp.date() == day]
    assert identifiers(walk(client, "ListIdentifiers", **window)) == expected


def test_record_changed_while_a_list_is_read_comes_again_and_hides_none(client):
    pages = walk(client, "ListIdentifiers", metadataPrefix="oai_dc")
    first = identifiers([next(pages)])
    client.server.records.change(first[0].removeprefix(ID_PREFIX), version="2")
    rest = identifiers(pages)
    assert first[0] in rest
    records = client.server.records.list_all("repository", deleted=True)
    assert {*first, *rest} == {f"{ID_PREFIX}{record.id}" for record in records}


@pytest.mark.parametrize(
    ("code", "params"),
    [
        ("badVerb", {}),
        ("badVerb", {"verb": "Dance"}),
        ("badArgument", {"verb": "ListRecords"}),
        ("badArgument", {"verb": "Identify", "set": "health"}),
        ("badArgument", {"verb": "ListRecords", "metadataPrefix": "oai_dc", "from": "yesterday"}),
        ("badArgument", {"verb": "ListRecords", "metadataPrefix": "oai_dc", "from": "2026-02-30"}),
        (
            "badArgument",
            {"verb": "ListRecords", "metadataPrefix": "oai_dc", "from": "2026-02-01", "until": "2026-01-01"},
        ),
        (
            "badArgument",
            {
                "verb": "ListRecords",
                "metadataPrefix": "oai_dc",
                "from": "2026-02-01",
                "until": "2026-03-01T00:00:00Z",
            },
        ),
        ("cannotDisseminateFormat", {"verb": "ListRecords", "metadataPrefix": "marc"}),
        ("noRecordsMatch", {"verb": "ListRecords", "metadataPrefix": "oai_dc", "set": "atlantis"}),
        ("idDoesNotExist", {"verb": "GetRecord", "metadataPrefix": "oai_dc", "identifier": "oai:x:y"}),
        (
            "idDoesNotExist",
            {"verb": "GetRecord", "metadataPrefix": "oai_dc", "identifier": f"{ID_PREFIX}coco"},
        ),
        ("badResumptionToken", {"verb": "ListRecords", "resumptionToken": "never"}),
        ("badResumptionToken", {"verb": "ListSets", "resumptionToken": "never"}),
    ],
)
def test_errors_have_the_code_of_the_protocol(client, code, params):
    assert error_code(ask(client, **params)) == code


def test_get_record_gives_that_record(client):
    root = ask(client, verb="GetRecord", metadataPrefix="oai_datacite", identifier=f"{ID_PREFIX}lidc-idri")
    assert root.findtext(".//d:identifier", "", NS) == "10.7937/K9/TCIA.2015.LO9QL9SX"


def test_token_expires_and_belongs_to_its_verb(all_records):
    clock = datetime(2026, 9, 1, tzinfo=UTC)
    repository = Repository(SampleRecords(all_records), "http://x.example/oai", now=lambda: clock)
    body, _ = repository.answer([("verb", "ListRecords"), ("metadataPrefix", "oai_dc")])
    token = etree.fromstring(body).findtext(".//o:resumptionToken", "", NS)

    other, _ = repository.answer([("verb", "ListIdentifiers"), ("resumptionToken", token)])
    assert error_code(etree.fromstring(other)) == "badResumptionToken"
    clock += timedelta(minutes=11)
    late, _ = repository.answer([("verb", "ListRecords"), ("resumptionToken", token)])
    assert error_code(etree.fromstring(late)) == "badResumptionToken"


def test_posted_form_is_read_like_a_query(client):
    answer = client.pool.request(
        "POST", client.server.oai_url, fields={"verb": "Identify"}, encode_multipart=False
    )
    assert b"<repositoryName>" in answer.data
