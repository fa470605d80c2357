"""The docs say what the code does: settings, protocols, formats, commands."""

from pathlib import Path

import pytest

from catalogue import settings as _settings  # noqa: F401 - declares every setting
from catalogue.domain.source_kinds import kinds
from catalogue.env import DECLARED
from harvesters.formats.registry import FORMATS
from harvesters.protocols.registry import PROTOCOLS

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("name", sorted(DECLARED))
def test_settings_page_explains_each_setting(name):
    setting = DECLARED[name]
    row = next(
        (
            line
            for line in (ROOT / "docs/settings.md").read_text().splitlines()
            if line.startswith(f"| `{name}` |")
        ),
        "",
    )
    assert setting.help in row
    assert setting.kind in row


def test_settings_page_has_no_setting_that_is_gone():
    rows = [
        line for line in (ROOT / "docs/settings.md").read_text().splitlines() if line.startswith("| `MIMIS_")
    ]
    assert {row.split("`")[1] for row in rows} == set(DECLARED)


@pytest.mark.parametrize("name", sorted(PROTOCOLS))
def test_harvesters_page_describes_each_protocol_and_its_options(name):
    page = (ROOT / "docs/harvesters.md").read_text()
    kind = next(kind for kind in kinds() if kind.name == name)
    assert f"`{name}`" in page
    for option in kind.options:
        assert f"`{option}`" in page


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_mapping_page_has_each_format(name):
    assert f"`{name}`" in (ROOT / "docs/mapping.md").read_text()


def test_commands_are_described():
    page = (ROOT / "docs/operations.md").read_text()
    for folder in ("catalogue", "harvesters"):
        for path in (ROOT / folder / "management/commands").glob("[a-z]*.py"):
            assert f"manage.py {path.stem}" in page, path.stem


def test_links_between_pages_lead_somewhere():
    import re

    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
            if not target.startswith("http"):
                assert (page.parent / target).exists(), f"{page.name}: {target}"
