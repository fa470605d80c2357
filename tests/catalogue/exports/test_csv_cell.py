"""No cell of an exported table is taken for a formula by the program that opens it."""

import pytest

from catalogue.exports.csv_cell import guard_cell


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "  =", "\0=", "\n="])
def test_text_that_begins_like_a_formula_is_guarded(sign):
    assert guard_cell(f"{sign}1+1").startswith("'")


def test_other_text_is_left_alone():
    assert guard_cell("Sjöar = vatten") == "Sjöar = vatten"
