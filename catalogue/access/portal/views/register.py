"""The public register of sharing: a page with plots, and the same as CSV and JSON."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from catalogue.access.domain.register import choose_cells, read_register
from catalogue.access.portal.register_page import build_page, choose, describe_cells
from catalogue.exports.register import rows_to_csv


@require_safe
def show_register(request: HttpRequest) -> HttpResponse:
    """Show what may be told, filtered by dataset, committee and year."""
    register = read_register()
    page = build_page(register, choose(register, request.GET))
    return render(request, "access/register.html", {"page": page, "nav": "about"})


@require_safe
def download_csv(request: HttpRequest) -> HttpResponse:
    """Give the same cells as CSV."""
    answer = HttpResponse(rows_to_csv(_rows(request)), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="register-of-sharing.csv"'
    return answer


@require_safe
def download_json(request: HttpRequest) -> HttpResponse:
    """Give the same cells as JSON."""
    register = read_register()
    return JsonResponse(
        {"until": register.until.isoformat(), "smallest": register.smallest, "cells": _rows(request)},
        json_dumps_params={"ensure_ascii": False},
    )


def _rows(request: HttpRequest) -> list[dict[str, object]]:
    register = read_register()
    chosen = choose(register, request.GET)
    cells = choose_cells(register.cells, dataset=chosen.dataset, committee=chosen.committee, year=chosen.year)
    return describe_cells(cells)
