import re
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.access.forms.patterns import UnsafePattern, check_pattern, is_match


@pytest.mark.parametrize(
    ("pattern", "fits", "not_fits"),
    [
        (r"^\d{4}-\d{5}(-\d{2})?$", "2026-01234-01", "2026-1234"),
        (r"^[A-Z]{2}$", "SE", "se"),
        (r"^[a-z0-9._-]+@[a-z0-9.-]+$", "a@b.se", "a"),
        (r"^(?:dnr|reg) ?\d+$", "dnr 5", "dnr x"),
        (r"^[^\]\\ ]*$", "abc", "a b"),
        (r"^\w+$", "abc", "åäö"),
        (r"^\d$", "1", "1\n"),
        (r"^a.c$", "abc", "ac"),
        (r"^[]a]$", "]", "b"),
    ],
)
def test_safe_pattern_matches_the_whole_value(pattern, fits, not_fits):
    check_pattern(pattern, 200)
    assert is_match(pattern, fits)
    assert not is_match(pattern, not_fits)


@pytest.mark.parametrize(
    "pattern",
    [
        "abc", "^abc", "abc$", "^", "", "^(a+)+$", "^(a|a)*$", "^(ab){2,5}$", "^a*a*a*a*$", r"^(a)\1$", "^(?=a)b$",
        "^(?i)a$", "^(?P<n>a)$", "^a*?$", "^a++$", "^a{2}{3}$", "^a{5,2}$", "^a{9999}$", "^(a$", "^a)$", "^[a$",
        "^[a[b]$", r"^\bx$", r"^\p{L}$", r"^a\$", "^^a$", "^a$$", "^*$", "^{2}$", r"^\u0041$", "^[z-a]$",
        "^[a--b]$", "^" + "(" * 9 + ")" * 9 + "$", "^" + "a" * 600 + "$", r"^\d*\d*\d*x$",
    ],
)  # fmt: skip
def test_pattern_outside_the_safe_part_is_refused(pattern):
    with pytest.raises(UnsafePattern):
        check_pattern(pattern, 200)


def test_a_smaller_length_makes_more_counts_possible():
    with pytest.raises(UnsafePattern):
        check_pattern("^a*b*c*$", 200)
    check_pattern("^a*b*c*$", 60)


@settings(max_examples=400, deadline=None)
@given(st.text(alphabet="ab1^$()[]{}|?*+,\\.d-:", max_size=14).map(lambda text: f"^{text}$"))
def test_what_is_accepted_compiles_and_the_reader_never_breaks(pattern):
    with suppress(UnsafePattern):
        check_pattern(pattern, 50)
        re.compile(pattern)
        is_match(pattern, "ab1" * 16)
