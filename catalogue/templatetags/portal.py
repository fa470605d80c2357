"""How the portal writes words, times, sizes and icons."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalogue.portal.dates import write_date
from catalogue.portal.prose import prose_to_html
from catalogue.portal.words import Words

register = template.Library()

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")


@register.filter
def spoken(words: Words | str) -> SafeString | str:
    """Write words with their language where it is not the page's, and their own direction."""
    if not isinstance(words, Words):
        return words
    if not words.lang:
        return format_html("<bdi>{}</bdi>", words.value)
    return format_html('<bdi lang="{}">{}</bdi>', words.lang, words.value)


@register.filter
def prose(words: Words | str) -> SafeString:
    """Write a description as paragraphs, lists and links."""
    return prose_to_html(str(words))


@register.filter
def marked(pieces: Any) -> SafeString:
    """Write pieces (words, is_match) with the matches marked."""
    return format_html_join(
        "",
        "{}",
        ((format_html("<mark>{}</mark>", words) if is_match else words,) for words, is_match in pieces),
    )


@register.filter
def unmarked(pieces: Any) -> str:
    """Write pieces as one text."""
    return "".join(words for words, _is_match in pieces)


@register.filter
def sized(size_bytes: int | None) -> str:
    """Write a size in binary units, three figures at most."""
    if not size_bytes:
        return "" if size_bytes is None else f"0 {_UNITS[0]}"
    step = min(int(math.log(size_bytes, 1024)), len(_UNITS) - 1)
    value = size_bytes / 1024**step
    return f"{number_format(value, 0 if value >= 10 or step == 0 else 1)} {_UNITS[step]}"


@register.filter
def counted(number: int | None) -> str:
    """Write a whole number with thin spaces between thousands: the same in both languages."""
    return "" if number is None else f"{number:,}".replace(",", "\u202f")


@register.filter
def dated(stated: str) -> str:
    """Write a date as exact as the source stated it."""
    return write_date(stated)


@register.filter
def unlocalised(number: float) -> str:
    """Return a number as drawings and addresses have it, in every language."""
    return f"{number:g}" if abs(number) < 1e6 else str(number)


@register.filter
def ago(moment: datetime | date | None) -> SafeString | str:
    """Write how long ago a moment was, the exact time on hover and in print."""
    if moment is None:
        return ""
    if not isinstance(moment, datetime):
        moment = timezone.make_aware(datetime.combine(moment, time()))
    local = timezone.localtime(moment)
    exact = date_format(local, "j F Y H:i")
    return format_html(
        '<time datetime="{}" title="{}" data-exact="{}">{}</time>',
        local.isoformat(timespec="seconds"),
        exact,
        exact,
        _relative(local),
    )


@register.filter
def lasting(seconds: float | None) -> str:
    """Write a duration in its largest unit."""
    if seconds is None:
        return ""
    if seconds < 90:
        whole = max(round(seconds), 1)
        return ngettext("%d second", "%d seconds", whole) % whole
    if seconds < 5400:
        whole = round(seconds / 60)
        return ngettext("%d minute", "%d minutes", whole) % whole
    whole = round(seconds / 3600)
    return ngettext("%d hour", "%d hours", whole) % whole


@register.filter
def took(run: Any) -> str:
    """Write how long a run took."""
    if not run.started_at or not run.ended_at:
        return ""
    return lasting((run.ended_at - run.started_at).total_seconds())


@register.filter
def get_item(values: Mapping[str, Any], key: str) -> Any:
    """Return the value of a key that is not known before the page is drawn."""
    return values.get(key)


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw a symbol of icons.svg beside words that say the same."""
    return format_html(
        '<svg class="icon" width="16" height="16" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        static("catalogue/icons.svg"),
        name,
    )


@register.simple_tag
def json_ld(script: str) -> SafeString:
    """Write JSON-LD that portal/machine.py has made unable to end its element."""
    return mark_safe(f'<script type="application/ld+json">{script}</script>')  # noqa: S308


@register.simple_tag(takes_context=True)
def page_href(context: dict[str, Any], name: str, number: int) -> str:
    """Return this page's address with another page number in parameter `name`."""
    params = context["request"].GET.copy()
    params[name] = str(number)
    return f"?{params.urlencode()}"


@register.filter
def run_line(run: Any) -> str:
    """Write what a run did in one line."""
    from catalogue.portal.run_words import describe_run

    return describe_run(run)


def _relative(moment: datetime) -> str:
    seconds = (timezone.now() - moment).total_seconds()
    if seconds < 0:
        return _("in %s") % lasting(-seconds) if seconds > -86400 else date_format(moment, "j F Y")
    if seconds < 60:
        return _("just now")
    if seconds < 86400:
        return _("%s ago") % lasting(seconds)
    days = int(seconds // 86400)
    if days < 30:
        return ngettext("%d day ago", "%d days ago", days) % days
    return date_format(moment, "j F Y")
