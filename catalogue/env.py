"""Reading settings from the environment, typed, with an explanation each.

Every setting is declared once, in settings.py, through these functions. `NAME_FILE` may name a file
whose content is the value (secrets of Docker and Kubernetes). `DECLARED` feeds the test that
docs/settings.md explains every setting. A bad value stops the start with the setting's name.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


@dataclass(frozen=True)
class Setting:
    """A declared setting: its name, type in words, default as text, and what it is for."""

    name: str
    kind: str
    default: str
    help: str


DECLARED: dict[str, Setting] = {}


def _read(name: str, kind: str, default: str, help: str) -> str:  # noqa: A002 - the word of the caller
    DECLARED[name] = Setting(name, kind, default, help)
    environ: Mapping[str, str] = os.environ
    if file_name := environ.get(f"{name}_FILE"):
        try:
            return Path(file_name).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(
                f"{name}_FILE names {file_name}, which cannot be read: {error}"
            ) from error
    return environ.get(name, default)


def text(name: str, default: str = "", *, help: str) -> str:  # noqa: A002
    """Return a setting as it is."""
    return _read(name, "text", default, help)


def words(name: str, default: str = "", *, help: str) -> list[str]:  # noqa: A002
    """Return a comma-separated setting as a list without empty items."""
    value = _read(name, "list, separated by commas", default, help)
    return [item.strip() for item in value.split(",") if item.strip()]


def flag(name: str, *, default: bool, help: str) -> bool:  # noqa: A002
    """Return a yes/no setting. Raises ImproperlyConfigured for any other word."""
    value = _read(name, "yes or no", "yes" if default else "no", help).lower()
    if value in {"1", "yes", "true", "on"}:
        return True
    if value in {"0", "no", "false", "off", ""}:
        return False
    raise ImproperlyConfigured(f"{name} must be yes or no, not {value!r}")


def number(name: str, default: float, *, help: str, minimum: float = 0) -> float:  # noqa: A002
    """Return a numeric setting. Raises ImproperlyConfigured when it is none, or under `minimum`."""
    value = _read(name, "number", f"{default:g}", help)
    try:
        result = float(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a number, not {value!r}") from error
    if result < minimum:
        raise ImproperlyConfigured(f"{name} must be at least {minimum:g}, not {value}")
    return result


def whole(name: str, default: int, *, help: str, minimum: int = 0) -> int:  # noqa: A002
    """Return a whole-number setting. Raises ImproperlyConfigured as `number` does."""
    value = number(name, default, help=help, minimum=minimum)
    if value != int(value):
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value:g}")
    return int(value)
