"""The next page of an RDF listing: Hydra of both generations, and HTTP Link headers.

Hydra Core (https://www.hydra-cg.com/spec/latest/core/, a draft): hydra:PagedCollection with nextPage,
lastPage and totalItems (before 2014), hydra:PartialCollectionView with next (since). hydra:view is not
followed, since feeds give their views other names there than where they describe them. Links:
RFC 8288 (https://www.rfc-editor.org/rfc/rfc8288).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urljoin

from harvesters.protocols.ntriples import unescape_literal
from ontology.namespaces import HYDRA

LINE = re.compile(rb"^(\S+) <%s(\w+)> (.*) \.\n" % re.escape(str(HYDRA).encode()))
LINK_VALUE = re.compile(r"<([^<>]*)>((?:\s*;\s*[^,;=]+=(?:\"[^\"]*\"|[^,;\"]*))*)")
REL = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^,;\"\s]*))", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Paging:
    """What a page says about the others. Addresses are absolute, "" where not stated."""

    next_url: str = ""
    last_url: str = ""
    total: int | None = None
    doubt: str = ""  # why the next page can't be told


def read_paging(hydra_lines: list[bytes], url: str, link_header: str) -> Paging:
    """Return the paging of the page at `url`."""
    nexts: dict[str, bytes] = {}
    last_url = ""
    totals = []
    for found in (match for line in hydra_lines if (match := LINE.match(line))):
        subject, name, value = found[1], found[2], term_to_text(found[3])
        if name in {b"next", b"nextPage"}:
            nexts[urljoin(url, value)] = subject
        elif name in {b"last", b"lastPage"}:
            last_url = urljoin(url, value)
        elif name == b"totalItems" and value.isdecimal():
            totals.append(int(value))
    total = max(totals, default=None)
    if len(nexts) > 1:
        own = [target for target, subject in nexts.items() if subject == b"<%s>" % url.encode()]
        if len(own) != 1:
            return Paging(
                total=total, doubt=f"The page names several next pages: {', '.join(sorted(nexts)[:3])}."
            )
        return Paging(own[0], last_url, total)
    next_url = next(iter(nexts), "") or find_link(link_header, url)
    return Paging(next_url, last_url, total)


def term_to_text(term: bytes) -> str:
    """Return an IRI or a literal's text: some feeds write addresses as literals."""
    return unescape_literal(term) if term.startswith(b'"') else term[1:-1].decode()


def find_link(header: str, url: str) -> str:
    """Return the address of rel="next" in a Link header, "" where there is none."""
    for target, attributes in LINK_VALUE.findall(header):
        rel = REL.search(attributes)
        if rel and "next" in (rel[1] or rel[2]).lower().split():
            return urljoin(url, str(target))
    return ""
