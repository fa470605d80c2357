"""Addresses of the API, version 1. They have no slash at the end."""

from __future__ import annotations

from django.urls import include, path, re_path, register_converter
from django.urls.converters import StringConverter

from catalogue.api.views import (
    clusters,
    conflicts,
    curation,
    dataset,
    datasets,
    distributions,
    documentation,
    dois,
    draft_actions,
    drafts,
    editions,
    entry,
    files,
    finding,
    proposals,
    publishers,
    runs,
    searches,
    sources,
)


class DatasetKeyConverter(StringConverter):
    """A UUID or slug, or a DOI with the slash that DOIs have."""

    regex = r"(?:(?:doi:)?10\.[0-9]{4,9}(?:\.[0-9]+)*/.+?|[^/]+)"


register_converter(DatasetKeyConverter, "dataset_key")

urlpatterns = [
    path("v1", entry.EntryView.as_view(), name="api-entry"),
    path("v1/problems", entry.ProblemsView.as_view(), name="api-problems"),
    path("v1/problems/<slug:name>", entry.ProblemView.as_view(), name="api-problem"),
    path("v1/openapi.json", documentation.OpenApiView.as_view(), name="api-openapi-json"),
    path("v1/openapi.yaml", documentation.OpenApiYamlView.as_view(), name="api-openapi-yaml"),
    path("v1/docs", documentation.show_documentation, name="api-docs"),
    path("v1/datasets", datasets.DatasetsView.as_view(), name="api-datasets"),
    path("v1/datasets/export.<slug:extension>", finding.ExportView.as_view(), name="api-datasets-export"),
    path("v1/suggest", finding.SuggestView.as_view(), name="api-suggest"),
    path("v1/datasets/<dataset_key:key>/similar", finding.SimilarView.as_view(), name="api-dataset-similar"),
    path(
        "v1/datasets/<dataset_key:key>/provenance",
        dataset.ProvenanceView.as_view(),
        name="api-dataset-provenance",
    ),
    path(
        "v1/datasets/<dataset_key:key>/versions", dataset.VersionsView.as_view(), name="api-dataset-versions"
    ),
    path(
        "v1/datasets/<dataset_key:key>/distributions",
        distributions.DatasetDistributionsView.as_view(),
        name="api-dataset-distributions",
    ),
    path("v1/datasets/<dataset_key:key>/fields", curation.FieldsView.as_view(), name="api-dataset-fields"),
    path(
        "v1/datasets/<dataset_key:key>/fields/<str:path>",
        curation.FieldView.as_view(),
        name="api-dataset-field",
    ),
    path(
        "v1/datasets/<dataset_key:key>/history",
        curation.FieldHistoryView.as_view(),
        name="api-dataset-history",
    ),
    path(
        "v1/datasets/<dataset_key:key>/correction",
        editions.CorrectionView.as_view(),
        name="api-dataset-correction",
    ),
    path(
        "v1/datasets/<dataset_key:key>/new-version",
        editions.NewVersionView.as_view(),
        name="api-dataset-new-version",
    ),
    path(
        "v1/datasets/<dataset_key:key>/withdraw", editions.WithdrawView.as_view(), name="api-dataset-withdraw"
    ),
    path("v1/datasets/<dataset_key:key>/restore", editions.RestoreView.as_view(), name="api-dataset-restore"),
    path("v1/datasets/<dataset_key:key>/doi", dois.DatasetDoiView.as_view(), name="api-dataset-doi"),
    path("v1/drafts", drafts.DraftsView.as_view(), name="api-drafts"),
    path("v1/drafts/<uuid:draft_id>", drafts.DraftView.as_view(), name="api-draft"),
    path("v1/drafts/<uuid:draft_id>/problems", drafts.DraftProblemsView.as_view(), name="api-draft-problems"),
    path(
        "v1/drafts/<uuid:draft_id>/submit", draft_actions.SubmitDraftView.as_view(), name="api-draft-submit"
    ),
    path(
        "v1/drafts/<uuid:draft_id>/take-back",
        draft_actions.TakeBackDraftView.as_view(),
        name="api-draft-take-back",
    ),
    path(
        "v1/drafts/<uuid:draft_id>/return", draft_actions.ReturnDraftView.as_view(), name="api-draft-return"
    ),
    path(
        "v1/drafts/<uuid:draft_id>/approve",
        draft_actions.ApproveDraftView.as_view(),
        name="api-draft-approve",
    ),
    path(
        "v1/drafts/<uuid:draft_id>/publish",
        draft_actions.PublishDraftView.as_view(),
        name="api-draft-publish",
    ),
    path("v1/datasets/<dataset_key:key>/sources", clusters.ClusterView.as_view(), name="api-dataset-sources"),
    path(
        "v1/datasets/<dataset_key:key>/sources/join",
        clusters.ClusterJoinView.as_view(),
        name="api-cluster-join",
    ),
    path(
        "v1/datasets/<dataset_key:key>/sources/split",
        clusters.ClusterSplitView.as_view(),
        name="api-cluster-split",
    ),
    path(
        "v1/datasets/<dataset_key:key>/sources/lead",
        clusters.ClusterLeadView.as_view(),
        name="api-cluster-lead",
    ),
    path("v1/datasets/<dataset_key:key>", dataset.DatasetView.as_view(), name="api-dataset"),
    path("v1/conflicts", conflicts.ConflictsView.as_view(), name="api-conflicts"),
    path("v1/conflicts/<int:conflict_id>", conflicts.ConflictView.as_view(), name="api-conflict"),
    path(
        "v1/conflicts/<int:conflict_id>/decision",
        conflicts.ConflictDecisionView.as_view(),
        name="api-conflict-decision",
    ),
    path("v1/proposals", proposals.ProposalsView.as_view(), name="api-proposals"),
    path("v1/proposals/programs", proposals.ProposalProgramsView.as_view(), name="api-proposal-programs"),
    path("v1/proposals/decisions", proposals.ProposalDecisionsView.as_view(), name="api-proposal-decisions"),
    path("v1/proposals/accept-above", proposals.AcceptAboveView.as_view(), name="api-proposals-accept"),
    path("v1/proposals/<int:proposal_id>", proposals.ProposalView.as_view(), name="api-proposal"),
    path(
        "v1/proposals/<int:proposal_id>/decision",
        proposals.ProposalDecisionView.as_view(),
        name="api-proposal-decision",
    ),
    path("v1/acts/<int:act_id>", conflicts.ActView.as_view(), name="api-act"),
    path("v1/acts/<int:act_id>/undo", conflicts.ActUndoView.as_view(), name="api-act-undo"),
    path("v1/distributions", distributions.DistributionsView.as_view(), name="api-distributions"),
    path("v1/files", files.FilesView.as_view(), name="api-files"),
    path("v1/files/<uuid:file_id>", files.FileView.as_view(), name="api-file"),
    path("v1/files/<uuid:file_id>/parts", files.FilePartsView.as_view(), name="api-file-parts"),
    path("v1/files/<uuid:file_id>/complete", files.FileCompleteView.as_view(), name="api-file-complete"),
    path("v1/files/<uuid:file_id>/content", files.FileContentView.as_view(), name="api-file-content"),
    path("v1/searches", searches.SearchesView.as_view(), name="api-searches"),
    path("v1/searches/<uuid:search_id>", searches.SearchView.as_view(), name="api-search"),
    path("v1/searches/<uuid:search_id>/hits", searches.SearchHitsView.as_view(), name="api-search-hits"),
    path("v1/publishers", publishers.PublishersView.as_view(), name="api-publishers"),
    path("v1/publishers/<slug:slug>", publishers.PublisherView.as_view(), name="api-publisher"),
    path("v1/sources", sources.SourcesView.as_view(), name="api-sources"),
    path("v1/sources/<slug:slug>", sources.SourceView.as_view(), name="api-source"),
    path("v1/sources/<slug:slug>/runs", runs.SourceRunsView.as_view(), name="api-source-runs"),
    path("v1/runs/<int:run_id>", runs.RunView.as_view(), name="api-run"),
    path("v1/runs/<int:run_id>/failures", runs.RunFailuresView.as_view(), name="api-run-failures"),
    path("v1/runs/<int:run_id>/stop", runs.StopRunView.as_view(), name="api-run-stop"),
    path("v1/runs/<int:run_id>/undo", runs.UndoRunView.as_view(), name="api-run-undo"),
    path("v1/", include("catalogue.api.desk_urls")),
    re_path(r"^(?P<rest>.*)$", entry.UnknownAddressView.as_view(), name="api-unknown"),
]
