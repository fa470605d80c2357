"""What a kind of work is: which rows wait, how one is told on a card, and what can be decided about it.

Work has no table of its own. A kind names the rows that are open, for whom, and the verbs of the domain
that close them; domain/desk.py does the rest alike for all: queues, counts, assignment, comments.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

from django.db.models import Model, QuerySet
from django.utils.functional import Promise

from catalogue.errors import InvalidRecord, Violation
from catalogue.models import Dataset, SourceRecord
from catalogue.policies import curated_by, roles_of

Label = str | Promise
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Side:
    """One of several values that are compared; `value` is JSON of a record, or words."""

    label: Label
    value: Any
    author: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """Something that can be decided. `asks` names what it needs beside a click: a `value` or a `reason`."""

    name: str
    label: Label
    asks: str = ""
    is_main: bool = False
    is_grave: bool = False  # it ends or removes something


@dataclass(frozen=True, slots=True)
class Card:
    """A piece of work as a person reads it. `address` is (name of an address of the portal, arguments)."""

    title: str
    since: datetime | None
    address: tuple[str, tuple[Any, ...]] | None = None
    path: str = ""  # the field of the record that it is about
    why: Label = ""
    facts: tuple[tuple[Label, Any], ...] = ()
    sides: tuple[Side, ...] = ()
    compared: tuple[tuple[str, tuple[Any, ...]], ...] = ()  # fields with a value for each side
    evidence: tuple[tuple[str, tuple[str, ...]], ...] = ()  # codes that faces have words for, and values
    suggestion: Any = None  # where a decision asks for a value: what to begin with
    seen: str = ""  # what the decision is about, as it was shown: a digest, a revision


@dataclass(frozen=True, slots=True)
class Filters:
    """Which pieces of a kind: of a publisher, of a source (slugs), and whose (`me`, `nobody`, "": all)."""

    publisher: str = ""
    source: str = ""
    whose: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """Pieces that can be decided together: `count` of those `waiting` are sure enough.

    Of `measured` such decisions on a labelled sample `right` were right.
    """

    name: str
    label: Label
    waiting: int
    count: int
    right: int
    measured: int

    @property
    def percent(self) -> int | None:
        """How often such decisions were right; None when none was measured."""
        return round(100 * self.right / self.measured) if self.measured else None


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody decided, with what the decision asked for, and the `seen` of the card they read."""

    decision: str
    by: Any
    reason: str = ""
    value: Any = None
    seen: str = ""


class WorkKind(ABC, Generic[Row]):
    """A kind of work; `name` is in addresses.

    `publisher` and `source` lead from a row to an Agent and a Source, ending in `__`; None where a row
    has no such thing. `since` is the field that tells how long a row has waited.
    """

    name: ClassVar[str]
    label: ClassVar[Label]
    help: ClassVar[Label]
    since: ClassVar[str]
    order: ClassVar[tuple[str, ...]]
    publisher: ClassVar[str | None] = None
    source: ClassVar[str | None] = None

    @abstractmethod
    def rows(self, user: Any) -> QuerySet[Row]:
        """Return the open rows that the user may decide about, without what only cards need."""

    @abstractmethod
    def title(self, row: Row) -> str:
        """Return what a row is called in a list."""

    @abstractmethod
    def card(self, row: Row) -> Card:
        """Return a row as a person reads it; a fixed number of queries."""

    @abstractmethod
    def decisions(self, row: Row, user: Any) -> tuple[Decision, ...]:
        """Return what the user can decide about the row, the commonest first."""

    @abstractmethod
    def decide(self, row: Row, choice: Choice) -> None:
        """Do what was decided. Raises Conflict, InvalidRecord, NotPermitted."""

    def batches(self, user: Any, filters: Filters, above: float) -> tuple[Batch, ...]:
        """Return what can be decided together from a confidence on; most kinds have nothing of that."""
        return ()

    def decide_batch(self, name: str, above: float, filters: Filters, by: Any) -> int:
        """Decide a batch as one act, and return of how many datasets."""
        raise InvalidRecord("Here each piece is decided by itself.", (Violation("batch", "There is none."),))

    def leads_to(self, by: str) -> bool:
        """Whether rows lead to a `publisher` or `source`, as is asked."""
        return (self.publisher if by == "publisher" else self.source) is not None

    def of_publisher(self, rows: QuerySet[Row], slug: str) -> QuerySet[Row]:
        """Return the rows of one publisher."""
        return rows.filter(**{f"{self.publisher}slug": slug}) if self.publisher is not None else rows.none()

    def of_source(self, rows: QuerySet[Row], slug: str) -> QuerySet[Row]:
        """Return the rows of one source."""
        return rows.filter(**{f"{self.source}slug": slug}) if self.source is not None else rows.none()


class DatasetWork(WorkKind[Row]):
    """Work about a dataset, for those who curate it; the rows have a `dataset`."""

    publisher = "dataset__publisher__"
    source = "dataset__source_records__source__"

    def curated(self, rows: QuerySet[Row], user: Any) -> QuerySet[Row]:
        """Return the rows whose dataset the user curates."""
        roles = roles_of(user)
        if roles.is_chief:
            return rows
        if not roles.is_steward:
            return rows.none()
        return rows.filter(dataset__in=Dataset.objects.filter(curated_by(user)).values("pk"))

    def of_source(self, rows: QuerySet[Row], slug: str) -> QuerySet[Row]:
        """Return the rows of datasets that a source describes; each once."""
        described = SourceRecord.objects.filter(source__slug=slug, state=SourceRecord.State.LIVE)
        return rows.filter(dataset__in=described.values("dataset"))


def watches_all_sources(user: Any) -> bool:
    """Whether the health of every source is the user's business, not only that of the own sources."""
    roles = roles_of(user)
    return roles.is_operator or roles.is_chief


LIGHT = ("dataset__record", "dataset__provenance")
"""What lists of rows with a dataset leave in the database."""
