"""What other systems ask for: visas as REMS answers them, the key set, and hand-off manifests.

`/api/permissions/{user}` and `/api/jwk` stand where REMS has them (https://github.com/CSCfi/rems), so that
brokers which know REMS know this.
"""

from __future__ import annotations

import uuid

from django.http import HttpResponse, HttpResponseRedirect
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from catalogue.access.api.permissions import IsSignedIn, asker
from catalogue.access.api.serializers import KeySetSerializer, PassportSerializer, ShownVisasSerializer
from catalogue.access.domain.handoff import MEDIA_TYPE, build_manifest, find_handed_file, sign_manifest
from catalogue.access.domain.keys import published_keys
from catalogue.access.domain.researchers import show_visas
from catalogue.access.domain.tokens import use_token
from catalogue.access.domain.visas import find_person, issue_passport
from catalogue.access.models import Person, ScopedToken
from catalogue.access.policies import can
from catalogue.api.authentication import PasswordAuthentication, TokenAuthentication
from catalogue.api.schema import describe, path_parameter
from catalogue.api.view import ApiView
from catalogue.domain.file_links import sign_download
from catalogue.errors import Conflict, NotFound

_TAGS = ["Access for programs"]


class KeySetView(ApiView):
    """The keys that visas and manifests are signed with."""

    @describe(
        "Read the key set",
        KeySetSerializer,
        operation="readKeySet",
        tags=_TAGS,
        description="Those that sign, those that will sign next, and those whose signatures may still live.",
    )
    def get(self, request: Request) -> Response:
        """Answer with it."""
        return Response(published_keys())


class PermissionsView(ApiView):
    """Somebody's visas."""

    cache_s = 0
    authentication_classes = (PasswordAuthentication, TokenAuthentication, SessionAuthentication)

    @describe(
        "Read somebody's visas",
        PassportSerializer,
        operation="readPermissions",
        tags=_TAGS,
        description=(
            "One's own; auditors and security officers anybody's, and services with a token (Authorization: "
            "Bearer). `user` is a person's id, an account's name, or a subject at an identity provider. Visas "
            "live an hour at most."
        ),
        parameters=[path_parameter("user", "Whose.", "")],
        problems=(401, 403, 404, 409),
    )
    def get(self, request: Request, user: str) -> Response:
        """Answer with a passport."""
        is_own_token = isinstance(request.auth, ScopedToken)
        if not is_own_token and (secret := read_bearer(request)) is not None:
            use_token(secret, ScopedToken.Scope.PERMISSIONS)
            person = find_person(user)
        elif not request.user.is_authenticated:
            raise NotAuthenticated
        elif can(request.user, "read_rights"):
            person = find_person(user)
        else:
            person = self._own(request, user)
        return Response(issue_passport(person.user), headers={"Cache-Control": "no-store"})

    def _own(self, request: Request, user: str) -> Person:
        """Return the asker's own person; of others they learn nothing, known or not."""
        try:
            person = find_person(user)
        except Conflict:  # several people have this subject: also no stranger's to know
            raise NotFound("There is no such person, or nobody may know of them here.") from None
        if person.user_id != request.user.pk:
            raise NotFound("There is no such person, or nobody may know of them here.")
        return person


class OwnVisasView(ApiView):
    """Visas that the asker shows of themselves."""

    permission_classes = (IsSignedIn,)

    @describe(
        "Show visas from elsewhere",
        ShownVisasSerializer,
        operation="showVisas",
        tags=_TAGS,
        description=(
            "Of issuers that the operator believes, about an identity that you signed in with. A ResearcherStatus "
            "counts until it expires; nothing of a visa is kept."
        ),
        request=PassportSerializer,
        body_example={"ga4gh_passport_v1": ["a visa"]},
        problems=(401, 409, 502),
    )
    def post(self, request: Request) -> Response:
        """Read them."""
        form = PassportSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        shown = show_visas(asker(request), form.validated_data["ga4gh_passport_v1"])
        return Response(ShownVisasSerializer({"until": shown.until, "refused": list(shown.refused)}).data)


class ManifestView(ApiView):
    """The manifest of a hand-off."""

    authentication_classes = ()

    @describe(
        "Fetch a hand-off's manifest",
        None,
        media_types=(MEDIA_TYPE,),
        operation="fetchManifest",
        tags=_TAGS,
        description=(
            "With the hand-off's token (Authorization: Bearer). A compact JWS (RFC 7515), ES256, by a key of "
            "/api/jwk: files with their SHA-256, the terms' hashes, until when."
        ),
        problems=(401, 403),
    )
    def get(self, request: Request) -> HttpResponse:
        """Answer with the signed manifest."""
        token = use_token(require_bearer(request), ScopedToken.Scope.HANDOFF)
        response = HttpResponse(sign_manifest(build_manifest(token)), content_type=MEDIA_TYPE)
        response.headers["Cache-Control"] = "no-store"
        return response


class HandedFileView(ApiView):
    """A file of a hand-off."""

    authentication_classes = ()

    @describe(
        "Fetch a file of a hand-off",
        None,
        operation="fetchHandedFile",
        tags=_TAGS,
        description="Leads to an address that gives the bytes for a minute. The right is asked again each time.",
        status=302,
        parameters=[path_parameter("file_id", "The file's id.", "", uuid.UUID)],
        problems=(401, 403, 404),
    )
    def get(self, request: Request, file_id: uuid.UUID) -> HttpResponseRedirect:
        """Redirect to the store."""
        token = use_token(require_bearer(request), ScopedToken.Scope.HANDOFF)
        address = sign_download(find_handed_file(token, file_id))
        response = HttpResponseRedirect(request.build_absolute_uri(address))
        response.headers["Cache-Control"] = "no-store"
        return response


def read_bearer(request: Request) -> str | None:
    """Return the token of an Authorization header, None where there is none."""
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    return secret.strip()[:200] if kind.lower() == "bearer" else None


def require_bearer(request: Request) -> str:
    """Return the token. Raises NotAuthenticated."""
    secret = read_bearer(request)
    if not secret:
        raise NotAuthenticated
    return secret
