import base64
import hashlib
import json

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from joserfc.jwk import ECKey, OctKey

from catalogue.access.passports.keys import (
    generate_key,
    public_jwk,
    public_key_set,
    read_key,
    write_key,
)
from catalogue.errors import InvalidRecord

PRIVATE_PARTS = {"d", "p", "q", "dp", "dq", "qi"}


def pem(key):
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_key_is_published_without_its_private_half(algorithm):
    pair = generate_key(algorithm)
    published = public_jwk(pair)
    assert published["alg"] == algorithm
    assert published["use"] == "sig"
    assert not PRIVATE_PARTS & published.keys()


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_key_is_named_by_its_thumbprint(algorithm):
    published = public_jwk(generate_key(algorithm))
    parts = ("e", "kty", "n") if algorithm == "RS256" else ("crv", "kty", "x", "y")
    text = json.dumps({part: published[part] for part in parts}, separators=(",", ":"))
    digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
    assert published["kid"] == digest


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_key_comes_back_as_it_was_written(algorithm):
    pair = generate_key(algorithm)
    again = read_key(write_key(pair))
    assert public_jwk(again) == public_jwk(pair)


def test_new_rsa_key_has_three_thousand_bits():
    assert generate_key("RS256").key.public_key.key_size >= 3000


def test_key_set_holds_all_keys():
    pairs = [generate_key("ES256"), generate_key("ES256")]
    assert [key["kid"] for key in public_key_set(pairs)["keys"]] == [pair.kid for pair in pairs]


@pytest.mark.parametrize(
    ("make", "algorithm"),
    [
        (lambda: rsa.generate_private_key(65537, 2048), "RS256"),
        (lambda: ec.generate_private_key(ec.SECP256R1()), "ES256"),
    ],
)
def test_key_may_be_pem(make, algorithm):
    pair = read_key(pem(make()))
    assert pair.algorithm == algorithm


def test_name_that_a_key_gives_itself_is_not_taken():
    jwk = json.loads(write_key(generate_key("ES256")))
    assert read_key(json.dumps(jwk | {"kid": "mine"})).kid != "mine"


def short_rsa_jwk():
    numbers = rsa.generate_private_key(65537, 1024).private_numbers()
    whole = {
        "n": numbers.public_numbers.n, "e": numbers.public_numbers.e, "d": numbers.d, "p": numbers.p,
        "q": numbers.q, "dp": numbers.dmp1, "dq": numbers.dmq1, "qi": numbers.iqmp,
    }  # fmt: skip
    as_text = {
        name: base64.urlsafe_b64encode(number.to_bytes((number.bit_length() + 7) // 8, "big"))
        .rstrip(b"=")
        .decode()
        for name, number in whole.items()
    }
    return json.dumps({"kty": "RSA", **as_text})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no key",
        "{}",
        '{"kty": "RSA"}',
        pem(rsa.generate_private_key(65537, 1024)),
        short_rsa_jwk(),
        pem(ec.generate_private_key(ec.SECP384R1())),
        json.dumps(public_jwk(generate_key("ES256"))),
        json.dumps(OctKey.generate_key(256).as_dict(private=True)),
        json.dumps(ECKey.generate_key("P-521").as_dict(private=True)),
    ],
    ids=["empty", "words", "{}", "no-parts", "1024-pem", "1024-jwk", "p384", "public", "shared", "p521"],
)
@pytest.mark.filterwarnings("ignore:Key size should be:joserfc.errors.SecurityWarning")
def test_text_that_is_no_strong_private_key_is_refused_without_being_shown(text):
    with pytest.raises(InvalidRecord) as refused:
        read_key(text)
    assert refused.value.__cause__ is None
    assert not text or text not in str(refused.value)


def test_key_is_not_shown_by_accident():
    pair = generate_key("ES256")
    secret = pair.key.as_dict(private=True)["d"]
    assert secret not in repr(pair)
    assert secret not in str(pair)
