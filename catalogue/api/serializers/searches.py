"""What the API says and takes of saved searches."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from catalogue.models import SavedSearch


class SearchInputSerializer(serializers.Serializer[Any]):
    """A search to save."""

    query = serializers.CharField(
        max_length=4000, help_text="the parameters of GET /datasets, such as q=lakes&year_from=2020"
    )
    name = serializers.CharField(max_length=200, required=False, allow_blank=True)
    by_meaning = serializers.BooleanField(
        required=False, default=False, help_text="tell of good hits by meaning, too"
    )
    mail = serializers.ChoiceField(choices=SavedSearch.Mail.choices, required=False)
    webhook_url = serializers.CharField(max_length=500, required=False, allow_blank=True)
    language = serializers.ChoiceField(
        choices=["en", "sv"], required=False, default="en", help_text="of the mail"
    )


class SearchChangeSerializer(serializers.Serializer[Any]):
    """What to change of a saved search."""

    name = serializers.CharField(max_length=200, required=False)
    mail = serializers.ChoiceField(choices=SavedSearch.Mail.choices, required=False)
    webhook_url = serializers.CharField(max_length=500, required=False, allow_blank=True)


class SavedSearchSerializer(serializers.Serializer[Any]):
    """A saved search."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    query = serializers.CharField()
    by_meaning = serializers.BooleanField()
    mail = serializers.ChoiceField(choices=SavedSearch.Mail.choices)
    mail_problem = serializers.CharField(help_text="why no mail is sent, empty when all is well")
    webhook_url = serializers.CharField()
    webhook_secret = serializers.CharField(help_text="of the signature in Mimisbrunn-Signature")
    webhook_problem = serializers.CharField()
    feed = serializers.URLField(help_text="Atom; who knows the address may read it")
    url = serializers.URLField()
    created_at = serializers.DateTimeField()


class SearchHitSerializer(serializers.Serializer[Any]):
    """A dataset that a saved search found since it was saved."""

    dataset = serializers.UUIDField(source="dataset_id")
    title = serializers.CharField(source="dataset.title")
    url = serializers.URLField()
    found_at = serializers.DateTimeField()
    because = serializers.DictField()
    words = serializers.CharField(help_text="why, in the language of the search")
    mailed_at = serializers.DateTimeField(allow_null=True)
    posted_at = serializers.DateTimeField(allow_null=True)
