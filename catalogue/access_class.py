"""Which access class a record states: a code of the EU authority list, read from several ways of writing it.

Authority: http://publications.europa.eu/resource/authority/access-right. Words of COAR and info:eu-repo are
read too. What a class means to a visitor is said by portal/terms.py.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from catalogue.records import Record, Term

CODES = frozenset({"PUBLIC", "RESTRICTED", "NON_PUBLIC", "CONFIDENTIAL", "SENSITIVE"})
_SHORT = {
    "openaccess": "PUBLIC",
    "open": "PUBLIC",
    "restrictedaccess": "RESTRICTED",
    "restricted": "RESTRICTED",
    "embargoedaccess": "RESTRICTED",
    "closedaccess": "NON_PUBLIC",
    "closed": "NON_PUBLIC",
}
_LAST_PART = re.compile(r"[/#:]([^/#:]+)[/#]?$")


def code_of_term(term: Term) -> str:
    """Return the code of an access-rights term, "" for one that is not known."""
    words = term.iri or term.raw
    match = _LAST_PART.search(words)
    name = unquote(match[1]) if match else words
    return name.upper() if name.upper() in CODES else _SHORT.get(name.lower(), "")


def code_of_record(record: Record) -> str:
    """Return the code of a dataset: its own, else its distributions' where they agree, else ""."""
    if record.access_rights:
        return code_of_term(record.access_rights)
    stated = [item.access_rights for item in record.distributions if item.access_rights]
    codes = {code_of_term(term) for term in stated}
    return codes.pop() if len(codes) == 1 else ""
