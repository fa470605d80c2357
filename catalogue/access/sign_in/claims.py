"""What a home organisation says of a person, from the claims of OpenID Connect. Pure.

Names by REFEDS and AARC: voperson_id, eduperson_scoped_affiliation, eduperson_assurance, schac_home_organization
(https://wiki.refeds.org/display/STAN), and the standard claims of OpenID Connect Core 1.0, section 5.1. Claims are
a stranger's data: a value of a wrong kind is as good as none. Only what is used is kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from catalogue.check_digits import is_orcid, is_ror

_MOST_VALUES = 20
_LONGEST = 255
_SCOPED = re.compile(r"[a-z][a-z0-9_.-]*@[a-z0-9][a-z0-9.-]*\Z", re.IGNORECASE)
_COUNTRY = re.compile(r"[A-Z]{2}\Z")


@dataclass(frozen=True, slots=True)
class IdentityClaims:
    """An account elsewhere and what is said of it. `acr` and `amr` are about this sign-in, not about the person."""

    provider: str
    subject: str
    name: str = ""
    email: str = ""
    email_verified: bool = False
    orcid: str = ""
    affiliations: tuple[str, ...] = ()
    assurance: tuple[str, ...] = ()
    home_organisation: str = ""  # a domain, such as liu.se
    organisation: str = ""
    ror: str = ""
    country: str = ""
    voperson_id: str = ""
    acr: str = ""
    amr: tuple[str, ...] = ()

    @property
    def affiliation(self) -> str:
        """All affiliations as one text, always in the same order."""
        return ", ".join(self.affiliations)

    def as_json(self) -> dict[str, Any]:
        """Return what is kept of the claims: those that say something."""
        return {name: value for name, value in asdict(self).items() if value}


def read_claims(provider: str, *sources: Mapping[str, Any]) -> IdentityClaims:
    """Return the claims of a person; of several sources (user info, ID token) the first that has one counts.

    The subject and `acr`, `amr` are those of the last source, the ID token: only that is signed for this sign-in.
    """

    def text(*names: str) -> str:
        return next((found for source in sources for name in names if (found := _text(source.get(name)))), "")

    def texts(name: str) -> tuple[str, ...]:
        return next((found for source in sources if (found := _texts(source.get(name)))), ())

    token = sources[-1]
    return IdentityClaims(
        provider=provider,
        subject=_text(token.get("sub")),
        name=text("name"),
        email=text("email"),
        email_verified=any(source.get("email_verified") is True for source in sources),
        orcid=_orcid(text("orcid", "eduperson_orcid")),
        affiliations=tuple(
            sorted(one for one in texts("eduperson_scoped_affiliation") if _SCOPED.match(one))
        ),
        assurance=texts("eduperson_assurance"),
        home_organisation=text("schac_home_organization"),
        organisation=text("organization_name", "organisation"),
        ror=_ror(text("ror")),
        country=_country(text("country"), *(_country_of(source.get("address")) for source in sources)),
        voperson_id=text("voperson_id"),
        acr=_text(token.get("acr")),
        amr=_texts(token.get("amr")),
    )


def _text(value: Any) -> str:
    """Return a text, or the first of a list of them; too long is none, for half a name is another name."""
    if isinstance(value, list | tuple):
        value = value[0] if value else ""
    return value.strip() if isinstance(value, str) and len(value) <= _LONGEST and "\0" not in value else ""


def _texts(value: Any) -> tuple[str, ...]:
    listed = value if isinstance(value, list | tuple) else [value]
    return tuple(dict.fromkeys(found for one in listed[:_MOST_VALUES] if (found := _text(one))))


def _orcid(value: str) -> str:
    bare = value.rstrip("/").rpartition("/")[2].upper()
    return bare if is_orcid(bare) else ""


def _ror(value: str) -> str:
    bare = value.rstrip("/").rpartition("/")[2].lower()
    return f"https://ror.org/{bare}" if is_ror(bare) else ""


def _country_of(address: Any) -> str:
    return _text(address.get("country")) if isinstance(address, dict) else ""


def _country(*values: str) -> str:
    return next((value.upper() for value in values if _COUNTRY.match(value.upper())), "")
