import pytest

from ontology.licences import LICENSES, license_class
from ontology.namespaces import LICENCE

CC_BY_UNVERSIONED = "http://www.opendefinition.org/licenses/cc-by"


@pytest.mark.parametrize(
    "raw",
    [
        "http://creativecommons.org/licenses/by/4.0/", "https://creativecommons.org/licenses/by/4.0",
        "https://www.creativecommons.org/licenses/by/4.0/legalcode", "CC BY 4.0", "CC-BY-4.0", "cc-by-4.0",
        "https://creativecommons.org/licenses/by/4.0/deed.sv", "https://creativecommons.org/licenses/by/4.0/sv/",
        "https://creativecommons.org/licenses/by/4.0/legalcode.en", "https://spdx.org/licenses/CC-BY-4.0",
        "https://spdx.org/licenses/CC-BY-4.0.html", "Creative Commons Attribution 4.0 International",
        "Creative Commons Attribution 4.0 International Public License", "CC BY 4.0 International",
        "Creative Commons Erkännande 4.0 Internationell", "https://choosealicense.com/licenses/cc-by-4.0/",
        "http://publications.europa.eu/resource/authority/licence/CC_BY",
    ],
)  # fmt: skip
def test_licenses_find_cc_by_however_it_is_written(raw):
    assert LICENSES.find(raw) == LICENCE.CC_BY_4_0


@pytest.mark.parametrize(
    ("raw", "iri"),
    [
        ("CC BY-NC-ND 3.0", LICENCE.CC_BYNCND_3_0),
        ("http://rdflicense.appspot.com/rdflicense/cc-by-nc-nd3.0", LICENCE.CC_BYNCND_3_0),
        ("Creative Commons Attribution-NonCommercial-ShareAlike 4.0", LICENCE.CC_BYNCSA_4_0),
        ("Creative Commons Attribution Share Alike 4.0 International", LICENCE.CC_BYSA_4_0),
        ("http://creativecommons.org/licenses/by-nd-nc/1.0/", LICENCE.CC_BYNCND_1_0),
        ("https://creativecommons.org/publicdomain/zero/1.0/deed.en", LICENCE.CC0),
        ("https://creativecommons.org/public-domain/cc0/", LICENCE.CC0),
        ("cc-zero", LICENCE.CC0),
        ("CC0-1.0", LICENCE.CC0),
        ("odc-odbl", LICENCE.ODC_BL),
        ("https://opendatacommons.org/licenses/odbl/1-0/", LICENCE.ODC_BL),
        ("EUPL-1.2", LICENCE.EUPL_1_2),
        ("mit", "https://spdx.org/licenses/MIT"),
        ("https://opensource.org/license/mit", "https://spdx.org/licenses/MIT"),
        ("https://www.apache.org/licenses/LICENSE-2.0.html", "https://spdx.org/licenses/Apache-2.0"),
        ("Licence Ouverte Version 2.0", "https://spdx.org/licenses/etalab-2.0"),
        ("NLOD-2.0", "http://data.norge.no/nlod/no/2.0"),
        ("cc-by", CC_BY_UNVERSIONED),
        (
            "https://creativecommons.org/publicdomain/mark/1.0/",
            "http://creativecommons.org/publicdomain/mark/1.0/",
        ),
    ],
)
def test_licenses_find_other_spellings(raw, iri):
    assert LICENSES.find(raw) == iri


def test_licenses_keep_a_port_to_a_country_as_its_own():
    swedish = "http://creativecommons.org/licenses/by/2.5/se/"
    assert LICENSES.find("https://creativecommons.org/licenses/by/2.5/se/legalcode") == swedish
    assert LICENSES.find(swedish) == swedish
    assert LICENSES.find("Creative Commons Attribution 3.0 Germany") is None


@pytest.mark.parametrize("raw", ["", "notspecified", "unknown", "see website", "CC BY 9.0", "by 4.0"])
def test_licenses_find_nothing_where_nothing_is_stated(raw):
    assert LICENSES.find(raw) is None


def test_license_class_says_the_strongest_condition():
    assert license_class(LICENCE.CC0) == "open"
    assert license_class(LICENCE.CC_BY_4_0) == "open-attribution"
    assert license_class(LICENCE.CC_BYSA_4_0) == "share-alike"
    assert license_class(LICENCE.CC_BYNCSA_4_0) == "non-commercial"
    assert license_class(LICENCE.CC_BYND_4_0) == "no-derivatives"
    assert license_class(LICENSES.find("other-closed")) == "restricted"
    assert license_class("http://creativecommons.org/licenses/by-sa/2.5/se/") == "share-alike"
    assert license_class("http://example.org/terms") == "unknown"
    assert license_class("") == "unknown"


def test_license_page_is_the_address_that_feeds_must_carry():
    assert LICENSES.page(LICENCE.CC_BY_4_0) == "http://creativecommons.org/licenses/by/4.0/"
    assert LICENSES.page("https://spdx.org/licenses/MIT") == "https://spdx.org/licenses/MIT"
    for iri in LICENSES:
        assert LICENSES.find(LICENSES.page(iri)) == iri


@pytest.mark.parametrize(
    ("iri", "spdx"),
    [
        (LICENCE.CC0, "CC0-1.0"),
        (LICENCE.CC_BY_4_0, "CC-BY-4.0"),
        (LICENCE.CC_BYNCND_1_0, "CC-BY-NC-ND-1.0"),
        (LICENCE.ODC_BL, "ODbL-1.0"),
        (LICENCE.EUPL_1_2, "EUPL-1.2"),
        ("https://spdx.org/licenses/MIT", "MIT"),
        ("http://creativecommons.org/licenses/by-sa/2.5/se/", ""),
        ("http://example.org/terms", ""),
    ],
)
def test_licenses_know_their_name_at_spdx(iri, spdx):
    assert LICENSES.spdx_id(iri) == spdx
