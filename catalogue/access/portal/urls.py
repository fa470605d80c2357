"""Addresses of access requests in the portal: those who ask first, then those who decide."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from catalogue.access.portal.views import (
    attached,
    basket,
    me,
    people,
    preflight,
    privacy,
    register,
    request,
    request_form,
    requests,
    rights,
    submission,
    terms,
    tokens,
)

_OWN = "requests/<uuid:application_id>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("basket/", basket.show_basket, name="basket"),
    path("basket/change/", basket.change_basket, name="basket-change"),
    path("basket/request/", basket.request_basket, name="basket-request"),
    path("purpose/", preflight.show_preflight, name="preflight"),
    path("requests/", requests.list_requests, name="requests"),
    path("requests/join/", people.join, name="join"),
    path(_OWN, request.show_request, name="request"),
    path(f"{_OWN}form/", request_form.edit_request, name="request-form"),
    path(f"{_OWN}form/save/", request_form.autosave_request, name="request-save"),
    path(f"{_OWN}check/", submission.check_request, name="request-check"),
    path(f"{_OWN}terms/", terms.show_terms, name="request-terms"),
    path(f"{_OWN}people/", people.show_people, name="request-people"),
    path(f"{_OWN}people/<int:member_id>/drop/", people.drop_member, name="request-member-drop"),
    path(f"{_OWN}files/<uuid:attachment_id>", attached.give_attachment, name="request-attachment"),
    path(f"{_OWN}files/<uuid:attachment_id>/drop/", attached.drop_attachment, name="request-attachment-drop"),
    path(f"{_OWN}do/<slug:action>/", request.act_on_request, name="request-action"),
    path("rights/", rights.list_rights, name="rights"),
    path("rights/<uuid:grant_id>/", rights.show_right, name="right"),
    path("rights/<uuid:grant_id>/<slug:action>/", rights.act_on_right, name="right-action"),
    path("me/", me.show_me, name="me"),
    path("me/tokens/", tokens.show_tokens, name="tokens"),
    path("me/tokens/<int:token_id>/end/", tokens.end_own_token, name="token-end"),
    path("", include("catalogue.access.portal.committee_urls")),
    path("access/privacy/", privacy.show_privacy, name="privacy"),
    path("access/privacy/export.json", privacy.download_held, name="privacy-export"),
    path("access/privacy/erase/", privacy.erase_me, name="privacy-erase"),
    path("access/register/", register.show_register, name="register"),
    path("access/register/cells.csv", register.download_csv, name="register-csv"),
    path("access/register/cells.json", register.download_json, name="register-json"),
]
