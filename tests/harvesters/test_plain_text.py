import pytest

from harvesters.plain_text import remove_markup


@pytest.mark.parametrize(
    "plain",
    [
        "# Heading\n\n* one\n* **two**\n\n> quoted, [link](https://example.org) and `a < b && c`",
        "x < y and y > z", "see <https://example.org>", "List<String>", "R&D; AT&T", "https://x.org/?a=1&lt=2&copy=3", "",
    ],
)  # fmt: skip
def test_remove_markup_leaves_markdown_and_plain_words(plain):
    assert remove_markup(plain) == plain


@pytest.mark.parametrize(
    ("html", "plain"),
    [
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("One<br/>two<BR>three", "One\ntwo\nthree"),
        ("<ul><li>a</li><li>b</li></ul>", "- a\n- b"),
        ('see <a href="https://x.org/" class="c">this</a>.', "see [this](https://x.org/)."),
        ('<a name="x">this</a>', "this"),
        ('<a href="javascript:alert(1)">this</a>', "this"),
        ("Forsk &amp; utveckling &#229;r 2020&nbsp;&ndash; &lt;5", "Forsk & utveckling år 2020\xa0– <5"),
        ("&lt;p&gt;escaped&lt;/p&gt;", "escaped"),
        ("&amp;lt;b&amp;gt;twice&amp;lt;/b&amp;gt;", "twice"),
        ("a<script>alert('x')</script>b<style>p{}</style>c<!-- d -->e", "abce"),
        ("<b>bold</b> and <sub>2</sub>", "bold and 2"),
    ],
)
def test_remove_markup_makes_html_plain(html, plain):
    assert remove_markup(html) == plain
    assert remove_markup(plain) == plain


@pytest.mark.parametrize(
    "hostile", ["<script" * 50_000, "<!--" * 50_000, "&amp;" * 50_000, "<p " * 50_000, "<a>" * 50_000]
)
def test_remove_markup_of_hostile_text_ends(hostile):
    assert len(remove_markup(hostile)) <= len(hostile)
