"""A place to mint in: a registry that the test owns, and the settings that lead to it."""

from contextlib import contextmanager

from django.utils import timezone

from catalogue import stores
from catalogue.domain.doi_registration import DoiProjector
from catalogue.domain.dois import publish_doi
from catalogue.domain.outbox import drain
from catalogue.models import DoiPrefix, Outbox
from tests.fakes.datacite import NAME, PASSWORD, PREFIX, FakeDataCite


@contextmanager
def open_registry(settings, **options):
    """Start a registry whose landing pages are its own, and point the settings at it."""
    with FakeDataCite(**options) as fake:
        settings.DOI_REGISTRY_URL = settings.DOI_HANDLE_URL = fake.url
        settings.DOI_ACCOUNTS = [f"sandbox={NAME}:{PASSWORD}"]
        settings.BASE_URL = f"{fake.url}/site"
        forget_clients()
        yield fake
        stores.web_client().close()
        forget_clients()


def forget_clients():
    stores.doi_registry.cache_clear()
    stores.web_client.cache_clear()


def make_prefix(prefix=PREFIX, **fields):
    return DoiPrefix.objects.create(prefix=prefix, account="sandbox", **fields)


def work(rounds=1):
    """Do what waits, so many times over, as if the waits between had passed."""
    outcomes = []
    for _round in range(rounds):
        Outbox.objects.filter(kind="doi").update(next_attempt_at=timezone.now(), leased_until=None)
        outcomes.append(drain(DoiProjector()))
    return outcomes[-1]


def mint(dataset, **options):
    """Return the dataset's DOI after it was published."""
    doi = publish_doi(dataset, **options)
    work(3)
    doi.refresh_from_db()
    return doi
