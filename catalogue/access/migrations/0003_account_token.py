from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("access", "0002_item_decided")]

    operations = [
        migrations.AlterField(
            model_name="scopedtoken",
            name="scope",
            field=models.CharField(
                choices=[("handoff", "Handoff"), ("permissions", "Permissions"), ("account", "Account")],
                max_length=12,
            ),
        )
    ]
