"""An OAI-PMH 2.0 repository (https://www.openarchives.org/OAI/openarchivesprotocol.html, 2002).

All six verbs, sets (one per domain), selective harvesting by seconds, deleted records kept for ever,
and resumption tokens that hold the whole state of a list, so that the server keeps none. A token
names the last record given: what changes while a list is read moves to its end and is never missed.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from lxml import etree

from catalogue.errors import NotFound
from harvesters.samples.listing import cut_slice
from harvesters.samples.oai_payloads import METADATA_FORMATS, XSI, build_datacite, build_dublin_core
from harvesters.samples.records import FIRST_STAMP, SampleRecord, SampleRecords

MEDIA_TYPE = "text/xml; charset=utf-8"
NAMESPACE = "http://www.openarchives.org/OAI/2.0/"
NSMAP: Any = {None: NAMESPACE, "xsi": XSI}  # lxml's types forbid the None that it wants
SCHEMA = "http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd"
ID_PREFIX = "oai:repository.example:"
SECONDS = "%Y-%m-%dT%H:%M:%SZ"
DATE_FORM = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}Z)?")

ARGUMENTS = {  # verb -> (required, optional)
    "Identify": (set(), set()),
    "ListMetadataFormats": (set(), {"identifier"}),
    "ListSets": (set(), {"resumptionToken"}),
    "GetRecord": ({"identifier", "metadataPrefix"}, set()),
    "ListIdentifiers": ({"metadataPrefix"}, {"from", "until", "set", "resumptionToken"}),
    "ListRecords": ({"metadataPrefix"}, {"from", "until", "set", "resumptionToken"}),
}

Element = Any  # lxml gives its element type no public name


class OaiError(Exception):
    """An error of the protocol, with its code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class ListState:
    """What a resumption token holds. `after` is the key of the last record given, `cursor` how many were."""

    verb: str
    prefix: str
    start: str = ""
    until: str = ""
    set_spec: str = ""
    after: tuple[str, str] = ("", "")
    cursor: int = 0
    expires: str = ""


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository over some records. `url` is its base URL, `now` its clock (UTC)."""

    records: SampleRecords
    url: str
    page_size: int = 25
    token_life: timedelta = timedelta(minutes=10)
    fault: str = ""
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def answer(self, arguments: Sequence[tuple[str, str]]) -> tuple[bytes, int]:
        """Return the XML body for a request's arguments, and how many records of its list came before."""
        root = etree.Element(f"{{{NAMESPACE}}}OAI-PMH", nsmap=NSMAP)
        root.set(f"{{{XSI}}}schemaLocation", f"{NAMESPACE} {SCHEMA}")
        _add(root, "responseDate", self.now().strftime(SECONDS))
        request = _add(root, "request", self.url)
        cursor = 0
        try:
            verb, given = check_arguments(arguments)
            for name, value in (("verb", verb), *given.items()):
                request.set(name, value)
            content = etree.Element(f"{{{NAMESPACE}}}{verb}")
            match verb:
                case "Identify":
                    self._identify(content)
                case "ListMetadataFormats":
                    self._list_formats(content, given)
                case "ListSets":
                    self._list_sets(content, given)
                case "GetRecord":
                    self._get_record(content, given)
                case _:
                    cursor = self._fill_list(content, verb, given)
            root.append(content)
        except OaiError as error:
            if error.code in {"badVerb", "badArgument"}:
                request.attrib.clear()
            _add(root, "error", str(error)).set("code", error.code)
        body: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
        return body, cursor

    def _identify(self, content: Element) -> None:
        _add(content, "repositoryName", "Sample research data repository")
        _add(content, "baseURL", self.url)
        _add(content, "protocolVersion", "2.0")
        _add(content, "adminEmail", "admin@repository.example")
        _add(content, "earliestDatestamp", FIRST_STAMP.strftime(SECONDS))
        _add(content, "deletedRecord", "persistent")
        _add(content, "granularity", "YYYY-MM-DDThh:mm:ssZ")
        _add(content, "compression", "gzip")

    def _list_formats(self, content: Element, given: Mapping[str, str]) -> None:
        if "identifier" in given:
            self._find(given["identifier"])
        for prefix, (schema, namespace) in METADATA_FORMATS.items():
            entry = _add(content, "metadataFormat")
            _add(entry, "metadataPrefix", prefix)
            _add(entry, "schema", schema)
            _add(entry, "metadataNamespace", namespace)

    def _list_sets(self, content: Element, given: Mapping[str, str]) -> None:
        if "resumptionToken" in given:
            raise OaiError("badResumptionToken", "The list of sets comes whole; there is no token for it.")
        for domain in sorted({record.domain for record in self.records.list_all("repository")}):
            entry = _add(content, "set")
            _add(entry, "setSpec", domain)
            _add(entry, "setName", domain.replace("-", " ").capitalize())

    def _get_record(self, content: Element, given: Mapping[str, str]) -> None:
        record = self._find(given["identifier"])
        _check_prefix(given["metadataPrefix"])
        _add_record(content, record, given["metadataPrefix"])

    def _find(self, identifier: str) -> SampleRecord:
        try:
            record = self.records.get(identifier.removeprefix(ID_PREFIX))
        except NotFound as error:
            raise OaiError("idDoesNotExist", f"There is no record {identifier!r} here.") from error
        if record.source != "repository" or not identifier.startswith(ID_PREFIX):
            raise OaiError("idDoesNotExist", f"There is no record {identifier!r} here.")
        return record

    def _fill_list(self, content: Element, verb: str, given: Mapping[str, str]) -> int:
        state = self._read_token(verb, given) if "resumptionToken" in given else _start_list(verb, given)
        chosen = sorted(
            (r for r in self.records.list_all("repository", deleted=True) if _is_chosen(r, state)), key=_key
        )
        offset = sum(_key(record) <= state.after for record in chosen)
        page = cut_slice(chosen, offset=offset, size=self.page_size, fault=self.fault)
        if not page.records:
            raise OaiError("noRecordsMatch", "No record fits from, until and set.")
        for record in page.records:
            if verb == "ListRecords":
                _add_record(content, record, state.prefix)
            else:
                _add_header(content, record)
        if page.next_offset is not None:
            # The key before the next record; where a page repeats (a fault) it is not the last one given.
            after = _key(chosen[page.next_offset - 1])
            self._add_token(content, state, after, page.total)
        elif "resumptionToken" in given:
            token = _add(content, "resumptionToken")  # the spec wants an empty one at the end of a list
            token.set("completeListSize", str(page.total))
            token.set("cursor", str(state.cursor))
        return offset

    def _add_token(self, content: Element, state: ListState, after: tuple[str, str], total: int) -> None:
        expires = (self.now() + self.token_life).strftime(SECONDS)
        following = asdict(state) | {
            "after": after,
            "cursor": state.cursor + self.page_size,
            "expires": expires,
        }
        text = base64.urlsafe_b64encode(json.dumps(following).encode()).decode().rstrip("=")
        token = _add(content, "resumptionToken", text)
        token.set("expirationDate", expires)
        token.set("completeListSize", str(total))
        token.set("cursor", str(state.cursor))

    def _read_token(self, verb: str, given: Mapping[str, str]) -> ListState:
        token = given["resumptionToken"]
        try:
            fields = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
            first, second = fields.pop("after")
            state = ListState(**fields, after=(str(first), str(second)))
            is_over = datetime.strptime(state.expires, SECONDS).replace(tzinfo=UTC) < self.now()
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise OaiError("badResumptionToken", "This is no token of ours; start the list again.") from error
        if is_over or state.verb != verb:
            reason = f"expired at {state.expires}" if is_over else f"belongs to {state.verb}"
            raise OaiError("badResumptionToken", f"The token {reason}; start the list again.")
        return state


def check_arguments(arguments: Sequence[tuple[str, str]]) -> tuple[str, dict[str, str]]:
    """Return the verb and its arguments. Raises OaiError badVerb or badArgument."""
    given = dict(arguments)
    verb = given.pop("verb", "")
    if verb not in ARGUMENTS or [name for name, _ in arguments].count("verb") != 1:
        raise OaiError("badVerb", f"verb {verb!r} is none of {', '.join(ARGUMENTS)}, or is there twice.")
    required, optional = ARGUMENTS[verb]
    if len(given) != len(arguments) - 1:
        raise OaiError("badArgument", "An argument is there twice.")
    if unknown := given.keys() - required - optional:
        raise OaiError("badArgument", f"{verb} takes no argument {', '.join(sorted(unknown))}.")
    if "resumptionToken" in given:
        if len(given) > 1:
            raise OaiError("badArgument", "resumptionToken excludes all other arguments.")
    elif missing := required - given.keys():
        raise OaiError("badArgument", f"{verb} needs {', '.join(sorted(missing))}.")
    return verb, given


def _start_list(verb: str, given: Mapping[str, str]) -> ListState:
    start, until = given.get("from", ""), given.get("until", "")
    for name, value in (("from", start), ("until", until)):
        if value and not _is_date(value):
            raise OaiError(
                "badArgument", f"{name} {value!r} is no date like 2026-01-31 or 2026-01-31T06:00:00Z."
            )
    if start and until and len(start) != len(until):
        raise OaiError("badArgument", "from and until must have the same granularity.")
    if start and until and start > until:
        raise OaiError("badArgument", f"from {start} is later than until {until}.")
    _check_prefix(given["metadataPrefix"])
    return ListState(verb, given["metadataPrefix"], start, until, given.get("set", ""))


def _is_date(value: str) -> bool:
    if not DATE_FORM.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _check_prefix(prefix: str) -> None:
    if prefix not in METADATA_FORMATS:
        raise OaiError("cannotDisseminateFormat", f"{prefix!r} is none of {', '.join(METADATA_FORMATS)}.")


def _is_chosen(record: SampleRecord, state: ListState) -> bool:
    stamp = record.stamp.strftime(SECONDS)
    return (
        (not state.set_spec or record.domain == state.set_spec)
        and (not state.start or stamp[: len(state.start)] >= state.start)
        and (not state.until or stamp[: len(state.until)] <= state.until)
    )


def _key(record: SampleRecord) -> tuple[str, str]:
    return record.stamp.strftime(SECONDS), record.id


def _add_record(content: Element, record: SampleRecord, prefix: str) -> None:
    entry = _add(content, "record")
    _add_header(entry, record)
    if not record.is_deleted:
        build = build_dublin_core if prefix == "oai_dc" else build_datacite
        _add(entry, "metadata").append(build(record))


def _add_header(parent: Element, record: SampleRecord) -> None:
    header = _add(parent, "header")
    if record.is_deleted:
        header.set("status", "deleted")
    _add(header, "identifier", f"{ID_PREFIX}{record.id}")
    _add(header, "datestamp", record.stamp.strftime(SECONDS))
    _add(header, "setSpec", record.domain)


def _add(parent: Element, name: str, text: str = "") -> Element:
    child = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    child.text = text or None
    return child
