"""What can be wrong with a form's definition or with answers: codes, paths, and an English sentence each.

A sentence is a msgid too: the portal translates `MESSAGES[code]` and fills in the params.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from catalogue.errors import InvalidRecord, Violation

MESSAGES: Final[dict[str, str]] = {
    # Answers
    "ans_required": "Answer this question.",
    "ans_must_agree": "Tick this to go on.",
    "ans_not_text": "Write words here.",
    "ans_not_integer": "Write a whole number.",
    "ans_not_number": "Write a number.",
    "ans_not_flag": "Answer yes or no.",
    "ans_not_list": "Give a list.",
    "ans_not_entry": "An entry of this list has named answers.",
    "ans_not_choice": "Choose one of the answers given: %(choices)s.",
    "ans_too_short": "Write at least %(limit)s signs.",
    "ans_too_long": "Write at most %(limit)s signs; this has %(found)s.",
    "ans_too_low": "Give %(limit)s or more.",
    "ans_too_high": "Give %(limit)s or less.",
    "ans_too_few": "Give at least %(limit)s.",
    "ans_too_many": "Give at most %(limit)s.",
    "ans_twice": "The same is there twice.",
    "ans_pattern": "This does not have the form that is asked for.",
    "ans_date": "Write a day as 2027-12-31.",
    "ans_email": "Write an e-mail address, such as name@example.org.",
    "ans_uri": "Write a web address that begins with https:// or http://.",
    "ans_sha256": "Attach a file.",
    "ans_orcid": "Write an ORCID iD with the right check digit, such as 0000-0002-1825-0097.",
    "ans_ror": "Write a ROR ID with the right check digits, such as https://ror.org/056d84691.",
    "ans_country": "Write a country by its two letters, such as SE.",
    "ans_other": "This answer does not fit the question.",
    "ans_unknown_field": "The form has no such question.",
    "ans_wrong_scope": "This question is asked in another part of the form.",
    "ans_unknown_dataset": "The request has no such dataset.",
    "ans_shape": 'Answers are an object with "shared" and "datasets".',
    "ans_too_large": "The answers are too long to be stored.",
    # Definitions
    "def_shape": "Give a JSON object here.",
    "def_list": "Give a list here.",
    "def_too_large": "The form is too large: at most %(limit)s.",
    "def_dialect": "Leave out $schema, or write https://json-schema.org/draft/2020-12/schema.",
    "def_keyword": "%(keyword)s cannot be used here. Possible are: %(known)s.",
    "def_logic": "%(keyword)s cannot be used. Say when a question is asked with show_if, beside its label.",
    "def_remote_ref": "A $ref leads inside the form only: write #/$defs/NAME.",
    "def_ref_alone": "A $ref stands alone; move what is beside it into $defs.",
    "def_ref_unknown": "There is no %(ref)s.",
    "def_ref_loop": "%(ref)s leads back to itself.",
    "def_id": "Name a question with small letters, digits and _, at most 40, a letter first.",
    "def_id_twice": "Another question has this name.",
    "def_type": "Give a type: %(known)s.",
    "def_top": "The form itself has type object and properties.",
    "def_additional": "Leave additionalProperties out, or false: unknown answers are refused anyway.",
    "def_required": "required lists names of questions that are there; %(name)s is not.",
    "def_items": "A list says by items what its entries are: text, choices, files, or objects with questions.",
    "def_nested": "A list inside a list cannot be asked. Make it a list of its own.",
    "def_value": "%(keyword)s has a value of the wrong kind.",
    "def_limit": "%(keyword)s is at most %(limit)s.",
    "def_max_items": "Say by maxItems how many entries there may be, at most %(limit)s.",
    "def_pattern_length": "A pattern needs maxLength, at most %(limit)s.",
    "def_pattern": "This pattern is not one that can be checked safely: %(why)s.",
    "def_format": "There is no format %(format)s. Possible are: %(known)s.",
    "def_enum": "enum is a list of different texts, at most %(limit)s.",
    "def_metaschema": "This is not JSON Schema: %(why)s",
    "def_text": "Write it in %(languages)s, at most %(limit)s signs each.",
    "def_unknown_question": "The schema has no question %(name)s.",
    "def_no_hints": "The question %(name)s has no label. Add it to ui.",
    "def_flag": "Answer true or false.",
    "def_widget": "A question of this type cannot be shown as %(widget)s. Possible are: %(known)s.",
    "def_options": "Options are labels of the values in enum, all of them: %(missing)s.",
    "def_sections": "Put every question into one section, and only one: %(names)s.",
    "def_no_sections": "A form has at least one section.",
    "def_order": "order lists every question of the group once.",
    "def_inner_flag": "Set %(flag)s on the whole list; its questions follow it.",
    "def_condition": "A condition is question with equals, in, contains or answered; or all, any, not of conditions.",
    "def_condition_question": "%(name)s is no question that stands before this one and can be looked at here.",
    "def_condition_value": "%(answer)s can never be the answer to %(name)s.",
    "def_accept": "accept lists media types, such as application/pdf.",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong: the code of a sentence, where, and what goes into the sentence."""

    code: str
    path: str
    params: tuple[tuple[str, str], ...] = ()
    value: str = ""

    @property
    def message(self) -> str:
        """The sentence in English."""
        return MESSAGES[self.code] % dict(self.params)

    def to_violation(self) -> Violation:
        """Return it as the error tree has it."""
        return Violation(self.path, self.message, self.value)


def make_problem(code: str, path: str, value: object = "", /, **params: object) -> Problem:
    """Return a problem with its params and value as short text."""
    shown = value if isinstance(value, str) else repr(value)
    return Problem(code, path, tuple((name, str(item)[:300]) for name, item in params.items()), shown[:80])


def refuse(message: str, problems: Iterable[Problem]) -> None:
    """Raise InvalidRecord if there is any problem."""
    violations = tuple(problem.to_violation() for problem in problems)
    if violations:
        raise InvalidRecord(message, violations)
