"""The prefixes that DOIs are minted under: an operator's decision."""

from __future__ import annotations

import re

from django.conf import settings

from catalogue.errors import Conflict, InvalidRecord, NotFound, Violation
from catalogue.integrations.datacite import needs_permit
from catalogue.models import Agent, DoiPrefix

_FORM = re.compile(r"10\.\d{4,5}")


def save_prefix(prefix: str, *, account: str, publisher: str = "", is_production: bool = False) -> DoiPrefix:
    """Add a prefix, or change whose it is and whether its DOIs are real; `publisher` is a slug.

    Raises InvalidRecord for what is no prefix, NotFound for an unknown publisher, Conflict where the registry's
    DOIs would be real and that is not said, or not allowed.
    """
    if not _FORM.fullmatch(prefix):
        message = "A prefix is 10. and four or five digits, such as 10.5072."
        raise InvalidRecord(message, (Violation("prefix", message, prefix),))
    owner = Agent.objects.filter(slug=publisher).first() if publisher else None
    if publisher and owner is None:
        raise NotFound(f"There is no publisher {publisher!r}.")
    if is_production and not settings.DOI_ALLOW_PRODUCTION:
        raise Conflict("Real DOIs are not allowed here. Set MIMIS_DOI_ALLOW_PRODUCTION first.")
    if not is_production and needs_permit(settings.DOI_REGISTRY_URL, prefix):
        raise Conflict(f"At this registry DOIs under {prefix} are real. Say so with --production.")
    row, _created = DoiPrefix.objects.update_or_create(
        prefix=prefix, defaults={"account": account, "publisher": owner, "is_production": is_production}
    )
    return row
