"""Validators of answers: a strong ETag over the bytes, Last-Modified where the view knows it, 304.

RFC 9110 section 13 (https://www.rfc-editor.org/rfc/rfc9110#section-13). The ETag is a hash of what is
sent rather than of a revision: an answer also holds when its sources were last seen and links of this
site, and two answers with one strong ETag may not differ in a byte.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from rest_framework.response import Response

_KEPT_HEADERS = ("Access-Control-Allow-Origin", "Access-Control-Expose-Headers", "Link", "Allow")


def add_validators(request: HttpRequest, response: Response, changed_at: datetime | None) -> HttpResponseBase:
    """Set the validators of a rendered answer, and return it or, when the client has it, a 304."""
    if "ETag" not in response.headers:  # of its own: a resource that is written under If-Match
        response.headers["ETag"] = make_etag(response.content)
    stamp = int(changed_at.timestamp()) if changed_at else None
    if stamp is not None:
        response.headers["Last-Modified"] = http_date(stamp)
    answer = get_conditional_response(request, response.headers["ETag"], stamp, response)
    if answer is None or answer is response:
        return response
    for name in _KEPT_HEADERS:
        if name in response.headers:
            answer.headers[name] = response.headers[name]
    return answer


def make_etag(content: bytes) -> str:
    """Return the strong ETag of an answer's bytes."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'
