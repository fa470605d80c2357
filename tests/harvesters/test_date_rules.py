import pytest

from harvesters.date_rules import clean_date, clean_interval


@pytest.mark.parametrize(
    "right", ["2020", "2020-05", "2020-05-31", "2020-05-31T10:20:30Z", "2020-05-31T10:20:30.5+02:00", "-0500"]
)
def test_clean_date_leaves_what_is_right(right):
    assert clean_date(right) == right


@pytest.mark.parametrize(
    ("raw", "date"),
    [
        (" 2020-05-31 ", "2020-05-31"),
        ("2020-05-31T10:20", "2020-05-31T10:20:00"),
        ("2020-05-31 10:20:30", "2020-05-31T10:20:30"),  # no zone stated, none added
        ("2020-05-31T10:20:30.000000", "2020-05-31T10:20:30"),
        ("2020-05-31T10:20:30+0000", "2020-05-31T10:20:30Z"),
        ("2020-05-31T10:20:30+0530", "2020-05-31T10:20:30+05:30"),
        ("2020-05-31T24:00:00", "2020-05-31"),
        ("2020Z", "2020"),
        ("2020-05-31+02:00", "2020-05-31"),
        ("20200531", "2020-05-31"),
        ("2020/05/31", "2020-05-31"),
        ("2020/05", "2020-05"),
        ("31.5.2020", "2020-05-31"),
        ("3.4.2020", "2020-04-03"),
        ("31/05/2020", "2020-05-31"),
        ("05/31/2020", "2020-05-31"),
        ("2020-00-00", "2020"),
        ("2020-05-00", "2020-05"),
        ("May 2020", "2020-05"),
        ("31 May 2020", "2020-05-31"),
        ("May 31, 2020", "2020-05-31"),
        ("31 maj 2020", "2020-05-31"),
        ("Sun, 31 May 2020 10:20:30 GMT", "2020-05-31T10:20:30Z"),
        ("2019/2020", "2019"),
        ('"2020-05-31"^^xsd:date', "2020-05-31"),
        ("1590920430000", "2020-05-31T10:20:30Z"),
    ],
)
def test_clean_date_reads_what_publishers_write(raw, date):
    assert clean_date(raw) == date
    assert clean_date(date) == date


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "unknown",
        "0000",
        "0000-00-00",
        "2020-13-01",
        "2020-02-30",
        "03/04/2020",
        "n/a",
        "/",
        "TODO",
        "20",
        "99999",
    ],
)
def test_clean_date_drops_what_is_no_date_or_ambiguous(raw):
    assert clean_date(raw) == ""


def test_clean_interval_reads_both_ends_and_open_ones():
    assert clean_interval("2019/2020") == ("2019", "2020")
    assert clean_interval("2019-01-01/2020-12-31") == ("2019-01-01", "2020-12-31")
    assert clean_interval("2019/..") == ("2019", "")
    assert clean_interval("/2020") == ("", "2020")


@pytest.mark.parametrize("raw", ["2019", "2019/01/02", "a/b", "/", "2019/soon"])
def test_clean_interval_of_something_else_is_none(raw):
    assert clean_interval(raw) is None
