"""Random source edits against random steward edits: nothing a steward said is lost or silently changed.

A state machine (Hypothesis) on a real database. Beside it runs a model that knows only the rules: what a
source says, what stewards set over it, and which divergences wait. After every step the catalogue and
the model have to agree on each field, each open override and the queue.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field, replace

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from catalogue.domain.curation import decide_conflict, override_field, revert_field, undo_act
from catalogue.domain.curation_place import FieldChanged, field_digest
from catalogue.domain.history import read_field_history, state_as_of
from catalogue.domain.ingest import IngestPage, ingest_page
from catalogue.domain.removal import conclude_listing
from catalogue.models import Act, Conflict, Dataset, Override
from catalogue.record_paths import element_keys
from catalogue.records import Distribution, Text
from tests.factories import SourceFactory, UserFactory, end_quietly, make_incoming, make_record, open_run

WORDS = ("red", "green", "blue")
YEARS = ("2001", "2002", "2003")
SIZES = (1, 2, 3)
FILES = ("a", "b")
NAMES = ("one", "two")
# What a field is called by the model -> (its path in the record, its language); files by their letter.
FIELDS = (
    ("issued", None),
    ("title", "en"),
    ("title", "sv"),
    *((f"file-{letter}", None) for letter in FILES),
)
VALUES = {"issued": YEARS, "title": WORDS, "file": SIZES}


def address_of(letter: str) -> str:
    return f"https://files.example/{letter}"


@dataclass
class Wanted:
    """An override as the model knows it. `asked` is the value in question, while a conflict is open."""

    value: object
    based_on: object
    is_asked: bool = False
    is_homeless: bool = False
    keeps_waiting: bool = False


@dataclass
class Said:
    """One record as its source describes it, and what stewards set over it."""

    issued: str = "2001"
    title: dict = field(default_factory=lambda: {"en": "red"})
    files: dict = field(default_factory=lambda: {"a": 1})
    is_there: bool = True
    wanted: dict = field(default_factory=dict)

    def to_record(self, name):
        files = (
            Distribution(access_urls=(address_of(letter),), byte_size=size)
            for letter, size in self.files.items()
        )
        title = tuple(Text(words, lang) for lang, words in self.title.items())
        return replace(make_record(name, issued=self.issued, distributions=tuple(files)), title=title)

    def under(self, name, lang):
        """What the source says, and whether there is a place for it at all."""
        if name == "issued":
            return self.issued, True
        if name == "title":
            words = self.title.get(lang)
            return ([words] if words else None), True
        letter = name[-1]
        return self.files.get(letter), letter in self.files

    def shown(self, name, lang):
        wanted = self.wanted.get((name, lang))
        value, has_place = self.under(name, lang)
        return wanted.value if wanted and has_place else value

    def settle(self):
        """What the rules say of every override once the source has spoken."""
        for key, wanted in list(self.wanted.items()):
            value, has_place = self.under(*key)
            wanted.is_homeless = not has_place
            if not has_place:
                wanted.is_asked = not wanted.keeps_waiting
            elif value == wanted.value:
                del self.wanted[key]  # they agree
            else:
                wanted.is_asked = value != wanted.based_on


class CurationMachine(RuleBasedStateMachine):
    rounds = 0  # harvests in all runs

    @initialize()
    def begin(self):
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.source = SourceFactory()
        self.stewards = [UserFactory(), UserFactory()]
        self.model = {name: Said() for name in NAMES}
        self.written = {}  # every override that there ever was, as it was written
        self.harvest_all()

    def teardown(self):
        if hasattr(self, "savepoint"):
            transaction.set_rollback(True)
            self.savepoint.__exit__(None, None, None)

    # What sources do

    @rule(
        name=st.sampled_from(NAMES),
        year=st.sampled_from(YEARS),
        words=st.dictionaries(st.sampled_from(("en", "sv", "de")), st.sampled_from(WORDS), min_size=1),
    )
    def source_rewrites_words(self, name, year, words):
        self.model[name].issued, self.model[name].title = year, words
        self.harvest_all()

    @rule(
        name=st.sampled_from(NAMES),
        files=st.dictionaries(st.sampled_from(FILES), st.none() | st.sampled_from(SIZES)),
    )
    def source_rewrites_files(self, name, files):
        self.model[name].files = files
        self.harvest_all()

    @rule(name=st.sampled_from(NAMES))
    def source_removes_or_returns_a_record(self, name):
        self.model[name].is_there = not self.model[name].is_there
        self.harvest_all()

    @rule()
    def source_says_the_same_again(self):
        self.harvest_all()

    # What stewards do

    @rule(name=st.sampled_from(NAMES), key=st.sampled_from(FIELDS), data=st.data(), who=st.integers(0, 1))
    def steward_sets_a_field(self, name, key, data, who):
        said = self.model[name]
        if not (said.is_there and said.under(*key)[1]):
            return
        value = data.draw(st.none() | st.sampled_from(VALUES[key[0].partition("-")[0]]))
        value = [value] if key[1] and value is not None else value
        path, lang = self.path(name, key)
        override_field(self.row(name), path, value, lang=lang, by=self.stewards[who])
        self.model_sets(said, key, value)

    @rule(name=st.sampled_from(NAMES), key=st.sampled_from(FIELDS), value=st.sampled_from(YEARS))
    def late_steward_is_told(self, name, key, value):
        said = self.model[name]
        if not (said.is_there and said.under(*key)[1]):
            return
        path, lang = self.path(name, key)
        stale = field_digest(["something else"])
        with pytest.raises(FieldChanged) as told:
            override_field(self.row(name), path, value, lang=lang, by=self.stewards[0], seen=stale)
        assert told.value.value == said.shown(*key)

    @precondition(lambda self: self.open_keys())
    @rule(data=st.data())
    def steward_reverts(self, data):
        name, key = data.draw(st.sampled_from(self.open_keys()))
        row = self.override(name, key)
        revert_field(self.row(name), row.path, lang=key[1], by=self.stewards[0])
        del self.model[name].wanted[key]

    @precondition(lambda self: self.waiting())
    @rule(data=st.data(), choice=st.sampled_from(("keep", "take", "merge")))
    def steward_decides(self, data, choice):
        name, key = data.draw(st.sampled_from(self.waiting()))
        said = self.model[name]
        wanted = said.wanted[key]
        conflict = Conflict.objects.get(override=self.override(name, key), closed_at=None)
        if choice == "merge" and wanted.is_homeless:
            return
        value = None
        if choice == "merge":
            value = data.draw(st.sampled_from(VALUES[key[0].partition("-")[0]]))
            value = [value] if key[1] else value
        decide_conflict(conflict, choice, value=value, by=self.stewards[1])
        if choice == "take":
            del said.wanted[key]
        elif choice == "merge":
            said.wanted[key] = Wanted(value, said.under(*key)[0])
        elif wanted.is_homeless:
            wanted.keeps_waiting = True
        else:
            wanted.based_on = said.under(*key)[0]
        said.settle()

    @rule(name=st.sampled_from(NAMES), key=st.sampled_from(FIELDS[:3]), data=st.data())
    def steward_sets_and_undoes(self, name, key, data):
        """An edit that is undone at once leaves everything as it was, the queue too."""
        said = self.model[name]
        if not said.is_there:
            return
        value = data.draw(st.sampled_from(VALUES[key[0]]))
        value = [value] if key[1] else value
        path, lang = self.path(name, key)
        acts = Act.objects.count()
        override_field(self.row(name), path, value, lang=lang, by=self.stewards[0])
        if Act.objects.count() == acts:
            return
        before = copy.deepcopy(said.wanted.get(key))
        undo_act(Act.objects.latest("id"), by=self.stewards[1])
        assert self.model[name].wanted.get(key) == before

    # What has to hold

    @invariant()
    def resolved_values_are_as_the_rules_say(self):
        for name, said in self.model.items():
            if not said.is_there:
                continue
            record = self.row(name).record
            assert record.get("issued") == said.shown("issued", None)
            for lang in ("en", "sv"):
                words = [text["value"] for text in record.get("title", ()) if text.get("lang") == lang]
                assert (words or None) == said.shown("title", lang)
            files = {
                item["access_urls"][0][-1]: item.get("byte_size") for item in record.get("distributions", ())
            }
            assert files == {letter: said.shown(f"file-{letter}", None) for letter in said.files}

    @invariant()
    def every_steward_value_stands_and_every_divergence_waits(self):
        for name, said in self.model.items():
            rows = Override.objects.filter(dataset=self.row(name), closed_at=None)
            stands = {self.key_of(row): (row.value, row.based_on) for row in rows}
            assert stands == {key: (wanted.value, wanted.based_on) for key, wanted in said.wanted.items()}
            if not said.is_there:
                continue  # what waits, waits as it was last seen
            asked = Conflict.objects.filter(dataset=self.row(name), closed_at=None).select_related("override")
            waits = {self.key_of(row.override): (row.theirs, row.kind) for row in asked}
            assert waits == {
                key: (said.under(*key)[0], "homeless" if wanted.is_homeless else "changed")
                for key, wanted in said.wanted.items()
                if wanted.is_asked
            }

    @invariant()
    def nothing_that_was_ever_said_is_forgotten(self):
        """Overrides are never changed or deleted; each tells how it ended, and its field's history has it."""
        rows = {row.pk: row for row in Override.objects.select_related("dataset")}
        now = {pk: (row.path, row.lang, row.value, row.author_id, row.made_at) for pk, row in rows.items()}
        assert {pk: now.get(pk) for pk in self.written} == self.written
        for pk in now.keys() - self.written.keys():
            row = rows[pk]
            lang = row.lang if row.has_lang else None
            told = read_field_history(row.dataset, row.path, lang)
            assert (row.value, row.made_at) in [(entry.value, entry.at) for entry in told]
        self.written = now
        assert all(bool(row.closed_at) == bool(row.closed_as) for row in rows.values())

    @invariant()
    def present_is_the_past_of_now(self):
        for name, said in self.model.items():
            row = self.row(name)
            if said.is_there:
                assert state_as_of(row, timezone.now()).record == row.record

    # Machinery

    def harvest_all(self):
        """A complete listing, as the model's sources describe their records."""
        lease = open_run(self.source, accept_removals=True)
        incoming = [
            make_incoming(name, said.to_record(name)) for name, said in self.model.items() if said.is_there
        ]
        ingest_page(lease, IngestPage(incoming=incoming))
        conclude_listing(lease, is_delta=False)
        end_quietly(lease)
        CurationMachine.rounds += 1
        for said in self.model.values():
            if said.is_there:
                said.settle()

    def model_sets(self, said, key, value):
        under, _has_place = said.under(*key)
        if value == said.shown(*key):
            return
        old = said.wanted.pop(key, None)
        if value != under:
            # A conflict that waits goes on waiting: typing a value is no decision.
            said.wanted[key] = Wanted(value, old.based_on if old and old.is_asked else under)
        said.settle()

    def row(self, name):
        return Dataset.objects.get(source_records__remote_id=name)

    def path(self, name, key):
        field_name, lang = key
        if not field_name.startswith("file-"):
            return field_name, lang
        items = self.row(name).record["distributions"]
        number = next(
            n for n, item in enumerate(items) if item["access_urls"] == [address_of(field_name[-1])]
        )
        return f"distributions[~{element_keys(items)[number]}].byte_size", None

    def last_path(self, name, key):
        if not key[0].startswith("file-"):
            return key
        item = {"access_urls": [address_of(key[0][-1])]}
        return f"distributions[~{element_keys([item])[0]}].byte_size", None

    def key_of(self, row):
        if row.path.startswith("distributions"):
            return next(
                (f"file-{letter}", None)
                for letter in FILES
                if self.last_path("", (f"file-{letter}", None))[0] == row.path
            )
        return row.path, row.lang if row.has_lang else None

    def override(self, name, key):
        rows = Override.objects.filter(dataset=self.row(name), closed_at=None)
        return next(row for row in rows if self.key_of(row) == key)

    def open_keys(self):
        return [(name, key) for name, said in self.model.items() if said.is_there for key in said.wanted]

    def waiting(self):
        return [
            (name, key)
            for name, said in self.model.items()
            if said.is_there
            for key, wanted in said.wanted.items()
            if wanted.is_asked
        ]


def run_machine(examples, steps):
    """Run the machine and return how many harvests that were."""
    before = CurationMachine.rounds
    run_state_machine_as_test(
        CurationMachine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    return CurationMachine.rounds - before


@pytest.mark.django_db
def test_no_steward_value_is_lost_in_some_rounds():
    assert run_machine(8, 15) >= 20


@pytest.mark.slow
@pytest.mark.django_db
def test_no_steward_value_is_lost_in_a_thousand_rounds():
    assert run_machine(72, 40) >= 1000
