import copy

import pytest

from ontology.namespaces import DCAT, DCT, FILE_TYPE, PREFIXES, curie, expand


def test_namespace_attribute_is_the_full_iri_even_for_names_of_str_methods():
    assert DCT.title == "http://purl.org/dc/terms/title"
    assert DCT.format == "http://purl.org/dc/terms/format"


def test_namespace_item_and_call_take_names_that_are_no_identifiers():
    assert FILE_TYPE["7Z"] == FILE_TYPE("7Z") == str(FILE_TYPE) + "7Z"


def test_namespace_contains_says_whether_an_iri_is_in_it():
    assert DCT.title in DCT
    assert DCAT.Dataset not in DCT


def test_namespace_is_constant_and_can_be_copied():
    assert str(copy.deepcopy(DCT)) == str(DCT)
    with pytest.raises(AttributeError):
        DCT.title = "x"


def test_curie_and_expand_are_inverse():
    for namespace in PREFIXES.values():
        iri = f"{namespace}name"
        assert expand(curie(iri)) == iri


def test_curie_leaves_what_has_no_prefix_or_a_path_in_its_name():
    assert curie("http://example.org/a") == "http://example.org/a"
    assert curie(DCT("a/b")) == DCT("a/b")


def test_expand_leaves_iris_and_unknown_prefixes():
    assert expand("http://example.org/a") == "http://example.org/a"
    assert expand("nobody:a") == "nobody:a"
