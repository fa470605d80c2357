"""Hypothesis strategies for normalised records, and records written by hand to fill every field."""

from hypothesis import strategies as st

from catalogue.records import (
    Agent,
    Attribution,
    Checksum,
    Contact,
    DataService,
    Distribution,
    Document,
    Identifier,
    Period,
    Place,
    Record,
    Relation,
    Term,
    Text,
)  # fmt: skip

SUBJECT = "https://catalogue.example.org/dataset/1"
AUTHORITY = "http://publications.europa.eu/resource/authority"
THEME = Term(f"{AUTHORITY}/data-theme/EDUC", (Text("Utbildning", "sv"), Text("Education", "en")))
CC_BY = Term("http://creativecommons.org/licenses/by/4.0/")
CSV = Term(f"{AUTHORITY}/file-type/CSV")

FULL_DISTRIBUTION = Distribution(
    iri="https://example.org/distribution/1",
    title=(Text("Tabell", "sv"),),
    description=(Text("One row per library", "en"),),
    access_urls=("https://example.org/access",),
    download_urls=("https://example.org/libraries.csv.gz",),
    format=CSV,
    media_type=Term("http://www.iana.org/assignments/media-types/text/csv"),
    compress_format=Term("http://www.iana.org/assignments/media-types/application/gzip"),
    package_format=Term("http://www.iana.org/assignments/media-types/application/zip"),
    byte_size=147253,
    checksum=Checksum("checksumAlgorithm_sha256", "ab" * 32),
    license=CC_BY,
    rights=(Term(raw="Ask first"),),
    access_rights=Term(f"{AUTHORITY}/access-right/PUBLIC"),
    policy="https://example.org/policy/1",
    availability=Term("http://data.europa.eu/r5r/availability/stable"),
    status=Term(f"{AUTHORITY}/distribution-status/COMPLETED"),
    issued="2024-01-05",
    modified="2024-02-03T04:05:06Z",
    languages=(Term(f"{AUTHORITY}/language/SWE"),),
    conforms_to=(Document("https://example.org/spec", (Text("Spec", "en"),)),),
    documentation=(Document("https://example.org/docs"), Document("", (Text("On paper", "en"),))),
    access_services=(
        DataService(
            iri="https://example.org/service/1",
            title=(Text("API", "en"),),
            description=(Text("Asks for a key", "en"),),
            endpoint_urls=("https://example.org/api",),
            endpoint_descriptions=("https://example.org/api/openapi.json",),
            serves=(SUBJECT,),
            formats=(CSV,),
            conforms_to=(Document("https://spec.openapis.org/oas/v3.1.0"),),
            license=CC_BY,
            access_rights=Term(f"{AUTHORITY}/access-right/RESTRICTED"),
        ),
    ),
    spatial_resolution_m=10.5,
    temporal_resolution="P1D",
    legislation=("http://data.europa.eu/eli/reg_impl/2023/138/oj",),
)

FULL_RECORD = Record(
    iri=SUBJECT,
    title=(Text("Bibliotek i Sverige", "sv"), Text("Libraries in Sweden", "en")),
    description=(Text("Plats och öppettider för alla bibliotek.", "sv"), Text("<p>Where & when</p>", "en-GB")),
    identifiers=(Identifier("10.1234/abc", "doi"), Identifier("lib-1"), Identifier("202100-5521", "orgnr")),
    landing_pages=("https://example.org/libraries",),
    publisher=Agent(
        name=(Text("Exempelmyndigheten", "sv"),),
        iri="https://example.org/agency",
        type=Term("http://purl.org/adms/publishertype/NationalAuthority"),
        identifiers=(Identifier("https://ror.org/048a87296", "ror"),),
        homepage="https://example.org/",
        email="registrator@example.org",
    ),
    creators=(Agent(name=(Text("Ada Exempel"),), is_person=True, affiliation=(Text("Universitetet", "sv"),)),),
    attributions=(
        Attribution(Agent(name=(Text("Ett bibliotek"),)), "dct:contributor"),
        Attribution(Agent(name=(Text("En förvaltare"),)), "http://inspire.ec.europa.eu/role/custodian"),
        Attribution(Agent(name=(Text("En medutgivare"),)), "dct:publisher"),
        Attribution(Agent(name=(Text("En sponsor"),)), "Funder"),
    ),
    contacts=(
        Contact(
            name=(Text("Öppna data"),),
            email="data@example.org",
            phone="+46-8-123",
            url="https://example.org/contact",
        ),
    ),
    keywords=(Text("bibliotek", "sv"), Text("library", "en"), Text("bokbuss")),
    themes=(THEME, Term(raw="Kultur och sånt")),
    subjects=(Term("http://eurovoc.europa.eu/2450"), Term(raw="böcker", label=(Text("böcker", "sv"),))),
    types=(Term(f"{AUTHORITY}/dataset-type/GEOSPATIAL"),),
    access_rights=Term(f"{AUTHORITY}/access-right/PUBLIC"),
    rights=(Term(raw="Cite the source."),),
    license=CC_BY,
    policy="https://example.org/policy/2",
    languages=(Term(f"{AUTHORITY}/language/SWE"),),
    frequency=Term(f"{AUTHORITY}/frequency/ANNUAL"),
    issued="2024",
    modified="2024-05-06",
    version="2.1",
    version_notes=(Text("New columns", "en"),),
    provenance=(Text("Sammanställt av kommunerna", "sv"),),
    spatial=(
        Place("http://publications.europa.eu/resource/authority/country/SWE", (Text("Sverige", "sv"),)),
        Place(label=(Text("Fiji", "en"),), bbox=(177.0, -19.5, -178.0, -16.0)),
        Place(bbox=(10.5, 55.0, 24.25, 69.0), centroid=(17.0, 62.5)),
        Place(geometry="LINESTRING(17 59, 18 60)"),
    ),
    temporal=(Period("2010-01-01", "2012-12-31"), Period("2019"), Period("", "2020-06")),
    spatial_resolution_m=30.0,
    temporal_resolution="P1Y",
    conforms_to=(Document("https://example.org/standard"),),
    documentation=(Document("https://example.org/manual", (Text("Manual", "en"),)),),
    samples=("https://example.org/sample",),
    relations=(
        Relation("dcat:inSeries", "https://example.org/series/1", (Text("The series", "en"),)),
        Relation("dct:isReferencedBy", "https://doi.org/10.1234/paper"),
        Relation("dct:source", "Arkivet, hylla 7"),
        Relation("dcat:qualifiedRelation", "https://example.org/d/2", role="http://www.iana.org/assignments/relation/related"),
    ),
    was_generated_by=("https://example.org/activity/1",),
    legislation=("http://data.europa.eu/eli/reg/2025/327/oj",),
    hvd_categories=(Term("http://data.europa.eu/bna/c_a9135398"),),
    distributions=(FULL_DISTRIBUTION, Distribution(access_urls=("https://example.org/other",))),
)  # fmt: skip

SERIES = Record(
    kind="series",
    iri=SUBJECT,
    title=(Text("Årliga listor", "sv"),),
    description=(Text("En lista om året", "sv"),),
    relations=(Relation("dcat:seriesMember", "https://example.org/d/2020"),),
)

SERVICE = Record(
    kind="service",
    iri=SUBJECT,
    title=(Text("Sök-API", "sv"),),
    description=(Text("Sökning i listorna", "sv"),),
    service=DataService(
        endpoint_urls=("https://example.org/api",),
        endpoint_descriptions=("https://example.org/api.json",),
        serves=("https://example.org/d/2020",),
        formats=(Term(f"{AUTHORITY}/file-type/JSON"),),
    ),
)

words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=20).map(
    str.strip
).filter(lambda text: text and "://" not in text and ":" not in text and not text.lower().startswith("www."))  # fmt: skip
languages = st.sampled_from(["sv", "en", "de-AT", "zh-Hant", "sv-t-en-t0-mtec"])


def make_texts(min_size):
    return st.dictionaries(languages, words, min_size=min_size, max_size=2).map(
        lambda found: tuple(Text(value, lang) for lang, value in found.items())
    )


texts, some_texts = make_texts(0), make_texts(1)
numbers = st.integers(0, 10**6)
addresses = numbers.map(lambda n: f"https://example.org/{n}?q=å&x=%20")


def make_iris(kind):
    """IRIs of one kind are of no other, since what is said of an IRI holds wherever it stands."""
    return numbers.map(lambda n: f"https://example.org/{kind}/{n}")


def make_terms(kind):
    return make_iris(kind).map(Term) | words.map(lambda word: Term(raw=word))


def make_tuples(strategy, max_size=2, min_size=0):
    return st.lists(strategy, min_size=min_size, max_size=max_size).map(
        lambda found: tuple(dict.fromkeys(found))
    )


def give_own_iris(parts):
    """Drop parts that share an IRI with an earlier one."""
    return tuple({part.iri or repr(part): part for part in parts}.values())


dates = st.one_of(
    st.just(""),
    st.integers(1000, 2100).map(str),
    st.dates().map(lambda d: d.isoformat()).filter(lambda d: d >= "1000"),
    st.datetimes().map(lambda d: d.isoformat() + "Z").filter(lambda d: d >= "1000"),
)
agents = st.builds(
    Agent, name=some_texts, type=st.none() | make_terms("agent-type"), homepage=st.just("") | addresses,
    email=st.sampled_from(["", "a.b@example.org"]), is_person=st.booleans(), affiliation=texts,
)  # fmt: skip
contacts = st.builds(
    Contact, name=some_texts, email=st.sampled_from(["", "a@example.org"]), phone=st.sampled_from(["", "+46-70-1"]),
    url=st.just("") | addresses, is_person=st.booleans(),
)  # fmt: skip
longitudes = st.floats(-179, 179).map(lambda x: round(x, 5) + 0.0)
latitudes = st.floats(-89, 89).map(lambda y: round(y, 5) + 0.0)
boxes = st.tuples(longitudes, latitudes, longitudes, latitudes).filter(lambda b: b[0] != b[2] and b[1] < b[3])
places = st.builds(
    Place, label=some_texts, bbox=st.none() | boxes, centroid=st.none() | st.tuples(longitudes, latitudes)
)
periods = st.builds(Period, start=dates, end=dates).filter(lambda period: period.start or period.end)
resolutions = st.none() | st.floats(0, 1e9)
documents = make_iris("document").map(Document) | some_texts.map(lambda label: Document("", label))
relations = st.builds(
    Relation, st.sampled_from(["dct:relation", "dcat:hasVersion", "dcat:inSeries"]), make_iris("d")
)
services = st.builds(
    DataService, title=some_texts, endpoint_urls=make_tuples(addresses, min_size=1), formats=make_tuples(make_terms("format")),
)  # fmt: skip
distributions = st.builds(
    Distribution, iri=st.just("") | make_iris("distribution"), title=texts, description=texts,
    access_urls=make_tuples(addresses, min_size=1), download_urls=make_tuples(addresses),
    format=st.none() | make_terms("format"), byte_size=st.none() | st.integers(0, 10**17),
    checksum=st.none() | st.binary(min_size=1, max_size=8).map(lambda b: Checksum("checksumAlgorithm_md5", b.hex())),
    license=st.none() | make_terms("licence"), rights=make_tuples(make_terms("rights")), issued=dates, modified=dates,
    languages=make_tuples(make_terms("language")), conforms_to=make_tuples(documents), access_services=make_tuples(services),
    spatial_resolution_m=resolutions,
)  # fmt: skip
records = st.builds(
    Record, iri=st.just(SUBJECT), title=some_texts, description=texts,
    identifiers=make_tuples(numbers.map(lambda n: Identifier(f"10.1234/{n}", "doi")) | numbers.map(lambda n: Identifier(f"id {n}"))),
    landing_pages=make_tuples(addresses), publisher=st.none() | agents, creators=make_tuples(agents),
    attributions=make_tuples(st.builds(Attribution, agents, st.sampled_from(["", "dct:contributor", "dct:publisher", "Funder"]))),
    contacts=make_tuples(contacts), keywords=texts, themes=make_tuples(make_terms("theme")),
    license=st.none() | make_terms("licence"), rights=make_tuples(make_terms("rights")), issued=dates, modified=dates,
    version=st.just("") | words, provenance=texts, spatial=make_tuples(places), temporal=make_tuples(periods, 3),
    spatial_resolution_m=resolutions, conforms_to=make_tuples(documents), relations=make_tuples(relations),
    distributions=st.lists(distributions, max_size=2).map(give_own_iris),
)  # fmt: skip
