from django.apps import AppConfig


class HarvestersConfig(AppConfig):
    """Everything that knows the outside world's metadata."""

    name = "harvesters"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell the catalogue, which may not import us, what protocols there are."""
        from catalogue.domain.source_kinds import SourceKind, register_kind
        from harvesters.protocols.registry import PROTOCOLS, get_protocol

        for name in PROTOCOLS:
            protocol = get_protocol(name)
            register_kind(SourceKind(protocol.name, protocol.label, protocol.options))
