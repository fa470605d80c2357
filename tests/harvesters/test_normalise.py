import gzip
import json
from dataclasses import replace
from pathlib import Path

import pytest

from catalogue.errors import InvalidRecord
from catalogue.records import (
    Agent,
    Attribution,
    Contact,
    DataService,
    Distribution,
    Document,
    Identifier,
    Normalised,
    Period,
    Place,
    Record,
    Relation,
    Term,
    Text,
)
from harvesters.formats.registry import get_format
from harvesters.normalise import normalise_record
from ontology.namespaces import (
    ACCESS_RIGHT,
    DATA_THEME,
    FILE_TYPE,
    FREQUENCY,
    HEALTHDCATAP,
    IANA_MEDIA_TYPE,
    LANGUAGE,
    LICENCE,
    PLANNED_AVAILABILITY,
)

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"

MESSY = Record(
    iri="http://x.org/a http://x.org/b",
    title=(Text(" A\n  title &amp; more "), Text("A title & more", "EN"), Text("", "sv"), Text("Titel", "cz")),
    description=(Text("<p>One</p><p>Two</p>", "en"), Text("# Markdown  stays\n", "sv-se")),
    identifiers=(Identifier("https://doi.org/10.1234/ABC"), Identifier("doi:10.1234/abc"), Identifier(" ")),
    landing_pages=("www.x.org/page one", "ftp://x.org/", "https://doi.org/10.5555/XYZ"),
    publisher=Agent(
        name=(Text("Org"), Text("Org")),
        type=Term(raw="kommun"),
        email="mailto:o@x.org",
        identifiers=(Identifier("https://ror.org/05KYTSW45", "ror"),),
    ),
    creators=(Agent(), Agent(name=(Text("A"),), identifiers=(Identifier("https://orcid.org/0000-0002-1825-009x", "orcid"),))),
    attributions=(Attribution(Agent(name=(Text(" B "),)), " editor "),),
    contacts=(Contact(email="mailto:c@x.org?subject=x", url="tel:112"), Contact(email="nobody")),
    keywords=(Text("luft"), Text("luft", "sv"), Text(" "), Text("vatten", "sv"), Text("vatten", "sv")),
    themes=(Term(raw="hälsa"), Term(iri="https://publications.europa.eu/resource/authority/data-theme/HEAL")),
    subjects=(Term(raw="http://x.org/subject 1"), Term(iri="not-an-iri"), Term()),
    access_rights=Term(raw="public"),
    license=Term(iri="https://creativecommons.org/licenses/by/4.0"),
    languages=(Term(raw="en"), Term(raw="eng"), Term(raw="klingon")),
    frequency=Term(iri="http://purl.org/cld/freq/annually"),
    issued="2019/2020",
    modified="0000-00-00",
    spatial=(Place(bbox=(0.0, 91.0, 1.0, 92.0)), Place(label=(Text("Sverige"),), centroid=(15.0, 62.0))),
    temporal=(Period("2019/2020", ""), Period("2000", "9999-12-31"), Period("never", "")),
    relations=(Relation("dct:relation", "doi:10.1/no"), Relation("dct:source", "doi:10.1234/REL"), Relation("dct:source", "http://x.org/a b")),
    documentation=(Document("no iri"), Document("http://x.org/d", (Text("D"),))),
    distributions=(
        Distribution(access_urls=("http://x.org/a b.csv",), format=Term(raw=".csv"), media_type=Term(raw="CSV"), issued="31 May 2020"),
        Distribution(format=Term(raw="ZIP+CSV"), availability=Term(iri="http://data.europa.eu/r5r/availability/stable")),
        Distribution(access_urls=("file:///etc/passwd",)),
    ),
    service=DataService(endpoint_urls=("http://x.org/sparql",), formats=(Term(raw="json"),)),
)  # fmt: skip


def changes(record):
    return {
        entry.field: (entry.raw, entry.value, entry.rule) for entry in normalise_record(record).normalised
    }


def test_normalise_record_that_is_right_gives_the_very_same_object():
    record = Record(
        iri="https://x.org/a",
        title=(Text("Titel", "sv"),),
        identifiers=(Identifier("10.1234/abc", "doi"),),
        access_rights=Term(iri=ACCESS_RIGHT.PUBLIC),
        issued="2020",
        distributions=(Distribution(access_urls=("https://x.org/a.csv",), format=Term(iri=FILE_TYPE.CSV)),),
    )
    assert normalise_record(record) is record


def test_normalise_record_twice_is_the_same_as_once():
    once = normalise_record(MESSY)
    assert once != MESSY
    assert normalise_record(once) == once


def test_terms_get_the_authoritys_iri_and_keep_the_sources_word():
    record = normalise_record(MESSY)
    assert record.access_rights == Term(ACCESS_RIGHT.PUBLIC, raw="public")
    assert record.license == Term(LICENCE.CC_BY_4_0, raw="https://creativecommons.org/licenses/by/4.0")
    assert record.frequency == Term(FREQUENCY.ANNUAL, raw="http://purl.org/cld/freq/annually")
    assert record.publisher.type.raw == "kommun"
    assert record.service.formats == (Term(FILE_TYPE.JSON, raw="json"),)


def test_terms_that_mean_the_same_are_one_and_the_other_word_is_noted():
    record = normalise_record(MESSY)
    assert record.themes == (Term(DATA_THEME.HEAL, raw="hälsa"),)
    assert record.languages == (Term(LANGUAGE.ENG, raw="en"), Term(raw="klingon"))
    assert changes(MESSY)["languages"] == ("eng", LANGUAGE.ENG, "term-repeated")


def test_terms_without_an_authoritys_iri_keep_their_own_or_stay_a_word():
    assert normalise_record(MESSY).subjects == (
        Term("http://x.org/subject%201", raw="http://x.org/subject 1"),
        Term(raw="not-an-iri"),
    )


def test_term_is_found_by_its_label_and_the_sources_own_iri_is_noted():
    record = Record(themes=(Term(iri="http://portal.x.org/theme/7", label=(Text("Health", "en"),)),))
    theme = normalise_record(record).themes[0]
    assert theme == Term(DATA_THEME.HEAL, (Text("Health", "en"),), raw="http://portal.x.org/theme/7")


def test_term_with_another_word_than_its_iri_loses_neither():
    record = Record(license=Term(iri="http://x.org/terms", raw="CC0"))
    assert normalise_record(record).license == Term(LICENCE.CC0, raw="CC0")
    assert changes(record) == {"license": ("http://x.org/terms", LICENCE.CC0, "term-iri")}


def test_iris_with_spaces_are_encoded_and_the_original_is_noted():
    record = normalise_record(MESSY)
    assert record.iri == "http://x.org/a%20http://x.org/b"
    assert record.distributions[0].access_urls == ("http://x.org/a%20b.csv",)
    assert changes(MESSY)["distributions[0].access_urls[0]"] == (
        "http://x.org/a b.csv",
        "http://x.org/a%20b.csv",
        "url-repaired",
    )


def test_addresses_that_no_browser_may_follow_are_dropped_with_an_entry():
    record = normalise_record(MESSY)
    assert record.landing_pages == ("http://www.x.org/page%20one", "https://doi.org/10.5555/XYZ")
    noted = changes(MESSY)
    assert noted["landing_pages[1]"] == ("ftp://x.org/", "", "url-dropped")
    assert noted["distributions[2].access_urls[0]"] == ("file:///etc/passwd", "", "url-dropped")
    assert len(record.distributions) == 2


def test_dates_become_iso_8601_or_are_dropped_with_an_entry():
    record = normalise_record(MESSY)
    assert (record.issued, record.modified) == ("2019", "")
    assert record.distributions[0].issued == "2020-05-31"
    assert changes(MESSY)["modified"] == ("0000-00-00", "", "date-dropped")


def test_intervals_in_one_field_become_periods_and_far_ends_open():
    record = normalise_record(MESSY)
    assert record.temporal == (Period("2019", "2020"), Period("2000", ""))
    assert changes(MESSY)["temporal[1].end"] == ("9999-12-31", "", "date-open")


def test_dois_are_canonical_wherever_they_stand():
    record = normalise_record(MESSY)
    assert record.identifiers == (Identifier("10.1234/abc", "doi"), Identifier("10.5555/xyz", "doi"))
    assert record.relations[1].target == "https://doi.org/10.1234/rel"
    by_iri = normalise_record(Record(iri="https://doi.org/10.1234/ABC"))
    assert by_iri.identifiers == (Identifier("10.1234/abc", "doi"),)


def test_orcid_and_ror_are_kept_without_their_address():
    record = normalise_record(MESSY)
    assert record.publisher.identifiers == (Identifier("05kytsw45", "ror"),)
    assert record.creators[0].identifiers == (Identifier("0000-0002-1825-009X", "orcid"),)


def test_email_is_bare_and_what_is_none_is_dropped_with_an_entry():
    record = normalise_record(MESSY)
    assert record.publisher.email == "o@x.org"
    assert record.contacts == (Contact(email="c@x.org"),)
    assert changes(MESSY)["contacts[1].email"] == ("nobody", "", "email-dropped")


def test_texts_lose_markup_space_empties_and_repetitions():
    record = normalise_record(MESSY)
    assert record.title == (Text("A title & more", "en"), Text("Titel", "cs"))
    assert record.description == (Text("One\n\nTwo", "en"), Text("# Markdown  stays", "sv-SE"))
    assert record.keywords == (Text("luft", "sv"), Text("vatten", "sv"))
    noted = changes(MESSY)
    assert noted["description[0]"] == ("<p>One</p><p>Two</p>", "One\n\nTwo", "markup-removed")
    assert noted["title[3].lang"] == ("cz", "cs", "language-tag")
    assert "description[1]" not in noted


def test_long_text_is_not_cut():
    words = "ord " * 100_000 + "slut"
    assert normalise_record(Record(description=(Text(words, "sv"),))).description == (Text(words, "sv"),)


def test_impossible_coordinates_are_dropped_with_an_entry():
    record = normalise_record(MESSY)
    assert record.spatial == (Place(label=(Text("Sverige"),), centroid=(15.0, 62.0)),)
    assert changes(MESSY)["spatial[0].bbox"][2] == "coordinates-dropped"


def test_format_and_media_type_are_told_apart_and_archives_from_what_is_in_them():
    first, second = normalise_record(MESSY).distributions
    assert first.format == Term(FILE_TYPE.CSV, raw=".csv")
    assert first.media_type == Term(IANA_MEDIA_TYPE("text/csv"), raw="CSV")
    assert second.format == Term(FILE_TYPE.CSV, raw="ZIP+CSV")
    assert second.package_format == Term(FILE_TYPE.ZIP)
    assert second.availability.iri == PLANNED_AVAILABILITY.STABLE


def test_entries_of_an_earlier_pass_stay_before_the_new_ones():
    earlier = Normalised("issued", "x", "", "date-dropped")
    record = normalise_record(replace(MESSY, normalised=(earlier,)))
    assert record.normalised[0] == earlier
    assert len(record.normalised) > 1


def test_unknown_types_keep_their_iri():
    record = Record(types=(Term(iri=HEALTHDCATAP("Something")),))
    assert normalise_record(record) is record


def read_ckan():
    for path in sorted((SHARED / "ckan").rglob("*.json")):
        answer = json.loads(path.read_text("utf-8"))
        result = answer.get("result") if isinstance(answer, dict) else None
        packages = result.get("results", [result]) if isinstance(result, dict) else []
        yield from (package for package in packages if isinstance(package, dict) and package.get("resources"))


@pytest.mark.skipif(not SHARED.is_dir(), reason="no shared data here")
def test_real_packages_come_out_the_same_the_second_time():
    read = 0
    for package in read_ckan():
        payload = json.dumps(package).encode()
        try:
            record = get_format("ckan_package").parse(payload, "application/json", str(package.get("id")))
        except InvalidRecord:
            continue
        once = normalise_record(record)
        assert normalise_record(once) == once
        read += 1
    assert read > 5


@pytest.mark.skipif(not SHARED.is_dir(), reason="no shared data here")
def test_real_words_come_out_the_same_the_second_time():
    with gzip.open(SHARED / "corpus" / "mixed-load-corpus.jsonl.gz", "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            if number % 40:
                continue
            row = json.loads(line)
            record = Record(
                iri=row["id"] or "",
                title=(Text(row["title"] or ""),),
                description=(Text(row["description"] or ""),),
                keywords=tuple(Text(word) for word in row["keywords"] or ()),
                license=Term(iri=row["license_url"] or "", raw=row["license"] or ""),
                languages=tuple(Term(raw=word) for word in row["language"] or ()),
                landing_pages=(row["landing_page"] or "",),
            )
            once = normalise_record(record)
            assert normalise_record(once) == once
