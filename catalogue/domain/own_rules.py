"""What keeps a draft from being published, and what would make it better: in words, field by field.

Stopping: what DCAT-AP 3.0.1 (https://semiceu.github.io/DCAT-AP/releases/3.0.1/) makes mandatory, what
this catalogue promises its readers of every dataset (whom to ask, who may get it, what one may do with
it, a description that says something), every value that is not what its field is for, and uploads that
are not ready. Advice: what DCAT-AP recommends, and both languages of the site.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from catalogue.domain.own_files import check_files, draft_files, place_files
from catalogue.domain.own_record import with_access_urls
from catalogue.errors import InvalidRecord, Violation
from catalogue.field_guide import Importance, Kind, list_fields, part_guide
from catalogue.field_values import check_values
from catalogue.models import Draft
from catalogue.record_json import record_from_json
from catalogue.record_paths import Json, set_path

PROMISED = ("contacts", "access_rights", "license")
"""Fields that DCAT-AP leaves to the publisher and that this catalogue does not publish without."""
SHORTEST_DESCRIPTION = 50  # characters: what dataset searches of the web demand


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a field. `stops`: the draft can't be published with it; else it is advice.

    `is_missing`: nothing is wrong there, there is only nothing yet.
    """

    violation: Violation
    stops: bool = True
    is_missing: bool = False


def check_draft(draft: Draft) -> list[Finding]:
    """Return all that is to be said about a draft, what stops it first."""
    files = draft_files(draft)
    found = [Finding(violation) for violation in check_files(files, draft)]
    return [*found, *check_record(place_files(draft.record, files, draft))]


def check_record(record: Json) -> list[Finding]:
    """Return all that is to be said about a record as written, what stops it first.

    The publisher is not asked for: it is the draft's.
    """
    record = with_access_urls(record)
    wrong = check_values(record)
    found = [Finding(violation) for violation in wrong]
    sound = _drop_values(record, [violation.field for violation in wrong])
    ours = [item for rule in _RULES for item in rule(sound)]
    found += [item for item in ours if not _is_named(item.violation.field, wrong)]
    if not any(item.stops for item in found):
        try:  # what the rules let through, the contract has to let through, too
            record_from_json(record)
        except InvalidRecord as error:
            found += [Finding(violation) for violation in error.violations]
    return sorted(found, key=lambda item: (not item.stops, _place_of(item.violation.field)))


def _place_of(path: str) -> int:
    """Return where a field stands among the dataset's, so that a list goes down the form."""
    name = re.split(r"[.\[]", path, maxsplit=1)[0]
    names = [field.name for field in part_guide("dataset").fields]
    return names.index(name) if name in names else len(names)


def _is_named(path: str, wrong: list[Violation]) -> bool:
    """Whether something is wrong at the path or below it."""
    return any(item.field == path or item.field.startswith((f"{path}.", f"{path}[")) for item in wrong)


def _drop_values(record: Json, paths: list[str]) -> Json:
    """Return the record without the values at the paths: what is wrong alone hides nothing else."""
    sound = dict(record)
    for path in reversed(paths):  # from the end, so that the places of list entries still hold
        with suppress(InvalidRecord):
            set_path(sound, path, None)
    return sound


def _check_missing(record: Json) -> Iterator[Finding]:
    yield from _missing_in("dataset", record, "")


def _missing_in(part: str, values: Json, prefix: str) -> Iterator[Finding]:
    """Find the mandatory fields without a value, in a part and in the parts below it."""
    for field in part_guide(part).fields:
        path, value = prefix + field.name, values.get(field.name)
        if field.importance is Importance.MANDATORY and not value:
            words = _("%(label)s is missing. %(help)s") % {"label": field.label, "help": field.help}
            yield _stop(path, words.strip(), is_missing=True)
        elif field.kind in {Kind.PARTS, Kind.ROWS}:
            for number, item in enumerate(value or ()):
                yield from _missing_in(field.part, item, f"{path}[{number}].")
        elif field.kind in {Kind.PART, Kind.ROW} and value:
            yield from _missing_in(field.part, value, f"{path}.")


def _check_description(record: Json) -> Iterator[Finding]:
    longest = max((len(text["value"].strip()) for text in record.get("description", ())), default=0)
    if 0 < longest < SHORTEST_DESCRIPTION:
        words = _(
            "The description has %(n)d characters. Write at least %(least)d: what, where, when and how."
        )
        yield _stop("description", words % {"n": longest, "least": SHORTEST_DESCRIPTION})


def _check_languages(record: Json) -> Iterator[Finding]:
    for field in ("title", "description"):
        languages = {text.get("lang", "").partition("-")[0] for text in record.get(field, ())}
        for code, _name in settings.LANGUAGES:
            if languages and code not in languages:
                name = get_language_info(code)["name_translated"]
                yield _advise(field, _("It is not there in %(language)s.") % {"language": name})


def _check_terms_of_use(record: Json) -> Iterator[Finding]:
    distributions = record.get("distributions", ())
    if not record.get("access_rights"):
        yield _stop("access_rights", _("Say who may get the data."), is_missing=True)
    is_licensed = distributions and all(item.get("license") for item in distributions)
    if not record.get("license") and not is_licensed:
        words = _("Choose a licence, here or on every file: without one nobody may use it.")
        yield _stop("license", words, is_missing=True)


def _check_contacts(record: Json) -> Iterator[Finding]:
    contacts = record.get("contacts", ())
    if not contacts:
        yield _stop("contacts", _("Say whom to ask."), is_missing=True)
    for number, contact in enumerate(contacts):
        if not contact.get("email") and not contact.get("url"):
            words = _("Give an e-mail address, or the page of a form.")
            yield _stop(f"contacts[{number}].email", words, is_missing=True)


def _check_places(record: Json) -> Iterator[Finding]:
    for number, place in enumerate(record.get("spatial", ())):
        if not set(place) & {"label", "iri", "bbox", "centroid", "geometry"}:
            yield _stop(f"spatial[{number}].label", _("Name the place, or give a box in degrees."))


def _advise_distributions(record: Json) -> Iterator[Finding]:
    for number, item in enumerate(record.get("distributions", ())):
        skip = {"license"} if record.get("license") else set()
        yield from _recommend("distribution", item, f"distributions[{number}].", skip)


def _advise_fields(record: Json) -> Iterator[Finding]:
    yield from _recommend("dataset", record, "", {"publisher", *PROMISED})
    if not record.get("creators"):
        yield _advise("creators", _("Name those who made the data: they are cited."))


def _recommend(part: str, values: Json, prefix: str, skip: set[str]) -> Iterator[Finding]:
    for field in list_fields(part, Importance.RECOMMENDED):
        if field.name not in skip and not values.get(field.name):
            yield _advise(prefix + field.name, _("Recommended. %(help)s") % {"help": field.help})


_RULES: tuple[Callable[[Json], Iterator[Finding]], ...] = (
    _check_missing,
    _check_description,
    _check_terms_of_use,
    _check_contacts,
    _check_places,
    _check_languages,
    _advise_fields,
    _advise_distributions,
)


def _stop(field: str, message: str, *, is_missing: bool = False) -> Finding:
    return Finding(Violation(field, message), is_missing=is_missing)


def _advise(field: str, message: str) -> Finding:
    return Finding(Violation(field, message), stops=False, is_missing=True)
