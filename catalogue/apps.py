from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    """The domain, its stores and its faces."""

    name = "catalogue"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the system checks."""
        from catalogue import checks  # noqa: F401 - registers itself
