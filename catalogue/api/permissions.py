"""The predicates of policies.py as DRF permissions: 401 for those who are not signed in, else 403."""

from __future__ import annotations

from typing import Any

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from catalogue.policies import (
    can_curate_all,
    can_operate_sources,
    can_publish,
    can_see_run_details,
    can_use_desk,
    roles_of,
)

_WORDS = "Your account may not operate sources. Ask an administrator for the staff role."


class MayOperateSources(BasePermission):
    """Everybody may read; operators may write."""

    message = _WORDS

    def has_permission(self, request: Request, view: Any) -> bool:
        """Answer for this request."""
        return request.method in SAFE_METHODS or can_operate_sources(request.user)


class MaySeeRuns(BasePermission):
    """Runs and failures quote what sources sent, also what they withdrew: operators only."""

    message = _WORDS

    def has_permission(self, request: Request, view: Any) -> bool:
        """Answer for this request."""
        return request.method == "OPTIONS" or can_see_run_details(request.user)


class MayPublish(BasePermission):
    """Drafts are for those who publish for somebody."""

    message = "Your account may not publish here. Ask the chief steward to make you a publisher's steward."

    def has_permission(self, request: Request, view: Any) -> bool:
        """Answer for this request."""
        return request.method == "OPTIONS" or can_publish(request.user)


class MayUseDesk(BasePermission):
    """Work, rules and changes of many are for stewards and operators; of what, each verb asks."""

    message = "Your account has no desk. Ask the chief steward for the role of a steward."

    def has_permission(self, request: Request, view: Any) -> bool:
        """Answer for this request."""
        return request.method == "OPTIONS" or can_use_desk(request.user)


class MayCurate(BasePermission):
    """Changes of many are for those who curate something; of what, each dataset is asked."""

    message = "Only stewards may do this. Ask the chief steward to make you one."

    def has_permission(self, request: Request, view: Any) -> bool:
        """Answer for this request."""
        return request.method == "OPTIONS" or roles_of(request.user).is_steward


class MayGrantRoles(BasePermission):
    """Roles are seen and granted by chief stewards."""

    message = "Only a chief steward may do this."

    def has_permission(self, request: Request, view: Any) -> bool:
        """Answer for this request."""
        return request.method == "OPTIONS" or can_curate_all(request.user)
