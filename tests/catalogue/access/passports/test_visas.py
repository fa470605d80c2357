import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jwt

from catalogue.access.passports.keys import generate_key, public_key_set
from catalogue.access.passports.reading import read_passport, read_visa
from catalogue.access.passports.trust import Identity, Trust, TrustedIssuer
from catalogue.access.passports.visas import Issuer, Right, mint_visa, mint_visas, passport
from catalogue.errors import InvalidRecord

NOW = datetime(2026, 3, 1, 12, 0, 0, 500_000, tzinfo=UTC)
KEYS = {algorithm: generate_key(algorithm) for algorithm in ("RS256", "ES256")}
JKU = "https://data.example/.well-known/visas"
RIGHT = Right("https://doi.org/10.5072/lakes", "https://ror.org/05ynxx418", NOW - timedelta(days=40))


def issuer(algorithm="ES256"):
    return Issuer("https://data.example", JKU, KEYS[algorithm])


def read(token, algorithm="ES256"):
    return jwt.decode(token, KEYS[algorithm].key, algorithms=[algorithm])


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_visa_states_the_right(algorithm):
    visa = mint_visa(RIGHT, "person-1", issuer(algorithm), NOW)
    token = read(visa.token, algorithm)
    assert token.header == {
        "alg": algorithm, "kid": KEYS[algorithm].kid, "jku": JKU, "typ": "vnd.ga4gh.visa+jwt",
    }  # fmt: skip
    assert token.claims == {
        "iss": "https://data.example",
        "sub": "person-1",
        "iat": int(NOW.timestamp()),
        "exp": int(NOW.timestamp()) + 3600,
        "jti": visa.jti,
        "ga4gh_visa_v1": {
            "type": "ControlledAccessGrants",
            "asserted": int(RIGHT.asserted.timestamp()),
            "value": RIGHT.value,
            "source": RIGHT.source,
            "by": "dac",
        },
    }


@settings(deadline=None)
@given(st.timedeltas(min_value=timedelta(seconds=2), max_value=timedelta(days=4000)))
def test_visa_never_outlives_its_right_nor_an_hour(left):
    right = Right(RIGHT.value, RIGHT.source, RIGHT.asserted, ends=NOW + left)
    visa = mint_visa(right, "person-1", issuer(), NOW)
    expires = datetime.fromtimestamp(read(visa.token).claims["exp"], UTC)
    assert NOW < expires <= min(right.ends, NOW + timedelta(hours=1))
    assert expires == visa.expires


def test_visas_are_minted_for_rights_that_have_not_ended():
    ended = Right(RIGHT.value, RIGHT.source, RIGHT.asserted, ends=NOW)
    visas = mint_visas([ended, RIGHT, RIGHT], "person-1", issuer(), NOW)
    assert len(visas) == 2
    assert len({visa.jti for visa in visas}) == 2
    assert passport(visas) == {"ga4gh_passport_v1": [visa.token for visa in visas]}


@pytest.mark.parametrize(
    ("right", "subject", "field"),
    [
        (Right("lakes", RIGHT.source, RIGHT.asserted), "p", "value"),
        (Right("https://x.example/" + "a" * 255, RIGHT.source, RIGHT.asserted), "p", "value"),
        (Right(RIGHT.value, "", RIGHT.asserted), "p", "source"),
        (Right(RIGHT.value, RIGHT.source, RIGHT.asserted.replace(tzinfo=None)), "p", "asserted"),
        (Right(RIGHT.value, RIGHT.source, NOW + timedelta(days=1)), "p", "asserted"),
        (Right(RIGHT.value, RIGHT.source, RIGHT.asserted, ends=NOW), "p", "ends"),
        (RIGHT, "", "sub"),
    ],
)
def test_right_that_cannot_stand_in_a_visa_is_refused(right, subject, field):
    with pytest.raises(InvalidRecord) as refused:
        mint_visa(right, subject, issuer(), NOW)
    assert field in {violation.field for violation in refused.value.violations}


def test_own_visas_are_believed_by_our_own_reader():
    trust = Trust((TrustedIssuer("https://data.example", JKU, frozenset({"ControlledAccessGrants"}),
                                 frozenset({RIGHT.source})),))  # fmt: skip
    keys = json.dumps(public_key_set(KEYS.values())).encode()
    person = [Identity("person-1", "https://data.example")]
    visa = mint_visa(RIGHT, "person-1", issuer("RS256"), NOW)
    assert read_visa(visa.token, person, trust, lambda _address: keys, NOW).value == RIGHT.value
    believed, refused = read_passport([visa.token], person, trust, lambda _address: keys, NOW)
    assert [one.jti for one in believed] == [visa.jti]
    assert not refused
