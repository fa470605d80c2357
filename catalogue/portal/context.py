"""What every template knows of the site and of the visitor."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from catalogue.policies import can_curate_all, can_operate_sources, can_publish, can_use_desk, roles_of
from catalogue.portal.basket import count_basket

_SECTIONS = {
    "search": "search",
    "facet-values": "search",
    "search-map": "search",
    "theme": "search",
    "themes": "search",
    "searches": "searches",
    "publishers": "publishers",
    "publisher": "publishers",
    "sources": "sources",
    "source": "sources",
    "run": "sources",
    "about": "about",
    "drafts": "drafts",
    "draft": "drafts",
    "draft-new": "drafts",
    "draft-preview": "drafts",
    **dict.fromkeys(
        (
            *(
                "board",
                "committee-board",
                "committee-grants",
                "committee-grant",
                "case",
                "rights-all",
                "audit",
            ),
            *("audit-chains", "manage-about", "manage-people", "manage-workflows", "manage-terms"),
            *("manage-blocks", "manage-forms", "manage-form", "manage-routes", "manage-route"),
        ),
        "board",
    ),
    "basket": "basket",
    **dict.fromkeys(
        (
            *("requests", "request", "request-form", "request-check", "request-terms", "request-people"),
            *("join", "rights", "right", "me"),
        ),
        "mine",
    ),
    **dict.fromkeys(
        (
            *("desk", "desk-queue", "rules", "rule-add", "rule-change"),
            *("bulk", "bulk-plan", "bulk-act", "minting", "minting-plan", "people"),
        ),
        "desk",
    ),
}
"""Address name -> the part of the site that the main navigation marks."""


def describe_site(request: HttpRequest) -> dict[str, Any]:
    """Return the site's name and what the visitor may do. Reads the roles; the basket when it is shown."""
    return {
        "site_name": settings.SITE_NAME,
        "site_languages": settings.LANGUAGES,  # each by its own name
        "site_contact": settings.CONTACT,
        "nav": _SECTIONS.get(getattr(request.resolver_match, "url_name", None) or "", ""),
        "can_operate": can_operate_sources(getattr(request, "user", None)),
        "can_use_desk": can_use_desk(getattr(request, "user", None)),
        "can_curate": roles_of(getattr(request, "user", None)).is_steward,
        "can_grant_roles": can_curate_all(getattr(request, "user", None)),
        "can_publish": can_publish(getattr(request, "user", None)),
        "basket_count": SimpleLazyObject(lambda: count_basket(request)),
    }
