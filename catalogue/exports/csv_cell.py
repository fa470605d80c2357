"""Text as a cell of a CSV file that spreadsheet programs open: no cell is taken for a formula.

OWASP, CSV injection (https://owasp.org/www-community/attacks/CSV_Injection). Quoting (RFC 4180) is csv's.
"""

from __future__ import annotations

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def guard_cell(text: str) -> str:
    """Return the text without NUL, behind an apostrophe where a program could take it for a formula."""
    cell = text.replace("\0", "")
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA) else cell
