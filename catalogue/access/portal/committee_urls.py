"""Addresses of those who decide: boards, cases, and what committees keep."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from catalogue.access.portal.views import (
    board,
    case,
    committees,
    grants,
    manage,
    manage_forms,
    manage_routes,
    site,
    targets,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("board/", board.show_all, name="board"),
    path("committees/", committees.list_committees, name="committees"),
    path("committees-new/", site.add_committee, name="committee-add"),
    path("committees/<slug:committee>/", committees.show_committee, name="committee"),
    path("committees/<slug:committee>/about/", manage.edit_about, name="manage-about"),
    path("committees/<slug:committee>/people/", manage.edit_people, name="manage-people"),
    path(
        "committees/<slug:committee>/people/<int:role_id>/end/", manage.end_person, name="manage-person-end"
    ),
    path("committees/<slug:committee>/workflows/", manage.edit_workflows, name="manage-workflows"),
    path("committees/<slug:committee>/terms/", manage.edit_terms, name="manage-terms"),
    path("committees/<slug:committee>/blocks/", manage.list_blocks, name="manage-blocks"),
    path("committees/<slug:committee>/forms/", manage_forms.list_forms, name="manage-forms"),
    path("committees/<slug:committee>/forms/<uuid:form_id>/", manage_forms.edit_form, name="manage-form"),
    path("committees/<slug:committee>/datasets/", manage_routes.list_routes, name="manage-routes"),
    path("committees/<slug:committee>/datasets/<slug:slug>/", manage_routes.edit_route, name="manage-route"),
    path("datasets/<slug:slug>/committee/", manage_routes.choose_committee, name="dataset-committee"),
    path("targets/", targets.show_targets, name="targets"),
    path("targets-new/", targets.edit_target, name="target-add"),
    path("targets/<slug:slug>/", targets.show_target, name="target"),
    path("targets/<slug:slug>/change/", targets.edit_target, name="target-change"),
    path("targets/<slug:slug>/<slug:action>/", targets.act_on_target, name="target-act"),
    path("site-roles/", site.edit_site_roles, name="site-roles"),
    path("site-roles/<int:site_role_id>/end/", site.drop_site_role, name="site-role-end"),
    path("audit/", site.list_applications, name="audit"),
    path("audit/logs/", site.check_chains, name="audit-chains"),
    path("committees/<slug:committee>/board/", board.show_committee, name="committee-board"),
    path("cases/<uuid:application_id>/", case.show_case, name="case"),
    path("cases/<uuid:application_id>/<slug:command>/", case.act_on_case, name="case-act"),
    path(
        "cases/<uuid:application_id>/items/<uuid:item_id>/<slug:command>/",
        case.act_on_item,
        name="case-item-act",
    ),
    path("committees/<slug:committee>/rights/", grants.list_of_committee, name="committee-grants"),
    path("rights/all/", grants.list_all, name="rights-all"),
    path("granted/<uuid:right_id>/", grants.show_grant, name="committee-grant"),
    path("granted/<uuid:right_id>/<slug:command>/", grants.act_on_grant, name="committee-grant-act"),
    path("blocks/<int:block_id>/lift/", grants.lift, name="block-lift"),
]
