"""What the database itself guards: the view of effective rights, and tables that are only added to.

They are made anew after every `migrate` rather than by a migration: SQLite changes a table by building
another in its place, which takes triggers away and stumbles over views.
"""

from __future__ import annotations

from typing import Any

from django.db import connections

VIEW = "access_effective_right"
# What was logged, submitted, decided or published stays as it was.
FROZEN_TABLES = (
    "access_event",
    "access_snapshot",
    "access_decision",
    "access_formversion",
    "access_termsversion",
)
_CLOCK = {"sqlite": "strftime('%Y-%m-%d %H:%M:%f', 'now')", "postgresql": "clock_timestamp()"}
_VIEW_SQL = """
    CREATE VIEW access_effective_right AS
    SELECT g.id AS grant_id, g.user_id AS user_id, d.id AS dataset_id, g.item_id AS item_id,
           g.starts_at AS starts_at, g.ends_at AS ends_at, g.granted_at AS granted_at
    FROM access_grant g
    JOIN access_item i ON i.id = g.item_id
    JOIN catalogue_user u ON u.id = g.user_id
    JOIN catalogue_dataset asked ON asked.id = g.dataset_id
    JOIN catalogue_dataset d ON d.id = COALESCE(asked.merged_into_id, asked.id)
    WHERE g.state = 'active' AND g.starts_at <= {now} AND g.ends_at > {now}
      AND d.state = 'live' AND u.is_active
      AND NOT EXISTS (
        SELECT 1 FROM access_block b
        WHERE b.user_id = g.user_id AND b.lifted_at IS NULL AND (b.until IS NULL OR b.until > {now})
          AND (b.dataset_id = asked.id OR b.dataset_id = d.id OR b.committee_id = i.committee_id)
      )
"""
_SQLITE_TRIGGER = """
    CREATE TRIGGER IF NOT EXISTS {table}_no_{verb} BEFORE {verb} ON {table}
    BEGIN SELECT RAISE(ABORT, '{table} is only added to'); END
"""
_POSTGRESQL_FUNCTION = """
    CREATE OR REPLACE FUNCTION access_only_added_to() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '% is only added to', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$
"""
_POSTGRESQL_TRIGGER = """
    CREATE OR REPLACE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
    FOR EACH ROW EXECUTE FUNCTION access_only_added_to()
"""


def drop_view(sender: Any, plan: Any = None, using: str = "default", **kwargs: Any) -> None:
    """Take the view out of a migration's way; only when there is something to migrate."""
    if plan:
        with connections[using].cursor() as cursor:
            cursor.execute(f"DROP VIEW IF EXISTS {VIEW}")


def make_guards(sender: Any, using: str = "default", **kwargs: Any) -> None:
    """Make the view and the triggers where they are missing; nothing before the tables are there."""
    connection = connections[using]
    with connection.cursor() as cursor:
        found = {table.name: table.type for table in connection.introspection.get_table_list(cursor)}
        if not {"access_grant", "access_block", *FROZEN_TABLES} <= set(found):
            return
        if VIEW not in found:
            cursor.execute(_VIEW_SQL.format(now=_CLOCK[connection.vendor]))
        if connection.vendor == "postgresql":
            cursor.execute(_POSTGRESQL_FUNCTION)
        trigger = _SQLITE_TRIGGER if connection.vendor == "sqlite" else _POSTGRESQL_TRIGGER
        for table in FROZEN_TABLES:
            for verb in ("update", "delete"):
                cursor.execute(trigger.format(table=table, verb=verb))


def drop_triggers(using: str = "default") -> None:
    """Let the frozen tables be emptied; for tests that empty whole databases."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for table in FROZEN_TABLES:
            for verb in ("update", "delete"):
                of_table = f" ON {table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{verb}{of_table}")
