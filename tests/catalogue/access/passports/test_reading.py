"""A corpus of forged and stale visas: each is refused for its own reason, and shows nothing of itself."""

import base64
import contextlib
import hmac
import json
import logging
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc import jws

from catalogue.access.passports.key_sets import MOST_KEYS
from catalogue.access.passports.keys import generate_key, public_jwk, public_key_set
from catalogue.access.passports.reading import MOST_VISAS, read_passport, read_visa
from catalogue.access.passports.trust import Identity, Refusal, Trust, TrustedIssuer, VisaRefused
from catalogue.errors import UpstreamError

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
EPOCH = int(NOW.timestamp())
ISS, JKU = "https://login.example/oidc/", "https://login.example/oidc/jwk"
VALUE = "https://doi.org/10.1038/s41431-018-0219-y"
EC, RSA, STRANGERS = generate_key("ES256"), generate_key("RS256"), generate_key("ES256")
PERSON = Identity("person@login.example", ISS)
LINKER = "https://links.example/"
TRUST = Trust((
    TrustedIssuer(ISS, JKU, frozenset({"ResearcherStatus", "AcceptedTermsAndPolicies"}),
                  frozenset({"https://ror.org/05ynxx418"})),
    TrustedIssuer(LINKER, JKU, frozenset({"LinkedIdentities"}), frozenset({LINKER})),
    TrustedIssuer("https://slow.example/", JKU, frozenset({"ResearcherStatus"}),
                  frozenset({"https://ror.org/05ynxx418"}), longest_life=timedelta(days=400)),
))  # fmt: skip


def b64(data):
    data = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def header(**changes):
    whole = {"typ": "vnd.ga4gh.visa+jwt", "alg": "ES256", "jku": JKU, "kid": EC.kid, **changes}
    return {name: value for name, value in whole.items() if value is not None}


def claims(visa=None, **changes):
    stated = {
        "type": "ResearcherStatus", "asserted": EPOCH - 86_400, "value": VALUE,
        "source": "https://ror.org/05ynxx418", "by": "so", **(visa or {}),
    }  # fmt: skip
    whole = {
        "iss": ISS, "sub": PERSON.sub, "iat": EPOCH - 60, "exp": EPOCH + 3000, "jti": "one",
        "ga4gh_visa_v1": {name: value for name, value in stated.items() if value is not None}, **changes,
    }  # fmt: skip
    return {name: value for name, value in whole.items() if value is not None}


def sign(head=None, body=None, key=EC):
    """Return a token of any header and payload, signed with a key as ES256 or RS256 would be."""
    head, body = (head if head is not None else header()), (body if body is not None else claims())
    signed = f"{b64(head)}.{b64(body)}"
    signature = jws.JWSRegistry.algorithms[key.algorithm].sign(signed.encode(), key.key)
    return f"{signed}.{b64(signature)}"


class Keys:
    """The issuer's key set, and how often it was asked for."""

    def __init__(self, *keys, raw=None):
        self.raw = raw if raw is not None else json.dumps({"keys": list(keys)}).encode()
        self.asked = []

    def __call__(self, address):
        self.asked.append(address)
        return self.raw


def good_keys():
    return Keys(*public_key_set([EC, RSA])["keys"])


def read(token, keys=None, identities=(PERSON,)):
    return read_visa(token, identities, TRUST, keys or good_keys(), NOW)


@pytest.mark.parametrize("key", [EC, RSA], ids=["ES256", "RS256"])
@pytest.mark.parametrize("typ", ["vnd.ga4gh.visa+jwt", "JWT", "application/vnd.ga4gh.visa+jwt", None])
def test_good_visa_is_read(key, typ):
    visa = read(sign(header(alg=key.algorithm, kid=key.kid, typ=typ), key=key))
    assert visa.identity == PERSON
    assert (visa.type, visa.value, visa.by) == ("ResearcherStatus", VALUE, "so")
    assert visa.expires == NOW + timedelta(seconds=3000)


def test_visa_with_an_empty_list_of_conditions_is_read():
    assert read(sign(body=claims({"conditions": []}))).value == VALUE


def test_long_visa_of_an_issuer_that_is_trusted_with_it_is_read_while_it_is_fresh():
    body = claims(iss="https://slow.example/", exp=EPOCH + 86_400 * 365)
    slow = [Identity(PERSON.sub, "https://slow.example/")]
    assert read(sign(body=body), identities=slow).value == VALUE
    old = claims(iss="https://slow.example/", iat=EPOCH - 4000, exp=EPOCH + 86_400 * 365)
    with pytest.raises(VisaRefused) as refused:
        read(sign(body=old), identities=slow)
    assert refused.value.reason == Refusal.TOO_OLD


def unsigned(alg):
    return f"{b64(header(alg=alg))}.{b64(claims())}."


def hmac_with(secret):
    signed = f"{b64(header(alg='HS256', kid=RSA.kid))}.{b64(claims())}"
    return f"{signed}.{b64(hmac.digest(secret, signed.encode(), 'sha256'))}"


def raw(head, body):
    """Return a token of exactly these bytes, signed."""
    signed = f"{b64(head)}.{b64(body)}"
    return f"{signed}.{b64(jws.JWSRegistry.algorithms['ES256'].sign(signed.encode(), EC.key))}"


def twice(name, first):
    """Return the claims with one name twice, the second time as it should be."""
    return (
        b'{"' + name.encode() + b'":' + json.dumps(first).encode() + b"," + json.dumps(claims()).encode()[1:]
    )


def spoiled(token):
    """Return a token whose signature has one other bit."""
    head, body, signature = token.split(".")
    return f"{head}.{body}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"


PUBLIC_PEM = RSA.key.as_pem(private=False)
STRANGERS_JWK = public_jwk(STRANGERS)
YEAR = 86_400 * 365
CONDITION = [[{"type": "AffiliationAndRole", "value": "const:faculty@uni.example"}]]
SWAPPED = ".".join([b64(header()), b64(claims(sub="boss@login.example")), sign().split(".")[2]])

FORGED = {
    "alg none": (unsigned("none"), Refusal.ALGORITHM),
    "alg None": (unsigned("None"), Refusal.ALGORITHM),
    "alg a list": (unsigned(["ES256"]), Refusal.ALGORITHM),
    "no alg": (unsigned(None), Refusal.ALGORITHM),
    "HS256 with the public key": (hmac_with(PUBLIC_PEM), Refusal.ALGORITHM),
    "PS256": (sign(header(alg="PS256", kid=RSA.kid), key=RSA), Refusal.ALGORITHM),
    "ES256K": (sign(header(alg="ES256K")), Refusal.ALGORITHM),
    "an access token": (sign(header(typ="at+jwt")), Refusal.TOKEN_TYPE),
    "a passport": (sign(header(typ="vnd.ga4gh.passport+jwt")), Refusal.TOKEN_TYPE),
    "typ null": (raw(b'{"typ":null,"alg":"ES256"}', claims()), Refusal.TOKEN_TYPE),
    "own key in jwk": (sign(header(jwk=STRANGERS_JWK), key=STRANGERS), Refusal.KEY_IN_HEADER),
    "own key in x5c": (sign(header(x5c=["MIIB"]), key=STRANGERS), Refusal.KEY_IN_HEADER),
    "own key at x5u": (sign(header(x5u="https://evil.example/"), key=STRANGERS), Refusal.KEY_IN_HEADER),
    "crit": (sign(header(crit=["exp"])), Refusal.CRITICAL_HEADER),
    "payload not encoded": (sign(header(b64=False)), Refusal.CRITICAL_HEADER),
    "no kid": (sign(header(kid=None)), Refusal.NO_KEY_NAMED),
    "kid a number": (sign(header(kid=7)), Refusal.NO_KEY_NAMED),
    "no jku": (sign(header(jku=None)), Refusal.NO_KEY_NAMED),
    "foreign jku": (sign(header(jku="https://evil.example/jwk")), Refusal.UNTRUSTED_ISSUER),
    "jku with a query": (sign(header(jku=JKU + "?x=1")), Refusal.UNTRUSTED_ISSUER),
    "jku in capitals": (sign(header(jku=JKU.upper())), Refusal.UNTRUSTED_ISSUER),
    "foreign iss": (sign(body=claims(iss="https://evil.example/")), Refusal.UNTRUSTED_ISSUER),
    "iss without its slash": (sign(body=claims(iss=ISS.rstrip("/"))), Refusal.UNTRUSTED_ISSUER),
    "iss a list": (sign(body=claims(iss=[ISS])), Refusal.UNTRUSTED_ISSUER),
    "unknown kid": (sign(header(kid="none-such")), Refusal.UNKNOWN_KEY),
    "kid a path": (sign(header(kid="../../etc/passwd")), Refusal.UNKNOWN_KEY),
    "RSA key for ES256": (sign(header(kid=RSA.kid)), Refusal.UNFIT_KEY),
    "EC key for RS256": (sign(header(alg="RS256"), key=RSA), Refusal.UNFIT_KEY),
    "signed by a stranger": (sign(key=STRANGERS), Refusal.SIGNATURE),
    "one other bit": (spoiled(sign()), Refusal.SIGNATURE),
    "signature of zeros": (f"{b64(header())}.{b64(claims())}.{b64(bytes(64))}", Refusal.SIGNATURE),
    "no signature": (f"{b64(header())}.{b64(claims())}.", Refusal.SIGNATURE),
    "claims changed after signing": (SWAPPED, Refusal.SIGNATURE),
    "expired": (sign(body=claims(iat=EPOCH - 3500, exp=EPOCH - 31)), Refusal.EXPIRED),
    "no exp": (sign(body=claims(exp=None)), Refusal.MALFORMED),
    "exp in words": (sign(body=claims(exp=str(EPOCH + 60))), Refusal.MALFORMED),
    "exp true": (sign(body=claims(exp=True)), Refusal.MALFORMED),
    "exp endless": (raw(header(), json.dumps(claims(exp=0)).replace('"exp": 0', '"exp": Infinity').encode()),
                    Refusal.MALFORMED),
    "exp beyond the calendar": (sign(body=claims(exp=10**30)), Refusal.MALFORMED),
    "exp beyond all floats": (sign(body=claims(exp=10**400)), Refusal.MALFORMED),
    "exp before iat": (sign(body=claims(iat=EPOCH + 10, exp=EPOCH + 5)), Refusal.MALFORMED),
    "future iat": (sign(body=claims(iat=EPOCH + 300)), Refusal.FROM_THE_FUTURE),
    "no iat": (sign(body=claims(iat=None)), Refusal.MALFORMED),
    "asserted in the future": (sign(body=claims({"asserted": EPOCH + 300})), Refusal.FROM_THE_FUTURE),
    "not asserted": (sign(body=claims({"asserted": None})), Refusal.MALFORMED),
    "a year long": (sign(body=claims(exp=EPOCH + YEAR)), Refusal.LIVES_TOO_LONG),
    "for somebody else": (sign(body=claims(aud="https://other.example")), Refusal.ADDRESSED),
    "conditions": (sign(body=claims({"conditions": CONDITION})), Refusal.CONDITIONS),
    "conditions of another kind": (sign(body=claims({"conditions": "none"})), Refusal.CONDITIONS),
    "conditions an object": (sign(body=claims({"conditions": {}})), Refusal.CONDITIONS),
    "a grant of access": (sign(body=claims({"type": "ControlledAccessGrants", "by": "dac"})), Refusal.VISA_TYPE),
    "an own type": (sign(body=claims({"type": "https://evil.example/type"})), Refusal.VISA_TYPE),
    "type in small letters": (sign(body=claims({"type": "researcherstatus"})), Refusal.VISA_TYPE),
    "foreign source": (sign(body=claims({"source": "https://ror.org/0000000"})), Refusal.SOURCE),
    "source beginning like one": (sign(body=claims({"source": "https://ror.org/05ynxx418/x"})), Refusal.SOURCE),
    "by nobody": (sign(body=claims({"type": "AcceptedTermsAndPolicies", "by": None})), Refusal.MALFORMED),
    "by a list": (sign(body=claims({"by": ["so"]})), Refusal.MALFORMED),
    "by a new word": (sign(body=claims({"by": "god"})), Refusal.MALFORMED),
    "no value": (sign(body=claims({"value": None})), Refusal.MALFORMED),
    "no visa": (sign(body=claims(ga4gh_visa_v1=None)), Refusal.MALFORMED),
    "visa a list": (sign(body=claims(ga4gh_visa_v1=[])), Refusal.MALFORMED),
    "other sub": (sign(body=claims(sub="boss@login.example")), Refusal.OTHER_PERSON),
    "sub in capitals": (sign(body=claims(sub=PERSON.sub.upper())), Refusal.OTHER_PERSON),
    "same sub of another issuer": (sign(body=claims(iss="https://slow.example/")), Refusal.OTHER_PERSON),
    "no sub": (sign(body=claims(sub=None)), Refusal.MALFORMED),
    "sub twice": (raw(header(), twice("sub", "boss@login.example")), Refusal.MALFORMED),
    "iss twice": (raw(header(), twice("iss", "https://evil.example/")), Refusal.MALFORMED),
    "alg twice": (raw(b'{"alg":"none",' + json.dumps(header()).encode()[1:], claims()), Refusal.MALFORMED),
    "two parts": ("a.b", Refusal.MALFORMED),
    "five parts, encrypted": ("a.b.c.d.e", Refusal.MALFORMED),
    "padding": (sign() + "==", Refusal.MALFORMED),
    "a line break": (sign() + "\n", Refusal.MALFORMED),
    "not ASCII": ("å.ä.ö", Refusal.MALFORMED),
    "header no object": (raw(b'["ES256"]', claims()), Refusal.MALFORMED),
    "payload no JSON": (raw(header(), b"visa"), Refusal.MALFORMED),
    "payload not UTF-8": (raw(header(), b'{"iss":"\xff"}'), Refusal.MALFORMED),
    "deep as a well": (raw(header(), b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}"), Refusal.MALFORMED),
    "empty": ("", Refusal.MALFORMED),
    "larger than a visa": (sign(body=claims(more="x" * 20_000)), Refusal.TOO_LARGE),
}  # fmt: skip
NOT_FETCHED_FOR = frozenset({
    Refusal.ALGORITHM, Refusal.TOKEN_TYPE, Refusal.KEY_IN_HEADER, Refusal.CRITICAL_HEADER,
    Refusal.NO_KEY_NAMED, Refusal.UNTRUSTED_ISSUER, Refusal.TOO_LARGE,
})  # fmt: skip


@pytest.mark.parametrize("name", FORGED)
def test_forged_visa_is_refused_for_its_own_reason(name, caplog):
    token, reason = FORGED[name]
    keys = good_keys()
    with caplog.at_level(logging.DEBUG), pytest.raises(VisaRefused) as refused:
        read(token, keys)
    assert refused.value.reason == reason
    assert set(keys.asked) <= {JKU}
    assert not (keys.asked and reason in NOT_FETCHED_FOR)
    assert "login.example" not in str(refused.value) + caplog.text


def altered(**changes):
    return {name: value for name, value in {**public_jwk(EC), **changes}.items() if value is not None}


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        (Keys(), Refusal.UNKNOWN_KEY),
        (Keys(public_jwk(EC), {**STRANGERS_JWK, "kid": EC.kid}), Refusal.UNKNOWN_KEY),
        (Keys({**public_jwk(RSA), "kid": EC.kid}), Refusal.UNFIT_KEY),
        (Keys(altered(use="enc")), Refusal.UNFIT_KEY),
        (Keys(altered(alg="ES384")), Refusal.UNFIT_KEY),
        (Keys(altered(key_ops=["sign"])), Refusal.UNFIT_KEY),
        (Keys(altered(x=7)), Refusal.UNFIT_KEY),
        (Keys(altered(y=public_jwk(EC)["x"])), Refusal.UNFIT_KEY),
        (Keys(altered(crv="P-521")), Refusal.UNFIT_KEY),
        (Keys(EC.key.as_dict(private=True, kid=EC.kid)), Refusal.UNFIT_KEY),
        (Keys({"kty": "oct", "k": "c2VjcmV0", "kid": EC.kid}), Refusal.UNFIT_KEY),
        (Keys(*[STRANGERS_JWK] * (MOST_KEYS + 1)), Refusal.KEY_SET),
        (Keys(raw=b"<html>"), Refusal.KEY_SET),
        (Keys(raw=b'{"keys": {}}'), Refusal.KEY_SET),
        (Keys(raw=b'{"keys": [], "keys": []}'), Refusal.KEY_SET),
        (Keys(raw=b" " * 70_000 + b'{"keys": []}'), Refusal.KEY_SET),
        (Keys(STRANGERS_JWK | {"kid": EC.kid}), Refusal.SIGNATURE),
    ],
)
def test_key_set_that_does_not_fit_lets_no_visa_in(keys, reason):
    with pytest.raises(VisaRefused) as refused:
        read(sign(), keys)
    assert refused.value.reason == reason


def test_short_rsa_key_lets_no_visa_in():
    short = {**public_jwk(RSA), "n": public_jwk(RSA)["n"][:170]}
    with pytest.raises(VisaRefused) as refused:
        read(sign(header(alg="RS256", kid=RSA.kid), key=RSA), Keys(short))
    assert refused.value.reason == Refusal.UNFIT_KEY


def test_key_set_that_cannot_be_had_is_no_forgery():
    def fetch(address):
        raise UpstreamError("no answer", retryable=True)

    with pytest.raises(UpstreamError):
        read(sign(), fetch)


def linking(value, sub=PERSON.sub, **changes):
    body = claims(
        {"type": "LinkedIdentities", "value": value, "source": LINKER}, iss=LINKER, sub=sub, **changes
    )
    return sign(body=body)


OTHER = Identity("zz/9", "https://slow.example/")
OTHERS_VISA = sign(body=claims(iss=OTHER.iss, sub=OTHER.sub, jti="other"))
LINK = "person%40login.example,https%3A%2F%2Flogin.example%2Foidc%2F;zz%2F9,https%3A%2F%2Fslow.example%2F"


def test_visa_of_a_linked_identity_counts():
    visas, refused = read_passport(
        [OTHERS_VISA, linking(LINK, jti="link")], [PERSON], TRUST, good_keys(), NOW
    )
    assert {visa.identity for visa in visas if visa.type == "ResearcherStatus"} == {OTHER}
    assert not refused


@pytest.mark.parametrize(
    "link",
    [
        None,
        linking("zz%2F9,https%3A%2F%2Fslow.example%2F", sub="somebody else"),
        linking("person%40login.example,https%3A%2F%2Flogin.example%2Foidc%2F;zz%2F9"),
        linking(LINK.replace("zz", "ZZ")),
        sign(body=claims({"type": "LinkedIdentities", "value": LINK})),
        linking(LINK, exp=EPOCH - 40, iat=EPOCH - 90),
    ],
    ids=["none", "of others", "half an entry", "other letters", "by another issuer", "expired"],
)
def test_visa_of_an_identity_that_is_not_linked_is_refused(link):
    visas, refused = read_passport([OTHERS_VISA, *filter(None, [link])], [PERSON], TRUST, good_keys(), NOW)
    assert OTHER not in {visa.identity for visa in visas}
    assert Refusal.OTHER_PERSON in {error.reason for error in refused}


def test_same_visa_twice_counts_once():
    visas, refused = read_passport([sign(), sign()], [PERSON], TRUST, good_keys(), NOW)
    assert len(visas) == 1
    assert [error.reason for error in refused] == [Refusal.SEEN_BEFORE]


def test_one_bad_visa_does_not_spoil_a_passport():
    visas, refused = read_passport([unsigned("none"), sign()], [PERSON], TRUST, good_keys(), NOW)
    assert len(visas) == 1
    assert [error.reason for error in refused] == [Refusal.ALGORITHM]


def test_passport_of_very_many_visas_is_not_read():
    keys = good_keys()
    visas, refused = read_passport(["x"] * (MOST_VISAS + 1), [PERSON], TRUST, keys, NOW)
    assert not visas
    assert [error.reason for error in refused] == [Refusal.TOO_LARGE]
    assert not keys.asked


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(st.sampled_from(sorted(claims())), json_values, max_size=3),
    st.dictionaries(
        st.sampled_from([*sorted(claims()["ga4gh_visa_v1"]), "conditions"]), json_values, max_size=3
    ),
    st.dictionaries(
        st.sampled_from(["alg", "kid", "jku", "typ", "jwk", "crit", "b64"]), json_values, max_size=2
    ),
)
def test_whatever_is_signed_either_is_read_or_is_refused(changes, visa, head):
    body = {**claims(), **changes}
    if isinstance(body["ga4gh_visa_v1"], dict):
        body["ga4gh_visa_v1"] = {**body["ga4gh_visa_v1"], **visa}
    with contextlib.suppress(VisaRefused):
        assert read(sign({**header(), **head}, body)).identity == PERSON


@settings(deadline=None)
@given(st.text(alphabet="ey.AbC_-=+/ \0é", max_size=60))
def test_any_text_is_refused(text):
    with pytest.raises(VisaRefused):
        read(text)
