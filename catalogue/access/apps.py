from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class AccessConfig(AppConfig):
    """Access requests: what was asked, what committees decided, and the rights that follow."""

    name = "catalogue.access"
    label = "access"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """See to it that migrations leave the database's own guards in place."""
        from catalogue.access.models.guards import drop_view, make_guards

        pre_migrate.connect(drop_view, sender=self)
        post_migrate.connect(make_guards, sender=self)
