import ast
import re
from pathlib import Path

from babel.messages.pofile import read_po

from catalogue.access.forms import problems as module
from catalogue.access.forms.formats import FORMATS
from catalogue.access.forms.problems import MESSAGES

ROOT = Path(__file__).resolve().parents[4]
GAP = re.compile(r"%\([a-z]+\)s")


def test_table_of_sentences_is_complete_and_has_nothing_that_nobody_says():
    said = {f"ans_{name}" for name in FORMATS}
    for path in Path(module.__file__).parent.glob("*.py"):
        if path.name == "problems.py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                said |= {node.value} if re.fullmatch(r"(?:ans|def)_[a-z0-9_]+", node.value) else set()
    assert said == set(MESSAGES)


def test_sentences_are_translated_with_the_same_gaps():
    with (ROOT / "locale/sv/LC_MESSAGES/django.po").open("rb") as file:
        swedish = {message.id: message.string for message in read_po(file) if isinstance(message.id, str)}
    for code, text in MESSAGES.items():
        assert swedish.get(text), code
        assert sorted(GAP.findall(swedish[text])) == sorted(GAP.findall(text)), code
        assert "%" not in GAP.sub("", text), code


def test_forms_know_no_django():
    for path in Path(module.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not [name for name in names if name.split(".")[0] == "django"], path.name
