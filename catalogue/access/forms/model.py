"""A form that has been checked: sections, questions, texts, conditions. schema.py makes them, others read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

LANGUAGES: Final = ("sv", "en")
Text = Mapping[str, str]
Viewer = Literal["applicant", "committee", "reviewer"]


@dataclass(frozen=True, slots=True)
class Condition:
    """When a question is asked. `kind`: equals, in, contains, answered; all, any, not over `parts`."""

    kind: str
    question: str = ""
    values: tuple[Any, ...] = ()
    parts: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `schema` is without references. A group (a repeated list of objects) has children."""

    id: str
    schema: Mapping[str, Any]
    label: Text
    widget: str
    help: Text = field(default_factory=dict)
    options: tuple[tuple[str, Text], ...] = ()
    show_if: Condition | None = None
    is_required: bool = False
    is_per_dataset: bool = False
    is_private: bool = False
    is_personal: bool = False
    accept: tuple[str, ...] = ()
    children: tuple[Question, ...] = ()

    @property
    def is_group(self) -> bool:
        """Whether answers are entries with questions of their own."""
        return bool(self.children)

    @property
    def is_file(self) -> bool:
        """Whether answers are SHA-256 of attachments."""
        return self.widget in {"file", "files"}

    def is_seen_by(self, viewer: Viewer) -> bool:
        """Whether a viewer may see question and answer. A private one is not for outside reviewers."""
        return viewer != "reviewer" or not self.is_private


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the form with a heading."""

    id: str
    title: Text
    help: Text
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """A version of a form. `schema` and `ui` are what was published."""

    title: Text
    intro: Text
    sections: tuple[Section, ...]
    schema: Mapping[str, Any] = field(repr=False, default_factory=dict)
    ui: Mapping[str, Any] = field(repr=False, default_factory=dict)

    @property
    def questions(self) -> tuple[Question, ...]:
        """All questions but those inside groups, in the order they are asked."""
        return tuple(question for section in self.sections for question in section.questions)

    def scope(self, *, is_per_dataset: bool) -> Iterator[Question]:
        """Return the questions asked once, or those asked for each dataset."""
        return (one for one in self.questions if one.is_per_dataset is is_per_dataset)


def say(text: Text, language: str) -> str:
    """Return a text in a language, else in English, else in any that there is."""
    return text.get(language) or text.get("en") or next((words for words in text.values() if words), "")
