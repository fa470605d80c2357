"""The DCAT feed as a harvester sees it."""

import pyoxigraph as ox

from harvesters.samples.dcat_feed import dataset_iri

DCAT = "http://www.w3.org/ns/dcat#"
DCTERMS = "http://purl.org/dc/terms/"
FOAF = "http://xmlns.com/foaf/0.1/"
HYDRA = "http://www.w3.org/ns/hydra/core#"
RDF_TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
FEED = "/dataportal/catalog.rdf"


def read_graph(client, **params):
    answer = client.ask(FEED, **params)
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("application/rdf+xml")
    return ox.Dataset(ox.parse(answer.data, ox.RdfFormat.RDF_XML))


def objects(graph, subject, predicate):
    return [q.object for q in graph.quads_for_subject(subject) if q.predicate.value == predicate]


def subjects(graph, type_iri):
    return [q.subject for q in graph.quads_for_object(ox.NamedNode(type_iri)) if q.predicate == RDF_TYPE]


def walk(client):
    """Yield each page's graph, following hydra:next."""
    graph = read_graph(client)
    while True:
        yield graph
        [view] = subjects(graph, f"{HYDRA}PartialCollectionView")
        following = objects(graph, view, f"{HYDRA}next")
        if not following:
            return
        assert following[0].value.startswith(client.server.dcat_url)
        graph = read_graph(client, page=following[0].value.rsplit("=", 1)[1])


def test_paging_ends_with_the_total_it_promised(client):
    pages = list(walk(client))
    seen = [dataset.value for page in pages for dataset in subjects(page, f"{DCAT}Dataset")]
    records = client.server.records.list_all("dataportal")
    assert len(pages) == -(-len(records) // 25)
    assert sorted(seen) == sorted(dataset_iri(record) for record in records)
    [collection] = subjects(pages[0], f"{HYDRA}Collection")
    [total] = objects(pages[0], collection, f"{HYDRA}totalItems")
    assert int(total.value) == len(records)


def test_every_node_has_what_dcat_ap_se_demands(client):
    demanded = {
        f"{DCAT}Catalog": [f"{DCTERMS}{name}" for name in ("title", "description", "publisher", "license")],
        f"{DCAT}Dataset": [f"{DCTERMS}{name}" for name in ("title", "description", "publisher")],
        f"{DCAT}Distribution": [f"{DCAT}accessURL"],
        f"{FOAF}Agent": [f"{FOAF}name", f"{DCTERMS}type"],
    }
    for page in walk(client):
        for type_iri, properties in demanded.items():
            for node in subjects(page, type_iri):
                assert isinstance(node, ox.NamedNode)
                for name in properties:
                    assert objects(page, node, name), (node, name)


def test_publishers_and_distributions_are_on_the_page_that_names_them(client):
    for page in walk(client):
        agents, distributions = subjects(page, f"{FOAF}Agent"), subjects(page, f"{DCAT}Distribution")
        for dataset in subjects(page, f"{DCAT}Dataset"):
            assert set(objects(page, dataset, f"{DCTERMS}publisher")) <= set(agents)
            assert set(objects(page, dataset, f"{DCAT}distribution")) <= set(distributions)


def test_formats_and_licences_are_spelled_in_several_ways(client):
    formats, licenses = set(), set()
    for page in walk(client):
        for node in subjects(page, f"{DCAT}Distribution"):
            formats |= {type(value).__name__ for value in objects(page, node, f"{DCTERMS}format")}
            licenses |= {value.value for value in objects(page, node, f"{DCTERMS}license")}
    assert formats == {"NamedNode", "Literal"}
    assert {url.split(":")[0] for url in licenses if "creativecommons.org" in url} == {"http", "https"}


def test_removed_record_is_gone_and_the_rest_stays(client):
    first = client.server.records.list_all("dataportal")[0]
    client.server.records.remove(first.id)
    seen = [dataset.value for page in walk(client) for dataset in subjects(page, f"{DCAT}Dataset")]
    assert dataset_iri(first) not in seen
    assert len(seen) == len(client.server.records.list_all("dataportal"))


def test_page_past_the_end_is_404(client):
    assert client.ask(FEED, page=99).status == 404
    assert client.ask(FEED, page="x").status == 404
