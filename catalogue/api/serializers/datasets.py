"""What the API says of datasets, distributions and publishers: the shapes, for rendering and for OpenAPI.

Parts of records are JSON as catalogue/record_json.py writes it; their schemas come from the dataclasses
themselves (schema.py).
"""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalogue.models import Dataset

_TEXTS = {"type": "array", "items": {"$ref": "#/components/schemas/RecordText"}}


@extend_schema_field(_TEXTS)
class TextsField(serializers.JSONField):
    """Words with their languages."""


@extend_schema_field({"$ref": "#/components/schemas/Record"})
class RecordField(serializers.JSONField):
    """A whole record."""


@extend_schema_field({"$ref": "#/components/schemas/RecordDistribution"})
class DistributionField(serializers.JSONField):
    """A distribution of a record."""


class TermSerializer(serializers.Serializer[Any]):
    """A coded value: its IRI, and the short code that a search takes after `format:` and the like."""

    iri = serializers.CharField(allow_blank=True)
    code = serializers.CharField(allow_blank=True)


class PublisherRefSerializer(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField()
    url = serializers.URLField()


class BecauseSerializer(serializers.Serializer[Any]):
    """Why a hit is there."""

    exact = serializers.ChoiceField(
        choices=["doi", "identifier", "title"],
        allow_blank=True,
        help_text="what matched exactly, if anything did",
    )
    terms = serializers.ListField(
        child=serializers.CharField(), help_text="words found, as the record has them"
    )
    is_by_meaning = serializers.BooleanField(help_text="no word was found; the meaning is near")
    lexical_rank = serializers.IntegerField(allow_null=True)
    dense_rank = serializers.IntegerField(allow_null=True)
    similarity = serializers.FloatField(allow_null=True, help_text="cosine of the meanings, -1 to 1")


class HighlightSerializer(serializers.Serializer[Any]):
    text = serializers.CharField()
    is_match = serializers.BooleanField()


class DatasetSummarySerializer(serializers.Serializer[Any]):
    """A dataset in a list. Of a tombstone only id, addresses, times and reason are told."""

    id = serializers.UUIDField()
    iri = serializers.URLField(help_text="the dataset in the knowledge graph")
    slug = serializers.CharField()
    url = serializers.URLField(help_text="the dataset in this API")
    page = serializers.URLField(help_text="the page for people")
    kind = serializers.ChoiceField(choices=["dataset", "series", "service"])
    state = serializers.ChoiceField(choices=Dataset.State.choices)
    revision = serializers.IntegerField(help_text="grows with every change")
    changed_at = serializers.DateTimeField()
    gone_at = serializers.DateTimeField(allow_null=True)
    gone_reason = serializers.CharField(allow_blank=True)
    merged_into = serializers.URLField(
        allow_null=True, help_text="the dataset that it was joined to, where its addresses lead"
    )
    title = TextsField()
    publisher = PublisherRefSerializer(allow_null=True)
    newest = serializers.DateField(allow_null=True, help_text="modified, else issued, as the source says")
    access = TermSerializer(many=True)
    licenses = TermSerializer(many=True)
    formats = TermSerializer(many=True)
    because = BecauseSerializer(allow_null=True, help_text="null outside a search")
    highlights = serializers.DictField(child=HighlightSerializer(many=True))
    score = serializers.FloatField(allow_null=True, help_text="comparable within one answer only")


class FacetValueSerializer(serializers.Serializer[Any]):
    value = serializers.CharField(help_text="what to send to filter by it")
    code = serializers.CharField(help_text="what to write in q, as in format:csv")
    label = serializers.CharField(  # type: ignore[assignment]
        allow_blank=True, help_text="a name, for publishers and sources"
    )
    count = serializers.IntegerField()


class DatasetListSerializer(serializers.Serializer[Any]):
    """A page of a search, of the listing, or of the feed of changes."""

    order = serializers.ChoiceField(choices=["relevance", "newest", "title", "changed"])
    total = serializers.IntegerField(help_text="datasets that match by word and filter, or are listed")
    related = serializers.IntegerField(
        help_text="further hits that meaning alone found; not in total and facets"
    )
    no_good_match = serializers.BooleanField(
        help_text="nothing fits the question; results are the nearest ones"
    )
    notices = serializers.ListField(
        child=serializers.CharField(),
        help_text="such as encoder-unavailable: answered by words alone; question-cut",
    )
    did_you_mean = serializers.CharField(
        allow_null=True, help_text="the question with words put right that no dataset has, if that finds more"
    )
    results = DatasetSummarySerializer(many=True)
    facets = serializers.DictField(child=FacetValueSerializer(many=True), help_text="empty outside a search")
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    resume = serializers.URLField(
        allow_null=True, help_text="feed of changes only: ask here later for what changed since this page"
    )


class SimilarDatasetsSerializer(serializers.Serializer[Any]):
    """The datasets nearest in meaning to another one."""

    results = DatasetSummarySerializer(many=True)


class SuggestionSerializer(serializers.Serializer[Any]):
    """Something that a text may be the beginning of."""

    kind = serializers.ChoiceField(choices=["dataset", "publisher", "theme", "format", "language"])
    label = serializers.CharField()  # type: ignore[assignment]
    language = serializers.CharField(help_text="of the label, empty for the language asked for")
    value = serializers.CharField(help_text="a dataset's id, a publisher's slug or a concept's IRI")
    count = serializers.IntegerField(allow_null=True, help_text="how many datasets have it")
    url = serializers.URLField(help_text="the dataset, or the datasets that have it")


class SuggestionsSerializer(serializers.Serializer[Any]):
    """What a search box may offer."""

    results = SuggestionSerializer(many=True)


class DescribedBySerializer(serializers.Serializer[Any]):
    """A source that describes the dataset."""

    source = serializers.SlugField(source="source.slug")  # type: ignore[assignment]
    title = serializers.CharField(source="source.title")
    url = serializers.URLField(help_text="the source in this API")
    remote_id = serializers.CharField()
    state = serializers.ChoiceField(choices=["live", "removed"])
    version = serializers.IntegerField(source="number")
    first_seen = serializers.DateTimeField()
    last_seen = serializers.DateTimeField()
    missing_since = serializers.DateTimeField(allow_null=True)


class DatasetLinksSerializer(serializers.Serializer[Any]):
    self = serializers.URLField()
    page = serializers.URLField()
    provenance = serializers.URLField()
    versions = serializers.URLField()
    sources = serializers.URLField()
    distributions = serializers.URLField()
    exports = serializers.DictField(child=serializers.URLField(), help_text="by format name")


class DatasetSerializer(serializers.Serializer[Any]):
    """A dataset: the resolved record, where each value comes from, and who describes it."""

    id = serializers.UUIDField()
    iri = serializers.URLField()
    slug = serializers.CharField()
    kind = serializers.ChoiceField(choices=["dataset", "series", "service"])
    state = serializers.ChoiceField(choices=Dataset.State.choices)
    revision = serializers.IntegerField()
    created_at = serializers.DateTimeField(help_text="when this catalogue met it first")
    changed_at = serializers.DateTimeField()
    as_of = serializers.DateTimeField(allow_null=True, help_text="the moment asked for; null: now")
    publisher = PublisherRefSerializer(allow_null=True)
    record = RecordField()
    provenance = serializers.DictField(
        child=serializers.DictField(),
        help_text="field path -> layer, source or author, time",
    )
    sources = DescribedBySerializer(many=True)
    links = DatasetLinksSerializer()


class OverrideSerializer(serializers.Serializer[Any]):
    """A field as a steward wants it, over what the source says."""

    path = serializers.CharField()
    lang = serializers.CharField(allow_blank=True)
    value = serializers.JSONField(help_text="null: none")
    reason = serializers.CharField(allow_blank=True)
    made_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)


class ProvenanceSerializer(serializers.Serializer[Any]):
    """Where each value comes from, and who describes the dataset."""

    fields_ = serializers.DictField(child=serializers.DictField(), help_text="field path -> origin")
    sources = DescribedBySerializer(many=True)
    overrides = OverrideSerializer(many=True)

    def get_fields(self) -> dict[str, Any]:
        """Return the fields; `fields` itself is a word of DRF's."""
        found = super().get_fields()
        return {name.rstrip("_"): field for name, field in found.items()}


class VersionSerializer(serializers.Serializer[Any]):
    """What a source said from first to last seen."""

    source = serializers.SlugField(source="record.source.slug")  # type: ignore[assignment]
    remote_id = serializers.CharField(source="record.remote_id")
    number = serializers.IntegerField()
    is_current = serializers.BooleanField()
    first_seen = serializers.DateTimeField()
    last_seen = serializers.DateTimeField()
    undone_at = serializers.DateTimeField(allow_null=True)
    format = serializers.CharField()
    media_type = serializers.CharField()
    content_hash = serializers.CharField(help_text="SHA-256 of the normalised content")
    payload_sha256 = serializers.CharField(allow_blank=True, help_text="SHA-256 of the bytes as harvested")
    run = serializers.IntegerField(source="run_id", allow_null=True)


class DistributionSerializer(serializers.Serializer[Any]):
    """One distribution and the dataset it belongs to."""

    dataset = serializers.UUIDField()
    dataset_url = serializers.URLField()
    number = serializers.IntegerField(help_text="its place in the dataset's record, from 0")
    distribution = DistributionField()


class DistributionListSerializer(serializers.Serializer[Any]):
    """A page of distributions. It may be short, even empty, while `next` leads on.

    Filters are looked for in a bounded number of datasets at a time.
    """

    results = DistributionSerializer(many=True)
    next = serializers.URLField(allow_null=True)


class PublisherSerializer(serializers.Serializer[Any]):
    slug = serializers.SlugField()
    name = serializers.CharField()
    names = TextsField()
    iri = serializers.CharField(allow_blank=True)
    homepage = serializers.CharField(allow_blank=True)
    dataset_count = serializers.IntegerField()
    url = serializers.URLField()
    page = serializers.URLField()
    datasets = serializers.URLField(help_text="its datasets in this API")
