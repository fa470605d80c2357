"""Matching in words: what speaks for and against two records being one dataset, and why a source leads."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalogue.domain.cluster_lead import CHOSEN, LeadReason
from catalogue.matching.facts import FactKind
from catalogue.matching.lead import Reason

FACTS: Mapping[str, str | Promise] = {
    FactKind.SAME_DOI: _("One DOI"),
    FactKind.OTHER_DOI: _("Different DOIs"),
    FactKind.SAME_IRI: _("One lasting address"),
    FactKind.SAME_IDENTIFIER: _("One identifier"),
    FactKind.SAME_LOCAL_IDENTIFIER: _("One number at their publishers"),
    FactKind.SAME_AS: _("One says that it is the other"),
    FactKind.SAME_PAGE: _("One landing page"),
    FactKind.OTHER_PAGE: _("Different pages at one site"),
    FactKind.SAME_FILE: _("One file to download"),
    FactKind.OTHER_FILES: _("Different files at one site"),
    FactKind.SAME_CHECKSUM: _("Files with one checksum"),
    FactKind.VERSION_OF: _("One says that it is a version of the other"),
    FactKind.SAME_WORK: _("Versions of one work"),
    FactKind.OTHER_VERSION: _("Different versions"),
    FactKind.SAME_TITLE: _("One title"),
    FactKind.OTHER_TITLE: _("Different titles"),
    FactKind.LONGER_TITLE: _("One title goes on where the other ends"),
    FactKind.SERIES_MEMBER: _("The titles name different numbers, years or months"),
    FactKind.NARROWER_TITLE: _("Only one title names a number, year or month"),
    FactKind.SAME_PUBLISHER: _("One publisher"),
    FactKind.OTHER_PUBLISHER: _("Different publishers"),
    FactKind.SAME_CREATORS: _("A creator in common"),
    FactKind.OTHER_CREATORS: _("Different creators"),
    FactKind.SAME_DESCRIPTION: _("The descriptions begin with the same words"),
    FactKind.LIKE_DESCRIPTION: _("The descriptions are alike"),
    FactKind.OTHER_DESCRIPTION: _("Different descriptions"),
    FactKind.OTHER_NUMBERS: _("The descriptions name different numbers or years"),
    FactKind.OTHER_PERIOD: _("Periods that do not meet"),
    FactKind.OTHER_PLACE: _("Different places"),
    FactKind.SAME_ISSUED: _("Published on the same day"),
    FactKind.OTHER_KIND: _("Things of different kinds"),
    FactKind.ONE_SOURCE: _("One source lists both"),
    FactKind.AMBIGUOUS: _("Another record of that source is as like"),
    FactKind.NEAR_MEANING: _("Near in meaning"),
    FactKind.FAR_MEANING: _("Far in meaning"),
}

LEADS: Mapping[str, str | Promise] = {
    CHOSEN: _("%(source)s leads: a steward chose it."),
    Reason.ONLY: _("%(source)s is the only source."),
    Reason.OWN: _("%(source)s leads: the dataset is published by this catalogue."),
    Reason.ORIGIN: _("%(source)s leads: the dataset's page or its publisher is at %(host)s, its own site."),
    Reason.ORIGINAL: _("%(source)s leads: the other sources collect what originals like it publish."),
    Reason.FULLER: _("%(source)s leads: its record is the fullest, with %(count)s of %(total)s fields."),
    Reason.FIRST: _("%(source)s leads: it was the first to describe the dataset."),
}


def say_fact(kind: str) -> str:
    """Return the words for a kind of evidence; the kind itself where it is of a later release."""
    return str(FACTS.get(kind, kind))


def say_lead(lead: LeadReason) -> str:
    """Return why a source leads, as a sentence."""
    return str(LEADS[lead.rule]) % lead.values
