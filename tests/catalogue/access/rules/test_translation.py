"""Everything that a rule can say, and every choice of an intent, is there in Swedish."""

import re
from pathlib import Path

from babel.messages.pofile import read_po

from catalogue.access.rules.duo import CODES
from catalogue.access.rules.ehds import PERMITTED, PROHIBITED
from catalogue.access.rules.intent import ORGANISATION_TYPES, PLACES, POPULATIONS, PROCESSING
from catalogue.access.rules.messages import MESSAGES
from catalogue.access.rules.preflight import NEEDS
from catalogue.access.rules.purposes import PURPOSES

ROOT = Path(__file__).resolve().parents[4]
GAP = re.compile(r"%\([a-z]+\)s")


def test_sentences_and_labels_are_translated_with_the_same_gaps():
    with (ROOT / "locale/sv/LC_MESSAGES/django.po").open("rb") as file:
        swedish = {message.id: message.string for message in read_po(file) if isinstance(message.id, str)}
    tables = (MESSAGES, ORGANISATION_TYPES, PROCESSING, PLACES, POPULATIONS, PERMITTED, PROHIBITED)
    texts = [text for table in tables for text in table.values()]
    texts += [label for _short, label in CODES.values()]
    texts += [one.label for one in (*PURPOSES.values(), *NEEDS.values())]
    for text in texts:
        assert swedish.get(text), text
        assert sorted(GAP.findall(swedish[text])) == sorted(GAP.findall(text)), text
