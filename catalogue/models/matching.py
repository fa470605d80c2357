"""Which records describe the same dataset: keys to find candidates by, pairs, and what was decided."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from catalogue.models.curation import Act
from catalogue.models.source_record import SourceRecord


class MatchKey(models.Model):
    """A property of a record by which another record of the same dataset may be found.

    `digest` is of the folded value; what the value was is read from the record.
    """

    record = models.ForeignKey(SourceRecord, on_delete=models.CASCADE, related_name="match_keys")
    kind = models.CharField(max_length=20)
    digest = models.CharField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=("record", "kind", "digest"), name="match_key_once")]
        indexes = [models.Index(fields=("digest", "kind", "record"), name="match_key_block")]

    def __str__(self) -> str:
        return f"{self.record_id} {self.kind}"


class Match(models.Model):
    """Two source records that may be one dataset, or were decided to be or not to be.

    `first` has the smaller primary key. A person's decision is never undone by a program, and outlives
    re-harvests because source records do.
    """

    class State(models.TextChoices):
        LIKELY = "likely"  # waits for a person
        JOINED = "joined"
        REFUSED = "refused"  # by a person: different datasets
        VERSION = "version"  # versions of one work: related, not joined
        STALE = "stale"  # the records no longer look alike

    first = models.ForeignKey(SourceRecord, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(SourceRecord, on_delete=models.CASCADE, related_name="+")
    score = models.FloatField()
    evidence = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=State, default=State.LIKELY)
    by_rule = models.BooleanField(default=False, help_text="joined by a program, being sure")
    found_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    act = models.ForeignKey(Act, null=True, on_delete=models.PROTECT, related_name="matches")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("first", "second"), name="match_once"),
            models.CheckConstraint(condition=models.Q(first__lt=models.F("second")), name="match_ordered"),
        ]
        indexes = [models.Index(fields=("state", "-score"), name="match_queue")]

    def __str__(self) -> str:
        return f"{self.first_id} {self.second_id} {self.state}"
