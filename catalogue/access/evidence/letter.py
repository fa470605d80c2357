"""A decision letter as PDF, in the reader's words. Pure; reportlab is imported when a letter is made.

The same facts give the same bytes: no time of making, no random ids.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape


@dataclass(frozen=True, slots=True)
class LetterText:
    """What a letter says, all of it in one language already."""

    title: str
    site: str
    committee: str
    lang: str
    facts: Sequence[tuple[str, str]]
    paragraphs: Sequence[tuple[str, str]]  # heading, words
    footer: str


def draw_letter(text: LetterText) -> bytes:
    """Return the letter as PDF 1.4, A4, with a title and a language for screen readers."""
    from reportlab.lib.colors import HexColor
    from reportlab.lib.enums import TA_LEFT
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.lib.units import mm
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

    # Fonts that come with reportlab and are embedded, so that letters look the same everywhere.
    for name, file in (("Vera", "Vera.ttf"), ("Vera-Bold", "VeraBd.ttf")):
        if name not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(name, file))
    plain = ParagraphStyle("plain", fontName="Vera", fontSize=9.5, leading=14, alignment=TA_LEFT)
    small = ParagraphStyle("small", parent=plain, fontSize=7.5, leading=10, textColor=HexColor("#555555"))
    heading = ParagraphStyle("heading", parent=plain, fontName="Vera-Bold", spaceBefore=10, spaceAfter=3)
    title = ParagraphStyle("title", parent=heading, fontSize=15, leading=20, spaceAfter=8)
    rows = [[Paragraph(_words(name), small), Paragraph(_words(value), plain)] for name, value in text.facts]
    table = Table(rows, colWidths=[45 * mm, 115 * mm], hAlign="LEFT")
    table.setStyle(
        TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("LINEBELOW", (0, 0), (-1, -1), 0.25, "#bbbbbb")])
    )
    story = [
        Paragraph(_words(f"{text.site} · {text.committee}"), small),
        Spacer(1, 6 * mm),
        Paragraph(_words(text.title), title),
        table,
    ]
    for name, words in text.paragraphs:
        story.append(Paragraph(_words(name), heading))
        story += [Paragraph(_words(part), plain) for part in words.splitlines() if part.strip()]
    story += [Spacer(1, 8 * mm), Paragraph(_words(text.footer), small)]
    pdf = io.BytesIO()
    document = SimpleDocTemplate(
        pdf,
        pagesize=A4,
        leftMargin=25 * mm,
        rightMargin=25 * mm,
        topMargin=22 * mm,
        bottomMargin=22 * mm,
        title=text.title,
        author=text.committee,
        lang=text.lang,
        invariant=1,
    )
    document.build(story)
    return pdf.getvalue()


def _words(text: str) -> str:
    """Return words as reportlab's markup; a sign that the font lacks shows as a box, and never breaks it."""
    return escape("".join(sign for sign in text if sign in "\n\t" or sign.isprintable()))
