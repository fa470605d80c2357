"""Answers as people read them: labels of choices, yes and no, days, lists."""

from __future__ import annotations

from typing import Any, Final

from catalogue.access.forms.conditions import is_answered
from catalogue.access.forms.model import Question, say
from catalogue.access.forms.sealing import is_sealed

_YES_NO: Final = {"sv": ("Ja", "Nej"), "en": ("Yes", "No")}


def word_answer(question: Question, value: Any, language: str) -> str:
    """Return an answer in words, "" where there is none or it was erased."""
    if not is_answered(value) or is_sealed(value):
        return ""
    if isinstance(value, bool):
        return _YES_NO.get(language, _YES_NO["en"])[0 if value else 1]
    if isinstance(value, list):
        if question.is_group:
            return "; ".join(_word_entry(question, entry, language) for entry in value)
        return "\n".join(word_answer(question, item, language) for item in value)
    for option, label in question.options:
        if option == value:
            return say(label, language)
    return value if isinstance(value, str) else str(value)


def _word_entry(group: Question, entry: Any, language: str) -> str:
    own = entry if isinstance(entry, dict) else {}
    words = (word_answer(child, own.get(child.id), language) for child in group.children)
    return ", ".join(word for word in words if word)
