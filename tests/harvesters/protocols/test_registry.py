import pytest

from catalogue.errors import NotFound
from harvesters.protocols.registry import PROTOCOLS, get_protocol, labels_and_options


@pytest.mark.parametrize("name", list(PROTOCOLS))
def test_protocol_is_registered_under_its_own_name_and_explains_its_options(name):
    protocol = get_protocol(name)
    assert protocol.name == name
    assert protocol.label
    assert all(protocol.options.values())


def test_labels_and_options_cover_every_protocol():
    assert set(labels_and_options()) == set(PROTOCOLS)


def test_unknown_protocol_names_those_there_are():
    with pytest.raises(NotFound, match="dcat"):
        get_protocol("gopher")
