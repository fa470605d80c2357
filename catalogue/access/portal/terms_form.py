"""Terms on a page: the words that are shown, and the hashes of what was ticked."""

from __future__ import annotations

import re

from django.http import QueryDict

_NAME = re.compile(r"terms-(\d{1,9})")


def read_hashes(data: QueryDict) -> dict[int, str]:
    """Return {terms version id: sha256} of the boxes that are ticked: `terms-7` = the words' hash."""
    return {int(match[1]): str(data[name]) for name in data if (match := _NAME.fullmatch(name))}
