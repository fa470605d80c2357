"""Addresses of the desk's API: work, mapping rules, changes of many, DOIs for many, roles."""

from __future__ import annotations

from django.urls import path

from catalogue.api.views import bulk, desk, minting, roles, rules

urlpatterns = [
    path("desk", desk.DeskView.as_view(), name="api-desk"),
    path("desk/<slug:kind>", desk.DeskQueueView.as_view(), name="api-desk-queue"),
    path("desk/<slug:kind>/<slug:piece>", desk.DeskPieceView.as_view(), name="api-desk-piece"),
    path(
        "desk/<slug:kind>/<slug:piece>/assignment",
        desk.DeskAssignmentView.as_view(),
        name="api-desk-assignment",
    ),
    path("desk/<slug:kind>/<slug:piece>/comments", desk.DeskCommentsView.as_view(), name="api-desk-comments"),
    path("mapping-rules", rules.RulesView.as_view(), name="api-rules"),
    path("mapping-rules/trial", rules.RuleTrialView.as_view(), name="api-rule-trial"),
    path("mapping-rules/words", rules.RuleWordsView.as_view(), name="api-rule-words"),
    path("mapping-rules/<int:rule_id>", rules.RuleView.as_view(), name="api-rule"),
    path("bulk", bulk.BulkView.as_view(), name="api-bulk"),
    path("bulk/acts/<int:change_id>", bulk.BulkActView.as_view(), name="api-bulk-act"),
    path("bulk/<slug:plan>", bulk.BulkPlanView.as_view(), name="api-bulk-plan"),
    path("bulk/<slug:plan>/apply", bulk.BulkApplyView.as_view(), name="api-bulk-apply"),
    path("minting", minting.MintingView.as_view(), name="api-minting"),
    path("minting/<slug:minting>", minting.MintingPlanView.as_view(), name="api-minting-plan"),
    path(
        "minting/<slug:minting>/datasets", minting.MintingDatasetsView.as_view(), name="api-minting-datasets"
    ),
    path("minting/<slug:minting>/apply", minting.MintingApplyView.as_view(), name="api-minting-apply"),
    path("roles", roles.RolesView.as_view(), name="api-roles"),
    path("roles/<int:grant_id>", roles.RoleView.as_view(), name="api-role"),
]
