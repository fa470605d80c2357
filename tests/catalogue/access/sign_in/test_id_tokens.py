"""ID tokens that are not believed, each for its rule."""

import base64
import json
from datetime import UTC, datetime

import pytest
from joserfc import jws

from catalogue.access.passports.keys import generate_key, public_key_set
from catalogue.access.sign_in.id_tokens import SignInRefused, read_id_token

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
EPOCH = int(NOW.timestamp())
ISSUER = "https://home.example"
KEY, STRANGER, RSA = generate_key("ES256"), generate_key("ES256"), generate_key("RS256")


def b64(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def sign(key=KEY, header=None, **changes):
    head = {"alg": key.algorithm, "kid": key.kid, **(header or {})}
    body = {
        "iss": ISSUER, "aud": "catalogue", "sub": "astrid", "nonce": "n-1", "iat": EPOCH, "exp": EPOCH + 300, **changes,
    }  # fmt: skip
    signed = f"{b64(head)}.{b64({name: value for name, value in body.items() if value is not None})}"
    signature = jws.JWSRegistry.algorithms[key.algorithm].sign(signed.encode(), key.key)
    return f"{signed}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def read(token, nonce="n-1"):
    keys = json.dumps(public_key_set([KEY, RSA])).encode()
    return read_id_token(
        token, issuer=ISSUER, client_id="catalogue", nonce=nonce, jwks_uri="https://home.example/keys",
        fetch=lambda _address: keys, now=NOW,
    )  # fmt: skip


@pytest.mark.parametrize("key", [KEY, RSA])
def test_good_token_is_read(key):
    assert read(sign(key))["sub"] == "astrid"


def test_token_for_several_sites_names_this_one():
    assert read(sign(aud=["other", "catalogue"], azp="catalogue"))["sub"] == "astrid"


@pytest.mark.parametrize(
    ("token", "words"),
    [
        (sign(header={"alg": "none"}), "in a way"),
        (sign(header={"alg": "HS256"}), "in a way"),
        (sign(header={"crit": ["x"]}), "in a way"),
        (sign(header={"kid": None}), "in a way"),
        (sign(header={"kid": "other"}), "by its provider"),
        (sign(STRANGER, header={"kid": KEY.kid}), "by its provider"),
        (sign(header={"kid": RSA.kid}), "by its provider"),
        (sign(iss="https://other.example"), "another provider"),
        (sign(aud="other"), "another site"),
        (sign(aud=["catalogue"], azp="other"), "another site"),
        (sign(aud=["catalogue", "other"]), "several sites"),
        (sign(aud=None), "another site"),
        (sign(exp=EPOCH - 61), "expired"),
        (sign(exp=None), "proper times"),
        (sign(exp="soon"), "proper times"),
        (sign(iat=EPOCH + 120), "not of now"),
        (sign(iat=EPOCH - 3600), "not of now"),
        (sign(nonce="n-2"), "answer to this"),
        (sign(nonce=None), "answer to this"),
        (sign(sub=""), "nobody"),
        (sign(sub=7), "nobody"),
        ("", "cannot be read"),
        ("a.b.c", "cannot be read"),
        ("x" * 70_000, "too large"),
    ],
)
def test_token_that_breaks_a_rule_is_refused(token, words):
    with pytest.raises(SignInRefused, match=words):
        read(token)


def test_token_is_refused_where_the_session_expects_none():
    with pytest.raises(SignInRefused, match="answer to this"):
        read(sign(nonce=""), nonce="")
