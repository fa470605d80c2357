"""XML from strangers: what is read, what is refused, and in which words."""

import io

import pytest

from catalogue.errors import InvalidRecord
from harvesters.errors import BadXml
from harvesters.safe_xml import iterparse_xml, parse_xml

BOMB = b"""<?xml version="1.0"?>
<!DOCTYPE r [
 <!ENTITY a "aaaaaaaaaa">
 <!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
]>
<r x="&b;">&b;</r>"""


class LongFeed:
    """A feed of many records, of which only the part being read exists."""

    def __init__(self, count: int) -> None:
        self.chunks = iter([b"<feed>", *[b"<record>x</record><other/>"] * count, b"</feed>"])

    def read(self, _size: int) -> bytes:
        return next(self.chunks, b"")


def test_parse_returns_root_without_comments_and_instructions():
    root = parse_xml('<?xml version="1.0" encoding="UTF-8"?><a>å<!-- x --><?y z?>ö</a>'.encode())
    assert root.text == "åö"
    assert len(root) == 0


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
def test_parse_reads_the_declared_encoding(encoding):
    assert parse_xml(f'<?xml version="1.0" encoding="{encoding}"?><a>ö</a>'.encode(encoding)).text == "ö"


def test_doctype_is_refused_with_its_line():
    with pytest.raises(BadXml, match=r"DOCTYPE.*line 2") as caught:
        parse_xml(BOMB)
    assert caught.value.line == 2


def test_doctype_in_utf16_is_refused():
    with pytest.raises(BadXml, match="DOCTYPE"):
        parse_xml('<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a><a/>'.encode("utf-16"))


def test_entity_of_a_local_file_is_refused(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("secret")
    data = f'<!DOCTYPE a [<!ENTITY s SYSTEM "{secret.as_uri()}">]><a>&s;</a>'.encode()
    with pytest.raises(BadXml, match="DOCTYPE"):
        parse_xml(data)
    with pytest.raises(BadXml, match="DOCTYPE"):
        list(iterparse_xml(io.BytesIO(data), "a"))


def test_nested_entities_do_not_expand():
    grow = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 50}">' for n in range(1, 9))
    data = f'<!DOCTYPE a [<!ENTITY e0 "0123456789">{grow}]><a b="&e8;">&e8;</a>'.encode()
    with pytest.raises(BadXml):
        parse_xml(data)


def test_unknown_entity_is_an_error_with_line_and_column():
    with pytest.raises(BadXml, match=r"nbsp.*line 2, column") as caught:
        parse_xml(b"<a>\n<b>x&nbsp;y</b></a>")
    assert (caught.value.line, caught.value.violations[0].value) == (2, "<b>x&nbsp;y</b></a>")


def test_cut_document_is_an_error():
    with pytest.raises(InvalidRecord, match="line 1"):
        parse_xml(b"<a><b>")


@pytest.mark.parametrize("data", [b"", b"  \n"])
def test_empty_document_is_an_error(data):
    with pytest.raises(BadXml, match="empty"):
        parse_xml(data)


@pytest.mark.parametrize("data", [b"<!doctype html><p>Down<br>", b"\n<HTML><p>Down<br>"])
def test_html_page_is_called_by_its_name(data):
    with pytest.raises(BadXml, match="HTML page"):
        parse_xml(data)


def test_iterparse_yields_each_record_whole():
    stream = io.BytesIO(b'<f xmlns="urn:x"><r><i>1</i></r><n/><r><i>2</i></r></f>')
    assert [r.findtext("{urn:x}i") for r in iterparse_xml(stream, "{urn:x}r")] == ["1", "2"]


def test_iterparse_keeps_an_inner_element_inside_the_outer():
    stream = io.BytesIO(b"<f><r><r>in</r></r></f>")
    assert [[c.text for c in r] for r in iterparse_xml(stream, "{*}r")] == [["in"]]


def test_iterparse_forgets_what_was_read():
    count = 0
    for record in iterparse_xml(LongFeed(5000), "record"):
        count += 1
        assert len(record.getparent()) < 10
    assert count == 5000


def test_iterparse_of_a_cut_stream_yields_then_fails():
    records = iterparse_xml(io.BytesIO(b"<f><r>1</r><r>2"), "r")
    assert next(records).text == "1"
    with pytest.raises(BadXml, match="line 1"):
        next(records)


def test_iterparse_refuses_doctype_without_any_match():
    with pytest.raises(BadXml, match="DOCTYPE"):
        list(iterparse_xml(io.BytesIO(b"<!DOCTYPE f><f/>"), "r"))
