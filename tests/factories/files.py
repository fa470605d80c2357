"""Factories for own files: a draft, somebody who may edit it, a file taken in."""

from __future__ import annotations

import factory
from django.utils import timezone

from catalogue import stores
from catalogue.domain.file_checking import FileProjector
from catalogue.domain.files import begin_upload, finish_upload, plan_parts
from catalogue.domain.outbox import drain
from catalogue.models import Agent, Dataset, Draft, RoleGrant, StoredFile, Upload
from tests.factories import UserFactory


class PublisherFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Agent

    key = factory.Sequence(lambda n: f"https://publisher{n}.example/")
    slug = factory.Sequence(lambda n: f"publisher-{n}")
    name = factory.Sequence(lambda n: f"Publisher {n}")


class DraftFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Draft

    publisher = factory.SubFactory(PublisherFactory)
    created_at = factory.LazyFunction(timezone.now)
    updated_at = factory.LazyFunction(timezone.now)


class DatasetFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Dataset

    slug = factory.Sequence(lambda n: f"dataset-{n}")
    title = factory.Sequence(lambda n: f"Dataset {n}")
    record = factory.LazyFunction(dict)
    created_at = factory.LazyFunction(timezone.now)
    changed_at = factory.LazyFunction(timezone.now)


def make_steward(draft: Draft, **fields):
    """Return somebody who may edit the draft."""
    user = UserFactory(**fields)
    RoleGrant.objects.create(user=user, role=RoleGrant.Role.STEWARD, publisher=draft.publisher)
    return user


def send_parts(file: StoredFile, data: bytes, numbers=None) -> None:
    """Put the parts of a file into the store, all of them or those of these numbers."""
    upload = Upload.objects.get(file=file)
    for part in plan_parts(file):
        if numbers is None or part.number in numbers:
            piece = data[part.offset : part.offset + part.size_bytes]
            stores.file_store().write_part(file.object_key, upload.upload_id, part.number, piece)


def take_in(draft: Draft, data: bytes = b"a,b\n1,2\n", name: str = "lakes.csv", **options) -> StoredFile:
    """Upload a file and let it be checked; return it as it then is."""
    file = begin_upload(draft, name, len(data), **options)
    send_parts(file, data)
    finish_upload(file)
    drain(FileProjector())
    file.refresh_from_db()
    return file
