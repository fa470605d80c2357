import pytest

from catalogue.errors import NotFound
from harvesters.formats.registry import FORMATS, get_format


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_knows_its_name(name):
    reader = get_format(name)

    assert reader.name == name
    assert reader.label


def test_unknown_format_is_not_found():
    with pytest.raises(NotFound, match="marc21"):
        get_format("marc21")
