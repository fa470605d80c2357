"""Publishers are found by any of their names, whatever its case and accents."""

from __future__ import annotations

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from catalogue.folding import fold_word, split_words


def fill_folded(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Fold the names that are there."""
    rows = []
    model = apps.get_model("catalogue", "Agent")
    for row in model.objects.using(editor.connection.alias).iterator(chunk_size=2000):
        names = [text.get("value", "") for text in row.names] or [row.name]
        row.folded = "\n".join(" ".join(fold_word(word) for word in split_words(name)) for name in names)
        rows.append(row)
    model.objects.using(editor.connection.alias).bulk_update(rows, ["folded"], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0001_initial")]

    operations = [
        migrations.AddField("agent", "folded", models.TextField(default="", editable=False)),
        migrations.RunPython(fill_folded, migrations.RunPython.noop),
    ]
