"""Descriptions as safe HTML."""

import pytest

from catalogue.portal.prose import prose_to_html, prose_to_plain


def test_markdown_becomes_paragraphs_lists_and_links():
    html = prose_to_html("Two **bold** words.\n\n- one\n- two\n\nSee https://data.example/x.")
    assert "<strong>bold</strong>" in html
    assert "<li>one</li>" in html
    assert '<a href="https://data.example/x" rel="nofollow">data.example/x</a>.' in html


def test_headings_become_paragraphs_so_that_the_pages_own_nest():
    assert "<h1" not in prose_to_html("# Method\n\nWords")


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<p onclick='alert(1)'>x</p>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt&#58;alert(1))",
        "[x](data:text/html,<script>1</script>)",
        "<a href='javascript:alert(1)'>x</a>",
        "![x](https://evil.example/track.png)",
        "<img src=x onerror=alert(1)><iframe src='//evil'></iframe>",
        "&lt;p&gt;<b>&lt;script&gt;alert(1)&lt;/script&gt;</b>",
    ],
)
def test_nothing_dangerous_survives(text):
    html = prose_to_html(text).lower()
    for sign in ("<script", "<img", "<iframe", "<p onclick", 'href="javascript', 'href="data'):
        assert sign not in html


def test_html_is_read_for_its_breaks():
    html = prose_to_html("<p>One</p><p>Two<br>Three</p><ul><li>Four</li></ul>")
    assert html.count("<p>") == 2
    assert "<li>Four</li>" in html


def test_plain_text_is_cut_at_a_word_and_without_markup():
    text = prose_to_plain("**Bold** [link](https://x.example) " + "word " * 100, 40)
    assert text.startswith("Bold link word")
    assert text.endswith(" …")
    assert len(text) <= 42
