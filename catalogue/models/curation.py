"""The curation and enrichment layers: what people decided, and what programs propose."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from catalogue.models.dataset import Dataset
from catalogue.models.source import Source


class Act(models.Model):
    """One thing a person did: an edit, a change of many records, an acceptance. Undone as a whole.

    What an act made or closed points at it, so that undoing needs no description of the opposite.
    """

    class Kind(models.TextChoices):
        EDIT = "edit"
        BULK = "bulk"
        DECIDE = "decide"  # a conflict
        ACCEPT = "accept"  # proposals, one or many
        REFUSE = "refuse"
        RULE = "rule"
        JOIN = "join"
        SPLIT = "split"
        LEAD = "lead"

    kind = models.CharField(max_length=10, choices=Kind)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField(db_index=True)
    reason = models.TextField(blank=True)
    summary = models.CharField(max_length=300, blank=True)
    size = models.PositiveIntegerField(default=1, help_text="datasets it changed")
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ("-made_at", "-id")

    def __str__(self) -> str:
        return f"{self.kind} {self.summary}"


class Override(models.Model):
    """One field of one dataset as a steward wants it; the source's value stays in the source layer.

    `path` is an address of catalogue/record_paths.py. With `lang` it is the words of a text field in
    that language: `value` is a list of strings then, else the JSON of the field (null: no value).
    `based_on` is what stood under the override when it was made or last confirmed. Rows are never
    changed in what they say: a new value closes the old row and makes another.
    """

    class Closed(models.TextChoices):
        REPLACED = "replaced"  # by another override
        REVERTED = "reverted"  # the steward took it back
        AGREED = "agreed"  # the source arrived at the same value
        TAKEN = "taken"  # in a conflict, the source's value was preferred
        UNDONE = "undone"  # with its act

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="overrides")
    path = models.CharField(max_length=200)
    lang = models.CharField(max_length=40, blank=True)
    has_lang = models.BooleanField(default=False, help_text="one language only, which may be the untagged")
    value = models.JSONField(null=True)
    based_on = models.JSONField(null=True)
    reason = models.TextField(blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    act = models.ForeignKey(Act, null=True, on_delete=models.PROTECT, related_name="made")
    made_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_as = models.CharField(max_length=10, choices=Closed, blank=True)
    closed_by_act = models.ForeignKey(Act, null=True, on_delete=models.PROTECT, related_name="closed")
    carried_from = models.ForeignKey(
        Dataset,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="the dataset it was made on, before that was joined to this one",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=("dataset", "path", "lang", "has_lang"),
                condition=models.Q(closed_at__isnull=True),
                name="one_open_override_per_field",
            )
        ]

    def __str__(self) -> str:
        return f"{self.dataset_id} {self.path}"


class Conflict(models.Model):
    """A source and a steward say different things, and the source has changed its mind since.

    Opened when what stands under an override is neither what it was based on nor what it says; at
    most one open conflict per override. `theirs` follows the source while the conflict is open.
    """

    class Kind(models.TextChoices):
        CHANGED = "changed"  # the source changed under the override
        HOMELESS = "homeless"  # what the override is about is gone (a distribution, say)
        JOINED = "joined"  # two joined datasets had overrides of the same field

    class Decision(models.TextChoices):
        KEPT = "kept"  # mine
        TAKEN = "taken"  # theirs
        MERGED = "merged"  # a third value
        SETTLED = "settled"  # by itself: the source agreed, went back, or the override was closed

    override = models.ForeignKey(Override, on_delete=models.CASCADE, related_name="conflicts")
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="conflicts")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.CHANGED)
    based_on = models.JSONField(null=True)
    theirs = models.JSONField(null=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    decision = models.CharField(max_length=10, choices=Decision, blank=True)
    act = models.ForeignKey(Act, null=True, on_delete=models.PROTECT, related_name="conflicts")

    class Meta:
        ordering = ("opened_at", "id")
        constraints = [
            models.UniqueConstraint(
                fields=("override",),
                condition=models.Q(closed_at__isnull=True),
                name="one_open_conflict_per_override",
            )
        ]

    def __str__(self) -> str:
        return f"{self.override_id} {self.kind}"


class MappingRule(models.Model):
    """What a source's word means: `match` in `field` is `target` in `target_field`.

    Rules run when a record is resolved, on what the sources say; a rule without a source holds for
    all, and one of the source wins over it. `match` is folded (domain/mapping.py). `target` is the
    JSON of a Term, or null: the word is dropped.
    """

    source = models.ForeignKey(
        Source, null=True, blank=True, on_delete=models.CASCADE, related_name="mapping_rules"
    )
    field = models.CharField(max_length=60)
    match = models.CharField(max_length=500)
    target_field = models.CharField(max_length=60)
    target = models.JSONField(null=True)
    note = models.TextField(blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    act = models.ForeignKey(Act, null=True, on_delete=models.PROTECT, related_name="rules")
    made_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("field", "match")
        constraints = [
            models.UniqueConstraint(
                fields=("source", "field", "match", "target_field"),
                condition=models.Q(closed_at__isnull=True),
                name="one_open_rule_per_word",
            ),
            models.UniqueConstraint(
                fields=("field", "match", "target_field"),
                condition=models.Q(closed_at__isnull=True, source__isnull=True),
                name="one_open_global_rule_per_word",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.field}: {self.match}"


class Proposal(models.Model):
    """What a program found out about a dataset, with its confidence (0 to 1) and evidence.

    `adds`: the value is one more element of the list at `path`; else it is the field's value.
    `value_key` is the digest of the value (catalogue/record_paths.py): a value that was refused once
    is not proposed again by any program. Withdrawn ones no longer follow from the record.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed"
        ACCEPTED = "accepted"
        REFUSED = "refused"
        WITHDRAWN = "withdrawn"

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="proposals")
    path = models.CharField(max_length=200)
    value = models.JSONField()
    value_key = models.CharField(max_length=64)
    adds = models.BooleanField(default=False)
    confidence = models.FloatField()
    evidence = models.JSONField(default=dict)
    program = models.CharField(max_length=80)
    state = models.CharField(max_length=10, choices=State, default=State.PROPOSED)
    made_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    act = models.ForeignKey(Act, null=True, on_delete=models.PROTECT, related_name="proposals")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=("dataset", "path", "program", "value_key"), name="one_proposal_per_value"
            )
        ]
        indexes = [
            models.Index(fields=("state", "program", "-confidence"), name="proposal_queue"),
            models.Index(fields=("state", "dataset", "program"), name="proposal_share"),
        ]

    def __str__(self) -> str:
        return f"{self.dataset_id} {self.path} by {self.program}"
