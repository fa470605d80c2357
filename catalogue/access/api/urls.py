"""Addresses of the access API, below `/api/`. They have no slash at the end."""

from __future__ import annotations

from django.urls import path

from catalogue.access.api.views import (
    applications,
    attachments,
    basket,
    committees,
    grants,
    items,
    programs,
    register,
)

urlpatterns = [
    path("jwk", programs.KeySetView.as_view(), name="api-jwk"),
    path("permissions/<str:user>", programs.PermissionsView.as_view(), name="api-permissions"),
    path("v1/access/handoff/manifest", programs.ManifestView.as_view(), name="api-handoff-manifest"),
    path(
        "v1/access/handoff/files/<uuid:file_id>", programs.HandedFileView.as_view(), name="api-handoff-file"
    ),
    path("v1/access/visas", programs.OwnVisasView.as_view(), name="api-own-visas"),
    path("v1/access/basket", basket.BasketView.as_view(), name="api-basket"),
    path("v1/access/intent", basket.IntentView.as_view(), name="api-intent"),
    path("v1/access/preflight", basket.PreflightView.as_view(), name="api-preflight"),
    path("v1/access/applications", applications.ApplicationsView.as_view(), name="api-applications"),
    path(
        "v1/access/applications/<uuid:application_id>",
        applications.ApplicationView.as_view(),
        name="api-application",
    ),
    path(
        "v1/access/applications/<uuid:application_id>/events",
        applications.ApplicationEventsView.as_view(),
        name="api-application-events",
    ),
    path(
        "v1/access/applications/<uuid:application_id>/snapshots/<int:number>",
        applications.SnapshotView.as_view(),
        name="api-snapshot",
    ),
    path(
        "v1/access/applications/<uuid:application_id>/evidence",
        applications.EvidenceView.as_view(),
        name="api-evidence",
    ),
    path(
        "v1/access/applications/<uuid:application_id>/members/<int:member_id>",
        applications.MemberRemoveView.as_view(),
        name="api-member",
    ),
    path(
        "v1/access/applications/<uuid:application_id>/attachments",
        attachments.AttachmentsView.as_view(),
        name="api-attachments",
    ),
    path(
        "v1/access/applications/<uuid:application_id>/attachments/<uuid:attachment_id>",
        attachments.AttachmentView.as_view(),
        name="api-attachment",
    ),
    *(
        path(
            f"v1/access/applications/<uuid:application_id>/{name}",
            view.as_view(),
            name=f"api-application-{name}",
        )
        for name, view in applications.COMMAND_VIEWS.items()
    ),
    path("v1/access/invitations/accept", applications.JoinView.as_view(), name="api-join"),
    path("v1/access/items/<uuid:item_id>", items.ItemView.as_view(), name="api-item"),
    *(
        path(f"v1/access/items/<uuid:item_id>/{name}", view.as_view(), name=f"api-item-{name}")
        for name, view in items.COMMAND_VIEWS.items()
    ),
    path("v1/access/items/<uuid:item_id>/letter", items.LetterView.as_view(), name="api-letter"),
    path("v1/access/grants", grants.GrantsView.as_view(), name="api-grants"),
    path("v1/access/grants/<uuid:grant_id>", grants.GrantView.as_view(), name="api-grant"),
    *(
        path(f"v1/access/grants/<uuid:grant_id>/{name}", view.as_view(), name=f"api-grant-{name}")
        for name, view in grants.COMMAND_VIEWS.items()
    ),
    path("v1/access/committees", committees.CommitteesView.as_view(), name="api-committees"),
    path("v1/access/committees/<slug:slug>", committees.CommitteeView.as_view(), name="api-committee"),
    path("v1/access/register", register.RegisterView.as_view(), name="api-register"),
    path(
        "v1/access/committees/<slug:slug>/statistics",
        register.CommitteeStatisticsView.as_view(),
        name="api-committee-statistics",
    ),
    path("v1/access/committees/<slug:slug>/board", committees.BoardView.as_view(), name="api-board"),
    path("v1/access/targets/states", committees.TargetStatesView.as_view(), name="api-target-states"),
]
