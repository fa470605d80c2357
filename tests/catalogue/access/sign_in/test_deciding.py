"""Whoever decides about access does so with a second factor, on the pages and by the API."""

import pytest
from django.test import Client
from django.urls import reverse

from catalogue.access.models import Item
from tests.factories.access import first_item, make_world, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(settings):
    from catalogue.celery import app

    app.conf.update(broker_url="memory://", task_always_eager=False)
    settings.ACCESS_STRONG_SIGN_IN = True
    world = make_world()
    application = submitted(world)
    client = Client()
    client.force_login(world["handler"])
    return world, first_item(application), client


def test_api_refuses_a_decision_by_password_alone(case):
    _world, item, client = case
    answer = client.post(reverse("api-item-take", args=[item.pk]), {}, content_type="application/json")
    assert answer.status_code == 403
    assert "second factor" in answer.json()["detail"]
    assert Item.objects.get(pk=item.pk).state == Item.State.PENDING


def test_page_leads_to_setting_one_up_and_changes_nothing(case):
    _world, item, client = case
    address = reverse("case-item-act", args=[item.application_id, item.pk, "take"])
    answer = client.post(address, {})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/account/")
    assert Item.objects.get(pk=item.pk).state == Item.State.PENDING


def test_reading_and_asking_need_none(case):
    world, item, client = case
    assert client.get(reverse("api-item", args=[item.pk])).status_code == 200
    applicant = Client()
    applicant.force_login(world["applicant"])
    answer = applicant.post(reverse("api-item-withdraw", args=[item.pk]), {}, content_type="application/json")
    assert answer.status_code == 200
