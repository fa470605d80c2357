"""HTML in titles and descriptions to plain text; Markdown is left as it is.

Publishers put HTML into fields meant for text, often escaped once or twice. This is no HTML parser and
no sanitiser: what comes out is text, and pages must still escape it.
"""

from __future__ import annotations

import re
from html import unescape

_BLOCK_TAGS = frozenset(
    [
        "p",
        "div",
        "br",
        "ul",
        "ol",
        "table",
        "tr",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "section",
        "article",
        "blockquote",
        "pre",
        "hr",
        "dl",
        "dt",
        "dd",
    ]
)
_OTHER_TAGS = frozenset(
    [
        "a",
        "abbr",
        "b",
        "big",
        "body",
        "caption",
        "center",
        "cite",
        "code",
        "del",
        "em",
        "font",
        "head",
        "html",
        "i",
        "img",
        "ins",
        "kbd",
        "li",
        "link",
        "mark",
        "meta",
        "q",
        "s",
        "small",
        "span",
        "strike",
        "strong",
        "style",
        "script",
        "sub",
        "sup",
        "tbody",
        "td",
        "th",
        "thead",
        "title",
        "tt",
        "u",
        "var",
    ]
)
_MARKUP = re.compile(
    r"<!--|-->|</?(?P<tag>[A-Za-z][A-Za-z0-9]*)(?:\s[^<>]*|/)?>|&(?:amp;)*(?P<entity>#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});"
)
_HREF = re.compile(r"\shref\s*=\s*[\"']?(https?://[^\s\"'<>]+)", re.IGNORECASE)
_SPACE_IN_LINE = re.compile(r"[^\S\n]+")
_SPACE_AROUND_BREAK = re.compile(r" *\n *")
_MANY_BREAKS = re.compile(r"\n{3,}")


def remove_markup(text: str) -> str:
    """Return the text with HTML tags and character references made plain; Markdown is left alone.

    Only HTML's own tags count, so `<https://...>` and `x < y` stay. Links become Markdown's. Text
    that was escaped more than once is made plain all the way.
    """
    for _ in range(5):
        plain = _remove_markup_once(text)
        if plain == text:
            break
        text = plain
    return text


def _remove_markup_once(text: str) -> str:
    pieces: list[str] = []
    end = 0
    skip_until = ""  # the tag that ends what is not text
    links: list[str] = []
    found_tag = False
    for match in _MARKUP.finditer(text):
        word = match[0]
        tag = (match["tag"] or "").lower()
        if skip_until:
            if word == skip_until or (tag == skip_until and word.startswith("</")):
                skip_until, end = "", match.end()
            continue
        if match["entity"]:
            replacement = unescape(f"&{match['entity']};")
        elif word == "<!--" or (tag in {"script", "style"} and not word.startswith("</")):
            replacement, skip_until = "", "-->" if word == "<!--" else tag
        elif tag in _BLOCK_TAGS or tag in _OTHER_TAGS:
            replacement = _tag_to_text(word, tag, links)
        else:
            continue
        found_tag = found_tag or bool(tag)
        pieces += (text[end : match.start()], replacement)
        end = match.end()
    if not pieces:
        return text
    if not skip_until:
        pieces.append(text[end:])
    plain = "".join(pieces)
    return _tidy_lines(plain) if found_tag else plain


def _tag_to_text(word: str, tag: str, links: list[str]) -> str:
    is_end = word.startswith("</")
    if tag == "li":
        return "" if is_end else "\n- "
    if tag in _BLOCK_TAGS:
        return "\n\n" if tag == "p" and not is_end else "\n"
    if tag in {"td", "th"}:
        return " "
    if tag == "a" and is_end:
        link = links.pop() if links else ""
        return f"]({link})" if link else ""
    if tag == "a":
        match = _HREF.search(word)
        links.append(match[1] if match else "")
        return "[" if match else ""
    return ""


def _tidy_lines(text: str) -> str:
    return _MANY_BREAKS.sub("\n\n", _SPACE_AROUND_BREAK.sub("\n", _SPACE_IN_LINE.sub(" ", text))).strip()
