"""Descriptions as HTML that is safe: Markdown, HTML or plain text in, paragraphs, lists and links out.

CommonMark 0.31 (https://spec.commonmark.org/0.31.2/) less pictures, raw HTML and indented code, which in
descriptions is nearly always a paragraph. HTML that a source sent is read for its breaks only. Headings
become bold paragraphs: the page's own headings nest.
"""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

from catalogue.portal.links import safe_href, short_address

_TAG = re.compile(
    r"</?(p|br|div|ul|ol|li|a|b|i|em|strong|span|h[1-6]|table|tr|td|sup|sub|script|style)\b[^>]*>",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"https?://[^\s<>\"'“”]+[^\s<>\"'“”.,;:!?)\]]")
_BREAKING = frozenset({"p", "div", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6"})
_SILENT = frozenset({"script", "style"})
LONGEST = 50_000  # characters shown; no description that people wrote is longer

_markdown = MarkdownIt("commonmark", {"html": False, "breaks": True}).disable(
    ["image", "html_block", "html_inline", "code", "reference"]
)


def prose_to_html(text: str) -> SafeString:
    """Return the text as HTML that holds nothing but paragraphs, lists, quotes, emphasis, code and safe links."""
    text = text[:LONGEST].replace("\r\n", "\n")
    if _TAG.search(text):
        text = _html_to_text(text)
    tokens = _markdown.parse(text)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = "p"
            if token.type == "heading_open":
                token.attrSet("class", "prose-heading")
        if token.children:
            token.children = _link_addresses(token.children)
    # The renderer escapes all text; html is off, and every href has passed `safe_href`.
    return mark_safe(str(_markdown.renderer.render(tokens, _markdown.options, {})))  # noqa: S308


def prose_to_plain(text: str, longest: int = 300) -> str:
    """Return the start of the text without any markup, cut at a word."""
    text = text[: longest * 4]
    if _TAG.search(text):
        text = _html_to_text(text)
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"^[ \t]*(?:[-*+]|#+|>)\s+", "", text, flags=re.MULTILINE)
    text = re.sub(r"\*{1,3}|`+|(?<!\w)_{1,2}|_{1,2}(?!\w)", "", text)
    text = " ".join(text.split())
    if len(text) <= longest:
        return text
    return text[:longest].rsplit(" ", 1)[0].rstrip(" ,.;:") + " …"


def _link_addresses(children: list[Token]) -> list[Token]:
    """Return inline tokens with bare addresses linked, and links that lead nowhere safe taken off."""
    out: list[Token] = []
    open_links: list[bool] = []
    for token in children:
        if token.type == "link_open":
            is_kept = bool(safe_href(str(token.attrGet("href") or "")))
            open_links.append(is_kept)
            if is_kept:
                token.attrSet("rel", "nofollow")
                out.append(token)
        elif token.type == "link_close":
            if open_links.pop():
                out.append(token)
        elif token.type == "text" and not open_links:
            out.extend(_split_at_addresses(token.content))
        else:
            out.append(token)
    return out


def _split_at_addresses(text: str) -> list[Token]:
    out: list[Token] = []
    at = 0
    for match in _ADDRESS.finditer(text):
        if not safe_href(match[0]):
            continue
        out.append(_text(text[at : match.start()]))
        link = Token("link_open", "a", 1, attrs={"href": match[0], "rel": "nofollow"})
        out.extend([link, _text(short_address(match[0])), Token("link_close", "a", -1)])
        at = match.end()
    return [*out, _text(text[at:])]


def _text(words: str) -> Token:
    return Token("text", "", 0, content=words)


class _BreakReader(HTMLParser):
    """Keeps the words of HTML and where its paragraphs, items and links are."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        elif tag == "li":
            self.parts.append("\n- ")
        elif tag in {"br", "tr"}:
            self.parts.append("\n")
        elif tag in _BREAKING:
            self.parts.append("\n\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(self._silent - 1, 0)
        elif tag in _BREAKING:
            self.parts.append("\n\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(re.sub(r"[ \t]*\n[ \t]*", " ", data))


def _html_to_text(html: str) -> str:
    reader = _BreakReader()
    reader.feed(html)
    reader.close()
    return unescape(re.sub(r"\n{3,}", "\n\n", "".join(reader.parts))).strip()
