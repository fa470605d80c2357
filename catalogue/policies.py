"""Who may do what: predicates used alike by views, the API, commands and templates.

A predicate takes a user, signed in or not, and answers; it never raises and never writes. A
`require_` function raises NotPermitted, in words for the page. Roles are rows of RoleGrant; the
account flag `is_staff` makes an operator, `is_superuser` everything. What each role may do is the
table of docs/roles.md, which tests/test_roles.py checks on every page, endpoint and command.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q

from catalogue.access.models import EffectiveRight
from catalogue.errors import NotPermitted
from catalogue.models import Act, Dataset, Draft, RoleGrant, StoredFile, map_minters


@dataclass(frozen=True, slots=True)
class Roles:
    """What somebody is, beside a reader. `publishers` and `sources` are primary keys."""

    is_operator: bool = False
    is_chief: bool = False
    publishers: frozenset[int] = frozenset()
    sources: frozenset[int] = frozenset()

    @property
    def is_steward(self) -> bool:
        """Whether there is anything to curate."""
        return self.is_chief or bool(self.publishers or self.sources)


_READER = Roles()


def roles_of(user: Any) -> Roles:
    """Return the roles of a user; read once for each user object, that is once for a request."""
    if not (getattr(user, "is_authenticated", False) and user.is_active):
        return _READER
    known: Roles | None = getattr(user, "_roles", None)
    if known is None:
        known = user._roles = _read_roles(user)  # noqa: SLF001 - our own mark on our own user
    return known


def can_operate_sources(user: Any) -> bool:
    """Whether the user may add, change, pause and harvest sources, and undo runs."""
    return roles_of(user).is_operator


def can_see_run_details(user: Any) -> bool:
    """Whether the user may see runs, failures and raw records; they may hold what a source withdrew."""
    return can_operate_sources(user)


def can_use_desk(user: Any) -> bool:
    """Whether there can be work for the user at the desk."""
    roles = roles_of(user)
    return roles.is_steward or roles.is_operator


def can_curate(user: Any, dataset: Dataset) -> bool:
    """Whether the user may change what the catalogue says of a dataset, and decide about it."""
    roles = roles_of(user)
    if roles.is_chief:
        return True
    if dataset.publisher_id is not None and dataset.publisher_id in roles.publishers:
        return True
    return bool(roles.sources) and dataset.source_records.filter(source__in=roles.sources).exists()


def can_undo(user: Any, act: Act, dataset_ids: Collection[UUID]) -> bool:
    """Whether the user may undo an act that touched these datasets: who curates each of them."""
    if roles_of(user).is_chief:
        return True
    if act.kind == Act.Kind.RULE or not dataset_ids:
        return False
    mine = Dataset.objects.filter(curated_by(user), pk__in=dataset_ids).distinct()
    return roles_of(user).is_steward and mine.count() == len(dataset_ids)


def can_curate_all(user: Any) -> bool:
    """Whether the user curates everything, and so may make global rules and grant roles."""
    return roles_of(user).is_chief


def can_map_source(user: Any, source_id: int | None) -> bool:
    """Whether the user may make mapping rules for a source; None: for all of them."""
    roles = roles_of(user)
    return roles.is_chief or (source_id is not None and source_id in roles.sources)


def curated_by(user: Any, prefix: str = "") -> Q:
    """Return the condition for datasets that the user may curate; `prefix` leads to the dataset.

    Joining through it may repeat rows where a dataset has several sources.
    """
    roles = roles_of(user)
    if roles.is_chief:
        return Q()
    of_sources = Q(**{f"{prefix}source_records__source__in": roles.sources}) if roles.sources else Q()
    return Q(**{f"{prefix}publisher__in": roles.publishers}) | of_sources


def can_publish_for(user: Any, publisher_id: int) -> bool:
    """Whether the user may write, publish and withdraw own datasets of a publisher, and mint for them."""
    roles = roles_of(user)
    return roles.is_chief or publisher_id in roles.publishers


def can_publish(user: Any) -> bool:
    """Whether there is any publisher that the user may write own datasets for."""
    roles = roles_of(user)
    return roles.is_chief or bool(roles.publishers)


def can_mint(user: Any, dataset: Dataset) -> bool:
    """Whether the user may mint, hide and restore DOIs of a dataset, and see how they stand."""
    return dataset.pk in mintable_by(user, [dataset])


def mintable_by(user: Any, datasets: Collection[Dataset]) -> set[UUID]:
    """Return the keys of those datasets that the user may mint for: stewards of the publisher whose prefix it is."""
    roles = roles_of(user)
    if roles.is_chief:
        return {row.pk for row in datasets}
    if not roles.publishers:
        return set()
    return {key for key, publisher in map_minters(datasets).items() if publisher in roles.publishers}


def can_edit_draft(user: Any, draft: Draft) -> bool:
    """Whether the user may see and change a draft."""
    return can_publish_for(user, draft.publisher_id)


def can_approve_draft(user: Any, draft: Draft) -> bool:
    """Whether the user may publish a draft in review: another person than the one who wrote it last."""
    return can_edit_draft(user, draft) and draft.updated_by_id != user.pk


def can_edit_file(user: Any, file: StoredFile) -> bool:
    """Whether the user may upload, see and delete a stored file: who may publish what it belongs to."""
    owner = file.dataset.publisher_id if file.dataset else file.draft.publisher_id if file.draft else None
    return owner is not None and can_publish_for(user, owner)


def can_download(user: Any, file: StoredFile) -> bool:
    """Whether the user may have a stored file: those of open datasets everybody, else whoever has the right.

    The right is the view of effective rights, asked now; and who may edit the file may read it.
    """
    if can_edit_file(user, file):
        return True
    if file.state != StoredFile.State.READY or file.dataset is None:
        return False
    dataset = file.dataset
    rights = (dataset.record.get("access_rights") or {}).get("iri", "")
    is_open = not rights or rights.endswith("/PUBLIC")
    if dataset.state != Dataset.State.LIVE:
        return False
    if is_open:
        return dataset.is_public
    return bool(user.is_authenticated) and has_right(user, dataset)


def has_right(user: Any, dataset: Dataset) -> bool:
    """Whether a right of this person to the dataset holds at this moment."""
    return EffectiveRight.objects.filter(user=user.pk, dataset=dataset.pk).exists()


def is_restricted(file: StoredFile) -> bool:
    """Whether a file is given to some only."""
    rights = ((file.dataset.record if file.dataset else {}).get("access_rights") or {}).get("iri", "")
    return bool(rights) and not rights.endswith("/PUBLIC")


def require_operator(user: Any) -> None:
    """Raise NotPermitted unless the user may operate sources."""
    if not can_operate_sources(user):
        raise NotPermitted(
            "Your account may not operate sources. Ask an administrator for the operator role."
        )


def require_desk(user: Any) -> None:
    """Raise NotPermitted unless the user has a desk."""
    if not can_use_desk(user):
        raise NotPermitted("Your account has no desk. Ask the chief steward for the role of a steward.")


def require_steward(user: Any) -> None:
    """Raise NotPermitted unless the user curates something."""
    if not roles_of(user).is_steward:
        raise NotPermitted("Only stewards may do this. Ask the chief steward to make you one.")


def require_chief(user: Any) -> None:
    """Raise NotPermitted unless the user curates everything."""
    if not can_curate_all(user):
        raise NotPermitted("Only a chief steward may do this.")


def require_mapper(user: Any, source_id: int | None) -> None:
    """Raise NotPermitted unless the user may make mapping rules for the source; None: for all of them."""
    if not can_map_source(user, source_id):
        raise NotPermitted(
            "Your account may not make rules for this source. Its stewards may, and for all sources "
            "chief stewards."
        )


def require_curator(user: Any, dataset: Dataset) -> None:
    """Raise NotPermitted unless the user may curate the dataset."""
    if not can_curate(user, dataset):
        raise NotPermitted(
            "Your account may not curate this dataset. Ask the chief steward to make you a steward of "
            "its publisher or of its source."
        )


def require_undoer(user: Any, act: Act, dataset_ids: Collection[UUID]) -> None:
    """Raise NotPermitted unless the user may undo the act."""
    if not can_undo(user, act, dataset_ids):
        raise NotPermitted(
            "Your account may not undo this: it touched datasets that you do not curate. Ask the chief steward."
        )


def require_publishing(user: Any) -> None:
    """Raise NotPermitted unless the user may publish for any publisher."""
    if not can_publish(user):
        raise NotPermitted(
            "Your account may not publish here. Ask the chief steward to make you a publisher's steward."
        )


def require_publisher(user: Any, publisher_id: int) -> None:
    """Raise NotPermitted unless the user may publish for the publisher."""
    if not can_publish_for(user, publisher_id):
        raise NotPermitted(
            "Your account may not publish for this publisher. Ask the chief steward to make you its steward."
        )


def require_minter(user: Any, dataset: Dataset) -> None:
    """Raise NotPermitted unless the user may mint DOIs for the dataset."""
    if not can_mint(user, dataset):
        raise NotPermitted(
            "Your account may not mint DOIs for this dataset. Ask the chief steward to make you a steward of "
            "its publisher."
        )


def _read_roles(user: Any) -> Roles:
    if user.is_superuser:
        return Roles(is_operator=True, is_chief=True)
    grants = list(RoleGrant.objects.filter(user=user).values_list("role", "publisher_id", "source_id"))
    roles = {role for role, _, _ in grants}
    return Roles(
        is_operator=user.is_staff or RoleGrant.Role.OPERATOR in roles,
        is_chief=RoleGrant.Role.CHIEF in roles,
        publishers=frozenset(publisher for _, publisher, _ in grants if publisher is not None),
        sources=frozenset(source for _, _, source in grants if source is not None),
    )
