from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalogue.access.sign_in.claims import read_claims

TOKEN = {"sub": "astrid", "acr": "https://refeds.org/profile/mfa", "amr": ["pwd", "otp"]}
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=300),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
NAMES = [
    "sub", "name", "email", "email_verified", "orcid", "eduperson_scoped_affiliation", "eduperson_assurance",
    "schac_home_organization", "ror", "country", "address", "voperson_id", "acr", "amr",
]  # fmt: skip


def read(**user_info):
    return read_claims("home", {"sub": "astrid", **user_info}, TOKEN)


def test_claims_are_read_from_both_sources_and_the_signed_one_says_who_and_how():
    claims = read(name="Astrid", acr="loud", amr=["mfa"])
    assert (claims.subject, claims.acr, claims.amr) == ("astrid", TOKEN["acr"], ("pwd", "otp"))
    assert claims.name == "Astrid"


def test_value_of_a_wrong_kind_or_form_is_as_good_as_none():
    claims = read(
        name=["", 7], orcid="0000-0002-1825-0098", ror="https://ror.org/05ynxx419", country="Sweden",
        eduperson_scoped_affiliation=["staff", "staff@liu.example", 7, "<b>@x"], email_verified="true",
        voperson_id="x" * 300,
    )  # fmt: skip
    assert claims.as_json() == {
        "provider": "home", "subject": "astrid", "acr": TOKEN["acr"], "amr": ("pwd", "otp"),
        "affiliations": ("staff@liu.example",),
    }  # fmt: skip


def test_one_value_may_stand_outside_a_list_and_order_does_not_matter():
    assert read(eduperson_scoped_affiliation="staff@a.example").affiliation == "staff@a.example"
    one = read(eduperson_scoped_affiliation=["b@a.example", "a@a.example"])
    assert one.affiliation == read(eduperson_scoped_affiliation=["a@a.example", "b@a.example"]).affiliation


def test_country_may_stand_in_the_address_and_orcid_in_an_address():
    claims = read(address={"country": "se"}, orcid="https://orcid.org/0000-0002-1825-0097")
    assert (claims.country, claims.orcid) == ("SE", "0000-0002-1825-0097")


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # on a machine with other work
@given(
    st.dictionaries(st.sampled_from(NAMES), json_values), st.dictionaries(st.sampled_from(NAMES), json_values)
)
def test_whatever_is_said_is_read(user_info, token):
    claims = read_claims("home", user_info, token)
    assert all(len(value) <= 255 for value in claims.as_json().values() if isinstance(value, str))
