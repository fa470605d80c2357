"""From messages to letters: one message, or several in a digest, as subject and plain text."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalogue.access.domain.mail_facts import Facts, describe, link_to_page, page_address
from catalogue.access.domain.mail_words import WORDS

LANGUAGES = ("en", "sv")
_RULE = "-" * 60


def write_letter(about: Sequence[Facts], language: str) -> tuple[str, str]:
    """Return subject and text to one reader, in `language` (sv or en).

    Whoever was invited has said no language yet and reads both.
    """
    if about[0].message.user is None:
        parts = [_write(about, code) for code in _both()]
        return parts[0][0], f"\n{_RULE}\n\n".join(text for _subject, text in parts)
    return _write(about, language if language in LANGUAGES else settings.LANGUAGE_CODE)


def _both() -> tuple[str, ...]:
    first = settings.LANGUAGE_CODE if settings.LANGUAGE_CODE in LANGUAGES else LANGUAGES[0]
    return (first, *(code for code in LANGUAGES if code != first))


def _write(about: Sequence[Facts], language: str) -> tuple[str, str]:
    with translation.override(language):
        blocks = list(dict.fromkeys(_write_block(facts) for facts in about))
        subject = _write_subject(about, len(blocks))
        return subject, f"\n{_RULE}\n\n".join(blocks) + _write_foot(about[0])


def _write_subject(about: Sequence[Facts], count: int) -> str:
    numbers = list(dict.fromkeys(facts.number for facts in about if facts.number))
    site = settings.SITE_NAME
    if count == 1:
        words = WORDS[about[0].message.kind].subject % describe(about[0])
        return f"[{site}] {numbers[0]}: {words}" if numbers else f"[{site}] {words}"
    shown = ", ".join(numbers[:3]) + (" …" if len(numbers) > 3 else "")
    news = ngettext("%(count)d message", "%(count)d messages", count) % {"count": count}
    return f"[{site}] {shown}: {news}"


def _write_block(facts: Facts) -> str:
    words, named = WORDS[facts.message.kind], describe(facts)
    about = _("Request %(number)s") % named
    return f"{about}\n\n{words.happened % named}\n{words.next_step % named}\n\n{link_to_page(facts)}\n"


def _write_foot(facts: Facts) -> str:
    lines = [settings.SITE_NAME, settings.BASE_URL]
    if facts.message.user is not None:
        lines.append(
            _("Language of mail, and how often it comes: %(address)s") % {"address": page_address("me")}
        )
    return "\n-- \n" + "\n".join(lines) + "\n"
