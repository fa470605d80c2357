import pytest

from catalogue.matching.addresses import fold_address, fold_host


@pytest.mark.parametrize(
    "address",
    [
        "https://data.example.org/dataset/badplatser",
        "http://www.data.example.org/dataset/badplatser/",
        "HTTPS://DATA.example.org:443/dataset/Badplatser#overview",
        "https://data.example.org/dataset/badplatser/index.html",
        "https://data.example.org/dataset/badplatser;jsessionid=12AB?utm_source=x&lang=sv",
        " https://data.example.org/dataset/badpl%61tser ",
    ],
)
def test_spellings_of_one_address(address):
    assert fold_address(address) == "data.example.org/dataset/badplatser"


def test_parameters_count_in_any_order():
    assert fold_address("https://a.example/get?id=2&x=1") == fold_address("https://a.example/get?x=1&id=2")
    assert fold_address("https://a.example/get?id=2") != fold_address("https://a.example/get?id=3")


def test_route_of_a_single_page_site_counts():
    assert fold_address("https://a.example/#!/dataset/1") != fold_address("https://a.example/#!/dataset/2")


@pytest.mark.parametrize(
    "address",
    [
        "https://www.example.org/",
        "https://example.org/#top",
        "mailto:a@b.example",
        "",
        "TODO",
        "http://[::1",
        "https://a.example:port/x",
    ],
)
def test_what_names_no_page(address):
    assert fold_address(address) == ""


def test_host():
    assert fold_host("https://www.Example.org/x") == "example.org"
    assert fold_host("http://[") == ""
