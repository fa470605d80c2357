"""What every search engine must do. An engine joins by a factory in ENGINES."""

import numpy as np
import pytest

from catalogue.errors import Conflict, NotFound, Unavailable
from catalogue.records import Agent, Distribution, Identifier, Place, Record, Term, Text
from catalogue.search import index_meta
from catalogue.search.documents import build_document
from catalogue.search.elastic import ElasticEngine
from catalogue.search.embedded import EmbeddedEngine
from catalogue.search.engine import SearchQuery
from catalogue.search.ranking import Floors
from tests.elasticsearch_server import scratch_settings
from tests.fakes.encoder import ConceptEncoder

CSV, JSON = "http://example.org/file-type/CSV", "http://example.org/file-type/JSON"
FLOORS = Floors(listed=0.4, good=0.45, background=0.0)


def make_embedded(folder, encoder):
    return EmbeddedEngine(folder / "index", encoder, floors=FLOORS, lock_timeout_s=0.2)


def make_elastic(folder, encoder):
    settings = scratch_settings(folder)
    return ElasticEngine(settings, encoder, floors=FLOORS, lock_timeout_s=0.2)


ENGINES = {"embedded": make_embedded, "elasticsearch": make_elastic}


@pytest.fixture(params=ENGINES)
def open_engine(request, tmp_path):
    if request.param == "elasticsearch":
        request.getfixturevalue("elasticsearch_url")
    yield lambda encoder=None: ENGINES[request.param](tmp_path, encoder)
    if request.param == "elasticsearch":
        make_elastic(tmp_path, None).discard()


@pytest.fixture
def encoder():
    return ConceptEncoder()


@pytest.fixture
def engine(open_engine, encoder):
    engine = open_engine(encoder)
    fill(engine, encoder, DOCUMENTS)
    return engine


def make(
    key,
    title,
    lang,
    description="",
    *,
    revision=1,
    format_iri=CSV,
    year="2020",
    names=(),
    doi="",
    keywords=(),
):
    record = Record(
        title=(Text(title, lang),),
        description=(Text(description, lang),) if description else (),
        keywords=tuple(Text(word, lang) for word in keywords),
        issued=year,
        publisher=Agent(name=tuple(Text(name, lang) for name in names)) if names else None,
        identifiers=(Identifier(doi, "doi"),) if doi else (),
        distributions=(Distribution(format=Term(iri=format_iri)),),
    )
    return build_document(
        key, revision, record, source_slugs=("test",), publisher_slug="-".join(names).lower()
    )


DOCUMENTS = (
    make(
        "air-sv",
        "Luftkvalitet i Göteborg",
        "sv",
        "Mätningar av kvävedioxid. Varje timme mäts luften vid stationerna.",
        doi="10.5878/abc-123",
        names=("Naturvårdsverket",),
    ),
    make(
        "air-en",
        "Air quality",
        "en",
        "Hourly measurements of nitrogen dioxide.",
        format_iri=JSON,
        year="2021",
    ),
    make(
        "homes",
        "Homes and buildings",
        "en",
        "A register of every building and home in the city.",
        year="2021",
    ),
    make("forest", "Skogar i Småland", "sv", "Inventering av skogsbruk för varje kommun."),
    make(
        "lung",
        "Chest radiographs",
        "en",
        "Images of lungs.",
        keywords=("SXS:BBH:0002",),
        names=("Home Affairs",),
    ),
    make("paper", "Replication files", "en", "Data for the paper 10.1000/Cited.Paper by the authors."),
)


def fill(engine, encoder, documents):
    with engine.write() as writer:
        writer.upsert(documents, encoder.encode_passages([doc.embedding_text for doc in documents]))


def delete_then_fail(writer):
    writer.delete([document.id for document in DOCUMENTS])
    writer.upsert(DOCUMENTS, np.zeros((1, 64), dtype=np.float32))


def ids(result):
    return [hit.id for hit in result.hits]


def ask(engine, text="", **more):
    return engine.search(SearchQuery(text=text, **more))


def test_search_without_an_index_says_what_to_do(open_engine):
    with pytest.raises(Unavailable, match="rebuild"):
        ask(open_engine())
    assert open_engine().count() == 0
    assert list(open_engine().revisions()) == []


def test_empty_index_says_so(open_engine):
    with open_engine().write():
        pass
    result = ask(open_engine(), "air")
    assert (result.hits, result.total, result.notices) == ((), 0, ("index-empty",))


@pytest.mark.parametrize(
    "text",
    [":", "/", '"', "(", "*", "_", "SXS:BBH:0002", 'a "b', "title:", "-", "- -", "foo:bar:baz", "/regex/", "a AND (",
     "[1 TO", "~2", "\\", "10.5878/", "urn:nbn:se:x", "😀", "\x00", "'; DROP", "a" * 10_000, "a b " * 2_500],
)  # fmt: skip
def test_any_text_is_legal(engine, text):
    result = ask(engine, text)
    assert result.total <= len(DOCUMENTS)


@pytest.mark.parametrize(
    "text",
    ["10.5878/ABC-123", "doi:10.5878/abc-123", "https://doi.org/10.5878/abc-123", "see 10.5878/abc-123."],
)
def test_doi_in_any_form_is_first_and_explained(engine, text):
    result = ask(engine, text)
    assert ids(result)[0] == "air-sv"
    assert result.hits[0].because.exact == "doi"


def test_unknown_doi_finds_nothing_rather_than_its_pieces(engine):
    result = ask(engine, "10.5878/other")
    assert (ids(result), result.total, result.no_good_match) == ([], 0, True)


def test_doi_in_a_description_is_found(engine):
    assert ids(ask(engine, "doi:10.1000/cited.paper")) == ["paper"]


def test_exact_title_is_first(engine):
    result = ask(engine, "air QUALITY")
    assert ids(result)[0] == "air-en"
    assert result.hits[0].because.exact == "title"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("home", "homes"), ("building", "homes"), ("skog", "forest"), ("luft", "air-sv"), ("goteborg", "air-sv"),
     ("kvalitet", "air-sv"), ("Naturvårdsverket", "air-sv"), ("home affairs", "lung"), ("SXS:BBH:0002", "lung"),
     ("mätning av luft", "air-sv")],
)  # fmt: skip
def test_word_forms_parts_accents_and_names_are_found_by_words(open_engine, engine, text, wanted):
    by_words = open_engine(None)
    assert wanted in ids(ask(by_words, text))


def test_stop_words_do_not_decide(open_engine, engine):
    assert ids(ask(open_engine(None), "the forest of a home and the building")) == ["homes"]


def test_question_in_another_language_finds_by_meaning_and_leaves_totals_alone(engine):
    result = ask(engine, "bilder")
    assert ids(result)[0] == "lung"
    assert result.hits[0].because.is_by_meaning
    assert (result.total, result.related, result.no_good_match) == (0, 1, False)
    assert all(values == () for values in result.facets.values())


def test_nonsense_is_called_so(engine):
    result = ask(engine, "flumpish gronkwibble")
    assert result.no_good_match
    assert result.total == 0


def test_because_shows_the_words_as_the_record_writes_them(engine):
    hit = ask(engine, "luft mätning").hits[0]
    assert hit.id == "air-sv"
    assert hit.because.terms == ("Luftkvalitet", "Mätningar", "luften")
    assert ("Luftkvalitet", True) in hit.highlights["title"]
    assert hit.because.lexical_rank == 1


def test_phrase_must_be_there(open_engine, engine):
    assert ids(ask(open_engine(None), '"every building"')) == ["homes"]
    assert ids(ask(open_engine(None), '"building every"')) == []


def test_minus_leaves_out_in_both_legs(engine):
    assert "air-en" not in ids(ask(engine, "air -nitrogen"))


def test_known_field_narrows(engine):
    assert ids(ask(engine, 'publisher:"home affairs"')) == ["lung"]
    assert set(ids(ask(engine, "format:json"))) == {"air-en"}
    assert set(ids(ask(engine, "year:2021..2022"))) == {"air-en", "homes"}


def test_filter_holds_for_both_legs(engine):
    result = ask(engine, "air", filters={"format": (JSON,)})
    assert ids(result) == ["air-en"]


def test_facet_does_not_count_its_own_filter(engine):
    result = ask(engine, filters={"format": (JSON,), "year": ("2021",)})
    assert dict(result.facets["format"]) == {JSON: 1, CSV: 1}
    assert dict(result.facets["year"]) == {"2021": 1}
    assert dict(result.facets["source"]) == {"test": 1}
    assert result.total == 1


def test_empty_text_lists_all_newest_first(engine):
    result = ask(engine)
    assert result.total == len(DOCUMENTS)
    assert set(ids(result)[:2]) == {"air-en", "homes"}


def test_sort_by_title(engine):
    titles = {document.id: document.sort_title for document in DOCUMENTS}
    found = [titles[key] for key in ids(ask(engine, sort="title"))]
    assert found == sorted(titles.values())


def test_pages_hold_every_hit_once(open_engine, encoder):
    engine = open_engine(encoder)
    documents = [make(f"d{i:03}", f"Forest plot {i}", "en", "Trees " * (i % 7 + 1)) for i in range(250)]
    fill(engine, encoder, documents)
    result = ask(engine, "forest trees", limit=30)
    seen = [
        key for start in range(0, 270, 30) for key in ids(ask(engine, "forest trees", offset=start, limit=30))
    ]
    assert result.total == 250
    assert sorted(seen) == sorted(document.id for document in documents)


def test_upsert_replaces_and_delete_removes(engine, encoder, open_engine):
    fill(engine, encoder, [make("homes", "Lighthouses", "en", revision=2)])
    with engine.write() as writer:
        writer.delete(["forest", "unknown"])
    other = open_engine(encoder)
    assert other.count() == len(DOCUMENTS) - 1
    assert dict(other.revisions())["homes"] == 2
    assert ids(ask(other, "lighthouse"))[0] == "homes"
    assert ask(other, "buildings").total == 0


def test_error_in_a_write_changes_nothing(engine):
    with pytest.raises(ValueError, match="vectors"), engine.write() as writer:
        delete_then_fail(writer)
    assert engine.count() == len(DOCUMENTS)


def test_reader_opened_before_sees_commit_and_rebuild(engine, open_engine, encoder):
    reader = open_engine(encoder)
    assert reader.count() == len(DOCUMENTS)
    fill(engine, encoder, [make("new", "Museums", "en")])
    assert reader.count() == len(DOCUMENTS) + 1
    with engine.rebuild() as writer:
        writer.upsert(DOCUMENTS[:2], encoder.encode_passages([doc.embedding_text for doc in DOCUMENTS[:2]]))
        assert reader.count() == len(DOCUMENTS) + 1
    assert reader.count() == 2


def test_failed_rebuild_leaves_the_live_index(engine):
    with pytest.raises(ValueError, match="vectors"), engine.rebuild() as writer:
        delete_then_fail(writer)
    assert engine.count() == len(DOCUMENTS)


def test_generation_before_the_rebuild_is_kept_and_can_come_back(engine, open_engine, encoder):
    with pytest.raises(NotFound):
        engine.swap_back()
    before = engine.status().live
    with engine.rebuild() as writer:
        writer.upsert(DOCUMENTS[:2], None)
    assert engine.status().previous == before
    other = open_engine(encoder)
    other.swap_back()
    assert (engine.count(), engine.status().live) == (len(DOCUMENTS), before)
    assert ids(ask(engine, "lighthouse buildings"))[0] == "homes"
    engine.swap_back()
    assert engine.count() == 2


def test_other_fields_are_a_rebuild_without_a_blank_window(engine, open_engine, encoder, monkeypatch):
    readers = [open_engine(encoder), open_engine(encoder)]
    assert ids(ask(readers[0], "lighthouse buildings"))[0] == "homes"
    monkeypatch.setattr(index_meta, "SCHEMA_VERSION", index_meta.SCHEMA_VERSION + 1)
    with pytest.raises(Unavailable, match="rebuild"):
        ask(open_engine(encoder), "buildings")
    with engine.rebuild() as writer:
        writer.upsert([make("new", "New buildings", "en")], None)
    assert ids(ask(engine, "buildings")) == ["new"]
    monkeypatch.undo()  # workers of the version before go on, with the generation that they can read
    for reader in readers:
        assert ids(ask(reader, "buildings"))[0] == "homes"
    engine.swap_back()
    assert readers[0].status().live == readers[1].status().live
    assert ids(ask(readers[1], "buildings"))[0] == "homes"


def test_writer_reads_back_what_it_has_committed(engine, encoder):
    with engine.rebuild() as writer:
        writer.upsert(DOCUMENTS[:2], encoder.encode_passages(["air", "air"]))
        writer.upsert([make("words", "Words only", "en", revision=7)], None)
        writer.commit()
        assert writer.count() == 3
        assert writer.read_back(["air-en", "words", "unknown"]) == {"air-en": (1, True), "words": (7, False)}
        assert not writer.refused


def test_second_writer_waits_then_is_refused(engine, open_engine):
    with engine.write(), pytest.raises(Conflict), open_engine().write():
        pass


def test_vectors_of_another_model_are_refused_and_not_compared(engine, open_engine):
    other = open_engine(ConceptEncoder("concepts-2"))
    with pytest.raises(Conflict, match="model"), other.write():
        pass
    assert "vectors-of-another-model" in ask(other, "air").notices


def test_index_without_vectors_answers_by_words_and_says_so(open_engine, encoder):
    with open_engine(None).write() as writer:
        writer.upsert(DOCUMENTS, None)
    assert "encoder-unavailable" in ask(open_engine(None), "air").notices
    result = ask(open_engine(encoder), "air")
    assert "vectors-missing" in result.notices
    assert ids(result)[0] == "air-en"
    assert set(open_engine(None).missing_vectors()) == {document.id for document in DOCUMENTS}


def test_vectors_may_come_later(open_engine, encoder):
    with open_engine(None).write() as writer:
        writer.upsert(DOCUMENTS, None)
    engine = open_engine(encoder)
    fill(engine, encoder, DOCUMENTS[:5])
    assert list(engine.missing_vectors()) == ["paper"]
    assert "lung" in ids(ask(engine, "röntgenbilder lungor"))


def test_similar_finds_by_meaning_without_itself(engine):
    assert "air-sv" not in [hit.id for hit in engine.similar("air-sv", 3)]
    assert [hit.id for hit in engine.similar("lung", 1, {"format": (JSON,)})] == ["air-en"]
    with pytest.raises(NotFound):
        engine.similar("nobody")


def place(key, title, *, bbox=None, size=None, iri="", year="2020", places=()):
    record = Record(
        title=(Text(title, "en"),),
        issued=year,
        spatial=places or ((Place(iri=iri, bbox=bbox),) if bbox or iri else ()),
        distributions=(Distribution(byte_size=size), Distribution(byte_size=size)),
    )
    return build_document(key, 1, record, source_slugs=("test",))


PLACED = (
    place("lund", "Lund streets", bbox=(13.1, 55.6, 13.3, 55.8), size=500, year="2018"),
    place("kiruna", "Kiruna snow", bbox=(20.0, 67.7, 20.5, 68.0), size=5_000_000, year="2020"),
    place("fiji", "Fiji reefs", bbox=(176.0, -20.0, -178.0, -15.0), size=10**13, year="2022"),
    place("norway", "Norway roads", iri="http://publications.europa.eu/resource/authority/country/NOR"),
    place("two", "Two towns", places=(Place(bbox=(2.0, 48.0, 3.0, 49.0)), Place(bbox=(30.0, 59.0, 31.0, 60.0)))),
    place("nowhere", "Nowhere known"),
)  # fmt: skip


@pytest.fixture
def placed(open_engine, encoder):
    engine = open_engine(encoder)
    fill(engine, encoder, PLACED)
    return engine


def found(engine, **asked):
    return {hit.id for hit in engine.search(SearchQuery(limit=50, **asked)).hits}


@pytest.mark.parametrize(
    ("box", "wanted"),
    [
        ((13.2, 55.7, 13.2, 55.7), {"lund"}),
        ((10.0, 55.0, 25.0, 70.0), {"lund", "kiruna", "norway"}),
        ((-180.0, -18.0, -179.0, -17.0), {"fiji"}),  # its other half
        ((170.0, -30.0, -170.0, 0.0), {"fiji"}),  # a box over the 180th meridian itself
        ((10.0, 50.0, 11.0, 51.0), set()),  # between the two towns
        ((2.5, 48.5, 2.6, 48.6), {"two"}),
        ((-180.0, -90.0, 180.0, 90.0), {"lund", "kiruna", "fiji", "norway", "two"}),
    ],
)
def test_box_finds_what_touches_it(placed, box, wanted):
    assert found(placed, box=box) == wanted
    assert placed.search(SearchQuery(box=box)).total == len(wanted)


def test_ranges_of_years_and_sizes_hold_their_ends(placed):
    assert found(placed, years=(2018, 2020)) == {"lund", "kiruna", "norway", "two", "nowhere"}
    assert found(placed, years=(2021, None)) == {"fiji"}
    assert found(placed, years=(None, 2018)) == {"lund"}
    assert found(placed, years=(2020, 2018)) == set()
    assert found(placed, size_bytes=(1000, 10_000_000)) == {"lund", "kiruna"}
    assert found(placed, size_bytes=(10_000_001, None)) == {"fiji"}
    assert found(placed, size_bytes=(None, 999)) == set()


def test_ranges_hold_for_meaning_too(engine):
    assert "forest" not in found(engine, text="trees", years=(2021, None))
    assert "forest" in found(engine, text="trees", years=(2020, None))


def test_among_leaves_out_all_others(engine):
    assert found(engine, text="luftkvalitet", among=("air-en", "forest")) == {"air-en"}
    assert found(engine, among=("air-en", "gone")) == {"air-en"}


def test_meaning_says_from_where_on_it_is_good(engine):
    assert engine.search(SearchQuery(text="trees")).good_similarity == pytest.approx(0.45)


def test_walk_yields_the_counted_set_in_order(open_engine, encoder):
    engine = open_engine(encoder)
    fill(engine, encoder, [make(f"d{n:03}", f"Road {n:03}", "en", year=str(1975 + n)) for n in range(120)])
    ids = [f"d{n:03}" for n in range(120)]
    assert list(engine.walk(SearchQuery(text="road", sort="title", limit=1, offset=50))) == ids
    assert list(engine.walk(SearchQuery())) == ids[::-1]
    assert sorted(engine.walk(SearchQuery(text="road"))) == ids
    assert list(engine.walk(SearchQuery(text="road 007 nonsense", years=(1982, 1982)))) == ["d007"]
    assert list(engine.walk(SearchQuery(text="nonsense"))) == []


def test_walk_leaves_out_what_only_meaning_finds(engine):
    assert list(engine.walk(SearchQuery(text="luftkvalitet"))) == ["air-sv"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("luf", ["air-sv"]),
        ("Luftkvalit", ["air-sv"]),
        ("luftkvalitet i gote", ["air-sv"]),  # without its accent
        ("skogar i sm", ["forest"]),
        ("i goteb", ["air-sv"]),
        ("homes and", ["homes"]),
        ("xyz", []),
        ("lu", []),
        ("", []),
        ("***", []),
        ("a" * 5000, []),
    ],
)
def test_complete_goes_on_with_the_titles_there_are(engine, text, wanted):
    assert [completion.id for completion in engine.complete(text)] == wanted


def test_complete_says_a_title_once_and_those_that_begin_so_first(open_engine, encoder):
    engine = open_engine(encoder)
    titles = ["The lakes of Sweden", "Lakes and rivers", "Lakes and rivers", "Mountains"]
    fill(engine, encoder, [make(f"d{n}", title, "en") for n, title in enumerate(titles)])
    answer = [completion.title for completion in engine.complete("lake")]
    assert answer == ["Lakes and rivers", "The lakes of Sweden"]
    assert len(engine.complete("lake", limit=1)) == 1


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("luftkvaliet", "luftkvalitet"),
        ("Luftkvailtet i Göteborg", "luftkvalitet i Göteborg"),
        ("radiographsx images", "radiographs images"),
        ("naturvårdsvreket", "naturvårdsverket"),
        ("luftkvalitet", ""),
        ("building", ""),  # another form of a word that is there
        ("xyzzyqwert", ""),
        ("10.5878/abc-124", ""),
        ("", ""),
        ("a" * 5000, ""),
    ],
)
def test_correct_puts_right_what_no_dataset_has(engine, text, wanted):
    assert engine.correct(text) == wanted
