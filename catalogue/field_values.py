"""What may stand in a field: values of people, checked against the contract and the vocabularies.

A value comes as the JSON of the contract (catalogue/record_json.py) or as people write it: a term by its
label, a number as digits. It goes out as the contract's JSON. What is there already (`known`) is not
judged again, so that one mends one value of a list without mending all that a source left behind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from catalogue.check_digits import is_orcid, is_ror
from catalogue.errors import InvalidRecord, Violation
from catalogue.field_guide import OF_PARTS, FieldGuide, Importance, Kind, PartGuide, find_field, part_guide
from catalogue.identifiers import is_doi, normalise_identifier
from catalogue.record_paths import Json
from catalogue.term_lists import check_term
from catalogue.value_checks import (
    BadValue,
    check_address,
    check_date,
    check_duration,
    check_email,
    check_iri,
    check_language,
    check_number,
    check_text,
    check_whole,
    to_number,
)

_SCALARS: dict[Kind, Callable[[Any], Any]] = {
    Kind.ADDRESS: check_address,
    Kind.IRI: check_iri,
    Kind.DATE: check_date,
    Kind.DURATION: check_duration,
    Kind.EMAIL: check_email,
    Kind.NUMBER: check_number,
    Kind.WHOLE: check_whole,
}
_ITEMS = {Kind.ADDRESSES: check_address, Kind.IRIS: check_iri}
_MOST_ITEMS = 5000
_DEGREES = {"bbox": (180, 90, 180, 90), "centroid": (180, 90)}


def clean_value(path: str, value: Any, *, known: Any = None) -> Any:
    """Return the value of the field at `path` as it is stored, None for nothing.

    Raises InvalidRecord; its violations name the fields by their paths.
    """
    owner, field = find_field(path)
    cleaner = _Cleaner()
    cleaned = cleaner.clean(field, path, value, known)
    cleaner.raise_violations(field)
    if cleaned is not None:
        try:  # what this module let through, the contract has to let through too
            msgspec.convert(cleaned, owner.type_of(field.name), strict=False)
        except msgspec.ValidationError as error:
            raise InvalidRecord(f"{field.label}: {error}", (Violation(path, str(error)),)) from error
    return cleaned


def clean_words(path: str, lang: str, value: Any) -> list[str] | None:
    """Return the words of a text field in one language, None for none. Raises InvalidRecord."""
    _owner, field = find_field(path)
    if not field.is_by_language:
        message = _("%s is not written language by language.") % field.label
        raise InvalidRecord(message, (Violation(path, message),))
    items = [value] if isinstance(value, str) else value
    if items is not None and not isinstance(items, list):
        message = _("Words come as a list of texts.")
        raise InvalidRecord(message, (Violation(path, message),))
    texts = [{"value": item, "lang": lang} for item in items or () if item != ""]
    cleaned = clean_value(path, texts)
    return [text["value"] for text in cleaned] if cleaned else None


def check_values(data: Mapping[str, Any], part: str = "dataset") -> list[Violation]:
    """Return what is wrong with the values of a whole record or part. What is missing is another question."""
    cleaner = _Cleaner(is_whole=True)
    cleaner.clean_part(part_guide(part), "", data, None)
    return cleaner.violations


class _Cleaner:
    """One pass over a value, gathering violations."""

    def __init__(self, *, is_whole: bool = False) -> None:
        self.violations: list[Violation] = []
        self._is_whole = (
            is_whole  # then nothing is known already, and fields that nobody writes are no mistake
        )

    def raise_violations(self, field: FieldGuide) -> None:
        """Raise InvalidRecord when there is any violation."""
        if self.violations:
            raise InvalidRecord(f"{field.label}: {self.violations[0].message}", tuple(self.violations))

    def clean(self, field: FieldGuide, path: str, value: Any, known: Any) -> Any:
        """Return a field's value as it is stored; what is wrong is noted."""
        if value is None or value in ([], "", {}):
            return None
        if value == known and not self._is_whole:
            return value
        if field.kind in {Kind.PART, Kind.ROW}:
            return self.clean_part(part_guide(field.part), path, value, known) or None
        if field.is_by_language or field.kind in {Kind.TERMS, Kind.ROWS, Kind.PARTS, *_ITEMS}:
            return self._clean_list(field, path, value, known)
        return self._try(path, value, lambda: self._clean_scalar(field, value))

    def clean_part(self, guide: PartGuide, path: str, value: Any, known: Any) -> Json | None:
        """Return a part as it is stored."""
        if not isinstance(value, Mapping):
            self._note(path, _("This has to be an object with names and values."), value)
            return None
        names = {field.name: field for field in guide.fields}
        there = known if isinstance(known, Mapping) else {}
        result: Json = {}
        for name, item in value.items():
            below = f"{path}.{name}" if path else name
            if name in names:
                cleaned = self.clean(names[name], below, item, there.get(name))
                if cleaned is not None:
                    result[name] = cleaned
            elif there.get(name) == item or (self._is_whole and name in guide.contract_fields):
                result[name] = item
            else:
                self._note(below, _("There is no such field. There are: %s.") % ", ".join(names), item)
        self._note_missing(guide, path, result)
        self._note_contradictions(guide, path, result)
        return result

    def _clean_list(self, field: FieldGuide, path: str, value: Any, known: Any) -> list[Any] | None:
        items = [value] if isinstance(value, str) else value
        if not isinstance(items, list) or len(items) > _MOST_ITEMS:
            self._note(path, _("This has to be a list of at most %d.") % _MOST_ITEMS, "")
            return None
        there = known if isinstance(known, list) and not self._is_whole else []
        result: list[Any] = []
        for number, item in enumerate(items):
            below = f"{path}[{number}]"
            if item in there:
                cleaned = item
            elif field.kind in OF_PARTS:
                cleaned = self.clean_part(part_guide(field.part), below, item, None)
            else:
                cleaned = self._try(below, item, partial(self._clean_item, field, item))
            if cleaned and (cleaned not in result or field.kind is Kind.PARTS):
                result.append(cleaned)
        return result or None

    def _clean_item(self, field: FieldGuide, item: Any) -> Any:
        if field.is_by_language:
            if not isinstance(item, Mapping) or not {"value"} <= set(item) <= {"value", "lang"}:
                raise BadValue(_('A text has a value and a lang: {"value": "Lakes", "lang": "en"}.'))
            text = check_text(item["value"], is_line=field.kind is not Kind.PROSE)
            lang = check_language(item.get("lang", ""))
            return {"value": text, "lang": lang} if lang else {"value": text}
        if field.kind is Kind.TERMS:
            return check_term(field.vocabulary, item)
        return _ITEMS[field.kind](item)

    def _clean_scalar(self, field: FieldGuide, value: Any) -> Any:
        if field.kind is Kind.TERM:
            return check_term(field.vocabulary, value)
        if field.kind is Kind.FLAG:
            if not isinstance(value, bool):
                raise BadValue(_("Write true or false."))
            return value or None
        if field.kind is Kind.NUMBERS:
            return _check_degrees(field.name, value)
        if field.kind is Kind.LINE:
            text = check_text(value, is_line=True)
            if field.choices and not self._is_whole and text not in dict(field.choices):
                raise BadValue(
                    _("Choose one of: %s.") % ", ".join(name for name, _label in field.choices if name)
                )
            return text
        return _SCALARS[field.kind](value)

    def _try(self, path: str, value: Any, check: Callable[[], Any]) -> Any:
        try:
            return check()
        except BadValue as error:
            self._note(path, str(error), value)
            return None

    def _note(self, path: str, message: str, value: Any) -> None:
        shown = value if isinstance(value, str) else repr(value)
        self.violations.append(Violation(path, message, shown[:200]))

    def _note_missing(self, guide: PartGuide, path: str, part: Json) -> None:
        """Note mandatory fields of a small part without a value: it means nothing without them."""
        if any(field.kind in OF_PARTS for field in guide.fields):
            return
        noted = {violation.field for violation in self.violations}
        for field in guide.fields:
            below = f"{path}.{field.name}" if path else field.name
            is_wanted = field.importance is Importance.MANDATORY
            if is_wanted and field.name not in part and not any(at.startswith(below) for at in noted):
                self._note(below, _("%s is missing. It is needed.") % field.label, "")

    def _note_contradictions(self, guide: PartGuide, path: str, part: Json) -> None:
        """Note values that are right alone and wrong together."""
        name = guide.record_class.__name__
        if name == "Period" and part.get("start", "")[: len(part.get("end", ""))] > part.get("end", ""):
            message = _("The period ends (%(end)s) before it starts (%(start)s).")
            self._note(f"{path}.end", message % part, part["end"])
        elif name == "Identifier" and not _is_identifier(part.get("scheme", ""), part.get("value", "")):
            message = _("“%(value)s” is no %(scheme)s: its shape or its check digits are wrong.")
            shown = {"value": part["value"], "scheme": part["scheme"].upper()}
            self._note(f"{path}.value", message % shown, part["value"])


def _is_identifier(scheme: str, value: str) -> bool:
    """Whether a value can be an identifier of the scheme, as far as that can be told by looking."""
    if scheme == "doi":
        return not value or is_doi(normalise_identifier(value))
    check = {"orcid": is_orcid, "ror": is_ror}.get(scheme)
    return check is None or not value or check(value)


def _check_degrees(name: str, value: Any) -> list[float]:
    limits = _DEGREES[name]
    words = value.replace(",", " ").split() if isinstance(value, str) else value
    if not isinstance(words, list | tuple) or len(words) != len(limits):
        raise BadValue(_("Write %d numbers with spaces between them.") % len(limits))
    numbers = [to_number(word) for word in words]
    if any(abs(number) > limit for number, limit in zip(numbers, limits, strict=True)):
        raise BadValue(_("Degrees go from -180 to 180 east and from -90 to 90 north."))
    if len(numbers) == 4 and numbers[1] > numbers[3]:
        raise BadValue(_("The box's south is north of its north. The order is west, south, east, north."))
    return numbers
