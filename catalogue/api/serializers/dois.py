"""What the API says and takes of DOIs that are minted here."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from catalogue.domain.doi_acts import DoiAct
from catalogue.domain.doi_status import Status
from catalogue.models import Doi


class DoiSerializer(serializers.Serializer[Any]):
    """A DOI as the registry was last seen to have it."""

    doi = serializers.CharField()
    names = serializers.ChoiceField(
        choices=[item.value for item in Doi.Role], help_text="a version, or the work"
    )
    status = serializers.ChoiceField(choices=[item.value for item in Status])
    status_words = serializers.CharField(help_text="the status, as people read it")
    is_settled = serializers.BooleanField(help_text="whether what is wanted was seen at the registry")
    is_citable = serializers.BooleanField(help_text="whether citations have it: it is findable and resolves")
    is_real = serializers.BooleanField(help_text="false: it is one to practise with")
    landing_page = serializers.URLField(help_text="where it has to lead")
    seen_at = serializers.DateTimeField(allow_null=True)
    failing_since = serializers.DateTimeField(allow_null=True)
    field = serializers.CharField(allow_blank=True, help_text="the field that the registry complains of")
    message = serializers.CharField(allow_blank=True, help_text="what is wrong, in the registry's own words")
    advice = serializers.CharField(allow_blank=True, help_text="what is to be done")


class DatasetDoisSerializer(serializers.Serializer[Any]):
    """The DOIs of a dataset, and what may be done now."""

    dois = DoiSerializer(many=True)
    actions = serializers.ListField(child=serializers.CharField(), help_text="what may be asked now")
    reason = serializers.CharField(allow_blank=True, help_text="why none can be minted")


class DoiActSerializer(serializers.Serializer[Any]):
    """What is to be done with the dataset's DOI."""

    action = serializers.ChoiceField(choices=[item.value for item in DoiAct])


class MintingInputSerializer(serializers.Serializer[Any]):
    """The datasets to mint for."""

    query = serializers.CharField(
        allow_blank=True,
        max_length=4000,
        help_text="the parameters of the search, as in the address of the portal's results: q=lake&theme=...",
    )


class MintingRowSerializer(serializers.Serializer[Any]):
    """What would be done for one dataset, or how its DOI stands."""

    dataset = serializers.UUIDField()
    title = serializers.CharField()
    will_mint = serializers.BooleanField()
    reason = serializers.CharField(allow_blank=True, help_text="why nothing is done")
    doi = serializers.CharField(allow_blank=True)
    status = serializers.CharField(allow_blank=True, help_text="of its DOI, as the registry was last seen")


class MintingSerializer(serializers.Serializer[Any]):
    """Minting for the datasets of a search: planned, or how far it has come."""

    key = serializers.CharField()
    query = serializers.CharField(allow_blank=True)
    planned = serializers.IntegerField(help_text="datasets that were to get a DOI when it was planned")
    refused = serializers.IntegerField(help_text="datasets that were not, each row says why")
    waiting = serializers.IntegerField(help_text="planned ones whose turn is still to come")
    statuses = serializers.DictField(child=serializers.IntegerField(), help_text="DOIs by status")
    notices = serializers.ListField(child=serializers.CharField())
    url = serializers.URLField()
