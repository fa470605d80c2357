"""`/roles`: who may do what. For chief stewards."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from catalogue.api.paging import Keyset, answer_page, take_page
from catalogue.api.permissions import MayGrantRoles
from catalogue.api.schema import PAGING, describe, path_parameter
from catalogue.api.serializers.pages import page_of
from catalogue.api.serializers.roles import RoleInputSerializer, RoleSerializer
from catalogue.api.view import ApiView
from catalogue.domain.roles import grant_role, list_grants, revoke_role

RolePageSerializer = page_of(RoleSerializer, "RolePage")
_NUMBER = path_parameter("grant_id", "The number of the grant.", "", int)
_TAGS = ["Roles"]


class RolesView(ApiView):
    """All roles."""

    parameters = ("limit", "cursor")
    permission_classes = (MayGrantRoles,)

    @describe(
        "List roles",
        RolePageSerializer,
        operation="listRoles",
        tags=_TAGS,
        description="For chief stewards. In the order in which they were granted.",
        parameters=PAGING,
        problems=(401, 403),
    )
    def get(self, request: Request) -> Response:
        """Answer with one page."""
        page = take_page(request, list_grants(), Keyset(("id",)))
        return answer_page(request, page, page.rows, RolePageSerializer)

    @describe(
        "Grant a role",
        RoleSerializer,
        operation="grantRole",
        tags=_TAGS,
        description="For chief stewards. Granting what is there already changes nothing.",
        status=201,
        request=RoleInputSerializer,
        body_example={"username": "anna", "role": "steward", "source": "lakes"},
        problems=(401, 403, 404),
    )
    def post(self, request: Request) -> Response:
        """Grant the role of the body."""
        form = RoleInputSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        return Response(RoleSerializer(grant_role(**form.validated_data, by=request.user)).data, status=201)


class RoleView(ApiView):
    """One role of one account."""

    permission_classes = (MayGrantRoles,)

    @describe(
        "Take a role back",
        None,
        operation="revokeRole",
        tags=_TAGS,
        description="For chief stewards, who cannot take their own.",
        status=204,
        parameters=[_NUMBER],
        problems=(401, 403, 404, 409),
    )
    def delete(self, request: Request, grant_id: int) -> Response:
        """Revoke the role."""
        revoke_role(min(grant_id, 2**63 - 1), by=request.user)
        return Response(status=204)
