import pytest
from django.core.exceptions import ImproperlyConfigured

from catalogue.access.sign_in.provider_settings import read_providers

SWAMID = "swamid=https://proxy.example/|client-1|SWAMID"


def test_several_providers_are_read_each_with_its_secret_and_what_counts_as_strong():
    swamid, lsaai = read_providers(
        [SWAMID, "lsaai=https://login.example/oidc/|c2"],
        ["lsaai=s=3,cret"],
        ["swamid=https://refeds.org/profile/mfa", "swamid=mfa"],
        ["profile", "openid"],
    )
    assert swamid["name"] == "SWAMID"
    assert swamid["settings"]["issuer"] == "https://proxy.example/"
    assert swamid["settings"]["server_url"] == "https://proxy.example/.well-known/openid-configuration"
    assert swamid["settings"]["strong"] == ["https://refeds.org/profile/mfa", "mfa"]
    assert swamid["settings"]["scope"] == ["openid", "profile"]
    assert (lsaai["name"], lsaai["secret"], lsaai["client_id"]) == ("lsaai", "s=3,cret", "c2")


@pytest.mark.parametrize(
    "given",
    [
        (["swamid"], [], []),
        (["SWAMID=https://proxy.example|c"], [], []),
        (["swamid=http://proxy.example|c"], [], []),
        (["swamid=https://proxy.example"], [], []),
        (["swamid=proxy.example|c"], [], []),
        ([SWAMID, SWAMID], [], []),
        ([SWAMID], ["other=x"], []),
        ([SWAMID], [], ["other=x"]),
        ([SWAMID], ["hidden"], []),
    ],
)
def test_entry_that_does_not_fit_stops_the_start_without_showing_a_secret(given):
    with pytest.raises(ImproperlyConfigured) as refused:
        read_providers(*given, ["profile"])
    assert "hidden" not in str(refused.value)
