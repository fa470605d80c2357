from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("access", "0001_initial")]

    operations = [
        migrations.AddIndex(
            model_name="item",
            index=models.Index(fields=["committee", "decided_at"], name="item_decided"),
        )
    ]
