"""The board of a committee, and of all committees that somebody serves."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from catalogue.access.policies import require
from catalogue.access.portal.board_page import build_board
from catalogue.access.portal.committees import find_committee


@require_safe
@login_required
def show_all(request: HttpRequest) -> HttpResponse:
    """Show what waits at all committees of the visitor, and the reviews they were asked for."""
    board = build_board(request.user, None, request.GET.dict())
    return render(request, "access/board.html", {"board": board, "committee": None})


@require_safe
@login_required
def show_committee(request: HttpRequest, committee: str) -> HttpResponse:
    """Show what waits at one committee."""
    found = find_committee(committee)
    require(request.user, "read_board", found)
    board = build_board(request.user, found, request.GET.dict())
    return render(request, "access/board.html", {"board": board, "committee": found})
