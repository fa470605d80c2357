"""Mail: what arrives at a real server, and what its refusals become."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured

from catalogue.errors import UpstreamError
from catalogue.integrations.mail import Message, send
from catalogue.smtp_url import smtp_url_to_settings
from tests.fakes.smtp import SmtpServer

MESSAGE = Message(
    to="asa@example.org",
    subject="Nytt i brunnen:\n3 träffar på ”luftkvalitet”",
    text="Hej Åsa\n\nTre nya.\n",
    headers={"List-Unsubscribe": "<https://data.example.org/x>"},
)


def test_a_message_arrives_as_it_was_written(smtp: SmtpServer) -> None:
    send(MESSAGE)
    (mail,) = smtp.messages
    assert mail["To"] == "asa@example.org"
    assert mail["From"] == "Brunnen <data@example.org>"
    assert mail["Subject"].strip() == "Nytt i brunnen: 3 träffar på ”luftkvalitet”"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Unsubscribe"] == "<https://data.example.org/x>"
    assert mail["Message-ID"]
    assert mail["Date"]
    assert mail.get_content().replace("\r\n", "\n") == MESSAGE.text


@pytest.mark.parametrize(
    ("answer", "recipient_answer", "is_retryable"),
    [
        ("451 Try again later", "250 OK", True),
        ("554 No", "250 OK", False),
        ("250 OK", "450 Greylisted", True),
        ("250 OK", "550 Nobody here", False),
    ],
)
def test_a_refusal_says_whether_to_try_again(
    smtp: SmtpServer, answer: str, recipient_answer: str, is_retryable: bool
) -> None:
    smtp.answer, smtp.recipient_answer = (
        answer,
        recipient_answer.replace("250 OK", "250 Message accepted for delivery"),
    )
    with pytest.raises(UpstreamError) as refused:
        send(MESSAGE)
    assert refused.value.retryable is is_retryable
    assert "asa@" not in str(refused.value)
    assert smtp.messages == []


def test_a_server_that_is_not_there_may_be_there_later(smtp: SmtpServer) -> None:
    smtp.stop()
    with pytest.raises(UpstreamError) as refused:
        send(MESSAGE)
    assert refused.value.retryable


@pytest.mark.parametrize(
    ("url", "port", "starttls", "tls"),
    [
        ("smtp://mail.example.org", 25, False, False),
        ("smtp+tls://me%40x:p%2Fw@mail.example.org", 587, True, False),
        ("smtps://mail.example.org:4650/", 4650, False, True),
    ],
)
def test_an_address_names_the_server_and_its_encryption(
    url: str, port: int, starttls: bool, tls: bool
) -> None:
    found = smtp_url_to_settings(url)
    assert found["EMAIL_HOST"] == "mail.example.org"
    assert (found["EMAIL_PORT"], found["EMAIL_USE_TLS"], found["EMAIL_USE_SSL"]) == (port, starttls, tls)
    if "@" in url:
        assert (found["EMAIL_HOST_USER"], found["EMAIL_HOST_PASSWORD"]) == ("me@x", "p/w")


@pytest.mark.parametrize("url", ["mail.example.org", "https://u:secret@mail", "smtp://", "smtp://h:port"])
def test_an_address_of_something_else_stops_the_start_without_telling_the_password(url: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        smtp_url_to_settings(url)
    assert "secret" not in str(refused.value)
