"""How committees' pages write names, and the way between a committee's pages."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import get_language

from catalogue.access.forms.editing import QuestionDraft
from catalogue.access.forms.model import say
from catalogue.access.models import Committee, CommitteeRole, Grant, Item, Workflow
from catalogue.access.policies import committee_relations, site_relations
from catalogue.access.portal import case_words
from catalogue.access.portal.intent_words import say_country
from catalogue.access.portal.question_form import KIND_WORDS
from catalogue.access.table import COMMANDS, Relation

register = template.Library()


@register.filter
def committee_name(committee: Committee) -> str:
    """Write a committee's name in the language of the page."""
    return case_words.committee_name(committee)


@register.filter
def person_name(user: Any) -> str:
    """Write what an account's person is called."""
    return case_words.name_of(user)


@register.filter
def country_name(code: str) -> str:
    """Write a country in the language of the page."""
    return say_country(code)


@register.filter
def item_state(item: Item) -> str:
    """Write the state of an item."""
    return str(case_words.ITEM_WORDS[item.state][1])


@register.filter
def grant_state(grant: Grant) -> str:
    """Write the state of a right."""
    return str(case_words.GRANT_WORDS[grant.state][1])


@register.filter
def role_name(role: CommitteeRole) -> str:
    """Write what somebody is in a committee."""
    return str(case_words.ROLE_WORDS[role.role])


@register.filter
def workflow_words(workflow: Workflow) -> str:
    """Write who decides."""
    words = str(case_words.WORKFLOW_WORDS[workflow.kind])
    return f"{words} ({workflow.votes_needed})" if workflow.kind == Workflow.Kind.VOTE else words


@register.filter
def question_label(question: QuestionDraft) -> str:
    """Write a question's words in the language of the page."""
    return say(question.label, get_language() or "en") or question.name


@register.filter
def kind_words(question: QuestionDraft) -> str:
    """Write what a question asks for."""
    return str(KIND_WORDS[question.kind])


@register.inclusion_tag("access/partials/committee_nav.html", takes_context=True)
def committee_nav(context: dict[str, Any], committee: Committee | None) -> dict[str, Any]:
    """Draw the way between a committee's pages: those that the visitor may open."""
    request = context["request"]
    found: dict[str, Any] = {"committee": committee, "here": request.resolver_match.url_name}
    over_all = site_relations(request.user)
    if committee is None:
        kinds = {
            "auditor": Relation.AUDITOR,
            "security": Relation.SECURITY,
            "chief": Relation.CHIEF,
            "operator": Relation.OPERATOR,
        }
        return found | {f"is_{name}": relation in over_all for name, relation in kinds.items()}
    mine = over_all | committee_relations(request.user, committee)
    names = ("read_board", "read_forms", "read_people", "read_blocks", "edit_routes")
    return found | {name: bool(mine & COMMANDS[name].by) for name in names}
