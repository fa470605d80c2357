"""Where the harvest's HTTP client goes and where not: redirects, certificates, addresses at connect time."""

import pytest

from catalogue.errors import UpstreamError
from harvesters.errors import BlockedAddress, TooLarge
from tests.harvesters.http.page_server import PUBLIC, PageServer, drip

# --- redirects -----------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_is_followed(server, fetcher, status):
    server.redirect("/old/a", "../new?q=1", status)
    server.pages["/new"] = lambda h: h.answer(200, b"here")
    response = fetcher.get(f"{server.base}/old/a")
    assert (response.read(), response.url) == (b"here", f"{server.base}/new?q=1")


def test_redirect_loop_is_an_error(server, fetcher):
    server.redirect("/a", "/b")
    server.redirect("/b", "/a")
    with pytest.raises(UpstreamError, match=r"/a redirects in a circle"):
        fetcher.get(f"{server.base}/a")
    assert len(server.asked) == 2


def test_redirects_are_counted(server, make_fetcher):
    for number in range(9):
        server.redirect(f"/{number}", f"/{number + 1}")
    with pytest.raises(UpstreamError, match="more than 3 times"):
        make_fetcher(limits={"max_redirects": 3}).get(f"{server.base}/0")
    assert len(server.asked) == 4


def test_redirect_without_a_target_is_an_error(server, fetcher):
    server.pages["/"] = lambda h: h.answer(302)
    with pytest.raises(UpstreamError, match="without saying where"):
        fetcher.get(server.base)


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("http://169.254.169.254/latest/meta-data/", "link-local"),
        ("http://[::ffff:169.254.169.254]/", "link-local"),
        ("http://2130706433:1/", "loopback"),
        ("file:///etc/passwd", "only http and https"),
        ("gopher://127.0.0.1:6379/_", "only http and https"),
        ("http://user:hunter2@127.0.0.1/", "user name or password"),
        ("http://[broken/", "no web address"),
    ],
)
def test_redirect_to_a_refused_address_is_an_error(server, fetcher, target, words):
    server.redirect("/a", target)
    with pytest.raises(BlockedAddress, match=words) as caught:
        fetcher.get(f"{server.base}/a")
    assert f"{server.base}/a redirects" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_credentials_stay_with_their_host(server, fetcher):
    with PageServer() as other:
        other.pages["/"] = lambda h: h.answer(200)
        server.redirect("/a", "/b")
        server.redirect("/b", other.base)
        secrets = {"Authorization": "Bearer x", "Cookie": "a=b", "X-API-Key": "k", "Accept": "text/xml"}
        fetcher.get(f"{server.base}/a", headers=secrets)
    assert all(headers["authorization"] == "Bearer x" for _, headers in server.asked)
    headers = other.asked[0][1]
    assert headers["accept"] == "text/xml"
    assert not {"authorization", "cookie", "x-api-key"} & headers.keys()


# --- TLS -----------------------------------------------------------------------------------------


def test_certificate_is_checked_for_the_name_though_an_address_is_connected(fetch_by_name):
    assert fetch_by_name("https://good.example/").read() == b"safe"


def test_certificate_of_another_name_is_refused(fetch_by_name, tls_server, clock):
    with pytest.raises(UpstreamError, match=r"no valid certificate: Hostname mismatch.*evil\.example"):
        fetch_by_name("https://evil.example/")
    assert (tls_server.asked, clock.slept) == ([], [])


def test_certificate_of_an_unknown_authority_is_refused(tls_server, make_fetcher):
    with pytest.raises(UpstreamError, match="no valid certificate"):
        make_fetcher().get(tls_server.base)


def test_redirect_from_https_to_http_is_refused(fetch_by_name, tls_server):
    tls_server.redirect("/a", "http://good.example/")
    with pytest.raises(BlockedAddress, match="from https to plain http"):
        fetch_by_name("https://good.example/a")


def test_dripping_answer_under_tls_is_stopped_by_the_total_time(fetch_by_name, tls_server):
    tls_server.pages["/"] = drip("body")
    with pytest.raises(TooLarge, match="took longer"):
        fetch_by_name("https://good.example/")


# --- addresses at connect time -------------------------------------------------------------------


def test_loopback_is_refused_unless_allowed(server, make_fetcher):
    with pytest.raises(BlockedAddress, match=f"loopback .* adding 127.0.0.1:{server.server_port}"):
        make_fetcher(allowed_hosts=frozenset()).get(server.base)
    assert server.asked == []


def test_name_that_leads_to_a_private_address_is_refused(make_network_fetcher):
    fetcher, network = make_network_fetcher([PUBLIC, "10.0.0.7"])
    with pytest.raises(BlockedAddress, match=r"innocent\.example leads to a private address"):
        fetcher.get("http://innocent.example/")
    assert network.connected == []


def test_name_that_changes_its_address_is_checked_at_each_connection(server, make_network_fetcher):
    server.pages["/"] = lambda h: h.answer(200)  # HTTP/1.0: each request makes its own connection
    fetcher, network = make_network_fetcher([PUBLIC], ["127.0.0.1"])
    fetcher.get("http://rebind.example/")
    with pytest.raises(BlockedAddress, match="loopback"):
        fetcher.get("http://rebind.example/")
    assert network.resolved == ["rebind.example"] * 2
    assert network.connected == [PUBLIC]


def test_next_checked_address_is_tried_when_one_is_down(server, make_network_fetcher):
    server.pages["/"] = lambda h: h.answer(200)
    fetcher, network = make_network_fetcher(["2a00:1450::1", PUBLIC])
    connect = network.connect

    def connect_ipv4(address, port, timeout_s):
        if ":" in address:
            raise OSError("no IPv6 here")
        return connect(address, port, timeout_s)

    fetcher.pools.options["connect"] = connect_ipv4
    assert fetcher.get("http://both.example/").status == 200


@pytest.mark.parametrize(
    "address", ["ftp://host.example/", "file:///etc/passwd", "host.example", "", "http://"]
)
def test_address_that_is_no_web_address_is_refused(fetcher, address):
    with pytest.raises(BlockedAddress):
        fetcher.get(address)


def test_proxy_of_the_environment_is_not_used(server, fetcher, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    server.pages["/"] = lambda h: h.answer(200, b"direct")
    assert fetcher.get(server.base).read() == b"direct"
