"""Writing many rows of one table, for the places that every harvested record passes.

What QuerySet.bulk_create does, less what makes it slow: its statement for several hundred rows is
built anew each time, a value at a time. It sets no primary keys in the objects, and knows no
expressions, inheritance or generated columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache, partial
from operator import attrgetter
from typing import Any

import msgspec
from django.db import connection, models


def write_rows(
    rows: Sequence[models.Model], *, conflict: Sequence[str] = (), update: Sequence[str] = ()
) -> None:
    """Insert rows of one model; one whose `conflict` fields are there already renews its `update` fields.

    Without `conflict`, a row that breaks a unique constraint raises IntegrityError.
    """
    if not rows:
        return
    meta = rows[0]._meta  # noqa: SLF001 - Django documents it as the way to a model's fields
    fields = [field for field in meta.concrete_fields if not isinstance(field, models.AutoField)]
    columns = {field.name: connection.ops.quote_name(str(field.column)) for field in fields}
    statement = (
        f"INSERT INTO {connection.ops.quote_name(meta.db_table)} ({', '.join(columns.values())}) "  # noqa: S608 - names only
        f"VALUES ({', '.join(['%s'] * len(columns))})"
    )
    if conflict:
        renewed = ", ".join(f"{columns[name]} = excluded.{columns[name]}" for name in update)
        unique = ", ".join(columns[name] for name in conflict)
        statement += f" ON CONFLICT ({unique}) DO UPDATE SET {renewed}"
    values = [adapt_column(field, map(attrgetter(field.attname), rows)) for field in fields]
    with connection.cursor() as cursor:
        cursor.executemany(statement, list(zip(*values, strict=True)))


def adapt_column(field: models.Field[Any, Any], values: Iterable[Any]) -> Iterable[Any]:
    """Return a field's values as ones for the database."""
    if isinstance(field, models.JSONField):
        return [msgspec.json.encode(value).decode() for value in values]
    if isinstance(field, models.CharField | models.TextField):
        return values  # text is what it is
    # Most rows have the same times, states and keys, and Django takes its time over each.
    adapt = cache(partial(field.get_db_prep_save, connection=connection))
    return map(adapt, values)
