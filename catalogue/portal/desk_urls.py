"""Addresses of the desk, below `/desk/`."""

from __future__ import annotations

from django.urls import path

from catalogue.portal.views import bulk, desk, minting, people, rules

urlpatterns = [
    path("", desk.show_desk, name="desk"),
    path("rules/", rules.list_rules, name="rules"),
    path("rules/new/", rules.write_rule, name="rule-add"),
    path("rules/<int:rule_id>/", rules.write_rule, name="rule-change"),
    path("rules/<int:rule_id>/close/", rules.close, name="rule-close"),
    path("bulk/", bulk.choose_change, name="bulk"),
    path("bulk/acts/<int:act_id>/", bulk.show_act, name="bulk-act"),
    path("bulk/acts/<int:act_id>/undo/", bulk.undo, name="bulk-undo"),
    path("bulk/<slug:key>/", bulk.show_plan, name="bulk-plan"),
    path("bulk/<slug:key>/apply/", bulk.apply, name="bulk-apply"),
    path("minting/", minting.choose, name="minting"),
    path("minting/<slug:key>/", minting.show_plan, name="minting-plan"),
    path("minting/<slug:key>/apply/", minting.apply, name="minting-apply"),
    path("people/", people.list_people, name="people"),
    path("people/<int:grant_id>/revoke/", people.revoke, name="role-revoke"),
    path("<slug:kind>/", desk.show_queue, name="desk-queue"),
    path("<slug:kind>/batch/", desk.decide_batch, name="desk-batch"),
    path("<slug:kind>/<slug:key>/decide/", desk.decide, name="desk-decide"),
    path("<slug:kind>/<slug:key>/assign/", desk.assign, name="desk-assign"),
    path("<slug:kind>/<slug:key>/comment/", desk.comment, name="desk-comment"),
]
