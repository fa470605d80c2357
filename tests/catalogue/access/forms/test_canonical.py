import hashlib
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.access.forms.canonical import canonicalise, commit, digest, make_salt, open_commitment
from catalogue.errors import InvalidRecord

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False).filter(lambda x: abs(x) < 2**53 or abs(x) >= 1e21)
    | st.text(alphabet=st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(alphabet=st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("value", "canonical"),
    [
        ({"b": 1, "a": [True, None]}, b'{"a":[true,null],"b":1}'),
        ([1e30, 4.5, 2e-3, 1e-27, 333333333.33333329], b"[1e+30,4.5,0.002,1e-27,333333333.3333333]"),
        (['€$\x0f\nA\'B"\\\\"/'], '["€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"]'.encode()),
        # Keys are sorted by UTF-16 units, so the emoji (a surrogate pair) comes before U+FB33.
        ({"\ufb33": 1, "😀": 2, "€": 3, "\r": 4, "1": 5}, '{"\\r":4,"1":5,"€":3,"😀":2,"\ufb33":1}'.encode()),
        ([-0.0, 1.0, 1e21, 123456789012345680000], None),
    ],
)
def test_canonical_form_is_that_of_the_standard(value, canonical):
    if canonical is None:
        with pytest.raises(InvalidRecord):  # a whole number that a double cannot hold exactly
            canonicalise(value)
        assert canonicalise(value[:3]) == b"[0,1,1e+21]"
    else:
        assert canonicalise(value) == canonical
        assert digest(value) == hashlib.sha256(canonical).hexdigest()


@given(JSON)
def test_canonical_form_says_the_same_and_is_its_own(value):
    text = canonicalise(value)
    assert json.loads(text) == value
    assert canonicalise(json.loads(text)) == text


@pytest.mark.parametrize(
    "value", [math.nan, math.inf, 2**53, 2.0**53, 1e20, "\ud800", {1: 2}, object(), {"a": {1}}]
)
def test_what_has_no_canonical_form_is_refused(value):
    with pytest.raises(InvalidRecord):
        canonicalise(value)


@given(JSON, JSON)
def test_commitment_opens_with_its_own_value_only(value, other):
    salt = make_salt()
    sealed = commit("shared.name", value, salt)
    assert open_commitment(sealed, "shared.name", value, salt)
    assert open_commitment(sealed, "shared.name", other, salt) is (canonicalise(value) == canonicalise(other))
    assert not open_commitment(sealed, "shared.other", value, salt)
    assert not open_commitment(sealed, "shared.name", value, make_salt())


def test_commitments_to_the_same_value_differ():
    assert commit("shared.name", "Åsa", make_salt()) != commit("shared.name", "Åsa", make_salt())
    assert len({make_salt() for _ in range(100)}) == 100


@pytest.mark.parametrize("salt", ["", "zz", "00" * 31, "00" * 33])
def test_salt_of_another_size_opens_nothing(salt):
    assert not open_commitment("0" * 64, "shared.name", "x", salt)
    with pytest.raises(ValueError):
        commit("shared.name", "x", salt)
