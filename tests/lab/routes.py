"""Scenarios in which the server is well and something on the way is not, and those in which all is well."""

import gzip
from dataclasses import replace
from typing import Any

from tests.lab.answers import DEGRADED
from tests.lab.replies import (
    GOOD_PLAIN,
    Behaviour,
    Reply,
    balance,
    body,
    chat,
    error,
    models,
    page,
    said,
    status_page,
    stream,
)
from tests.lab.scenario import PATIENT, Network, Scenario
from tests.servers import DONE, STREAM_END, STREAM_HEAD, WORDS, chunk, delta


def _fault(
    name: str,
    cause: str,
    behaviour: Behaviour | None = None,
    *,
    also: tuple[str, ...] = (),
    status: Reply | None = None,
    **network: Any,
) -> Scenario:
    return Scenario(
        name, cause, behaviour or Behaviour(), Network(**network), also=also, status=status, family="routes"
    )


DNS = (
    _fault("dns-nxdomain-here", "dns_failure", tls="good", dns="nxdomain"),
    _fault("dns-nxdomain-everywhere", "dns_failure", tls="good", dns="nxdomain", fresh="same"),
    _fault("dns-nxdomain-no-control", "dns_failure", tls="good", dns="nxdomain", fresh="none"),
    _fault("dns-nxdomain-status-calm", "dns_failure", tls="good", dns="nxdomain", status=status_page()),
    _fault("dns-servfail-here", "dns_failure", tls="good", dns="servfail"),
    _fault("dns-servfail-no-control", "dns_failure", tls="good", dns="servfail", fresh="none"),
    _fault("dns-silent-here", "dns_failure", tls="good", dns="silent"),
    _fault("dns-silent-everywhere", "dns_failure", tls="good", dns="silent", fresh="same"),
    _fault("dns-stale", "dns_stale", tls="good", dns="stale"),
    _fault("dns-stale-status-incident", "dns_stale", tls="good", dns="stale", status=DEGRADED),
    _fault("dns-lossy", "packet_loss", also=("dns_failure",), tls="good", dns="lossy"),
)
TCP = (
    _fault("refused", "connection_refused", server="refused"),
    _fault("refused-named", "connection_refused", server="refused", tls="good"),
    _fault("refused-no-control", "connection_refused", server="refused", tls="good", fresh="none"),
    _fault("refused-status-incident", "connection_refused", server="refused", tls="good", status=DEGRADED),
    _fault("black-hole", "connect_timeout", server="hole"),
    _fault("black-hole-named", "connect_timeout", server="hole", tls="good"),
    _fault("black-hole-other-way-works", "connect_timeout", server="hole", tls="good", control=True),
    _fault("reset-on-hello", "connection_reset", server="reset", tls="good", also=("tls_failure",)),
    _fault("reset-on-hello-other-way-works", "connection_reset", server="reset", tls="good", control=True, also=("tls_failure",)),
    _fault("reset-on-request", "connection_reset", server="reset"),
    _fault("reset-in-the-answer", "connection_reset", chat(Reply((0.02, "reset")))),
    _fault("closed-on-request", "connection_reset", server="close"),
    _fault("ipv6-refused", "ipv6_broken", tls="good", sixth="refused"),
    _fault("ipv6-black-hole", "ipv6_broken", tls="good", sixth="hole"),
    replace(_fault("lossy-line", "packet_loss", lossy=True, also=("stream_cut", "connection_reset")), timeouts=PATIENT),
    _fault("silent-server", "read_timeout", server="silent"),
)  # fmt: skip
TLS = (
    _fault("tls-expired", "tls_failure", tls="expired"),
    _fault("tls-expired-status-calm", "tls_failure", tls="expired", status=status_page()),
    _fault("tls-not-yet-valid", "tls_failure", tls="future"),
    _fault("tls-wrong-host", "tls_failure", tls="wrong_host"),
    _fault("tls-wrong-host-no-control", "tls_failure", tls="wrong_host", fresh="none"),
    _fault("tls-self-signed", "tls_intercepted", tls="self_signed"),
    _fault("tls-company-root", "tls_intercepted", tls="company"),
    _fault("tls-company-root-status-incident", "tls_intercepted", tls="company", status=DEGRADED),
    _fault("tls-unknown-root", "tls_intercepted", tls="stranger"),
    _fault("tls-silent", "tls_failure", tls="good", server="silent"),
    _fault("tls-closed-on-hello", "tls_failure", tls="good", server="close", also=("connection_reset",)),
    _fault("tls-plain-on-port", "wrong_endpoint", tls="good", speaks="other"),
    _fault("tls-ssh-on-port", "wrong_endpoint", tls="good", server="ssh"),
    _fault("http-tls-on-port", "wrong_endpoint", speaks="other"),
    _fault("http-ssh-on-port", "wrong_endpoint", server="ssh"),
)
PROXY = (
    _fault("proxy-refused", "proxy_fault", proxy="refused"),
    _fault("proxy-refused-tunnel", "proxy_fault", proxy="refused", tls="good"),
    _fault("proxy-407", "proxy_fault", proxy="auth"),
    _fault("proxy-407-tunnel", "proxy_fault", proxy="auth", tls="good"),
    _fault("proxy-502-tunnel", "proxy_fault", proxy="bad", tls="good"),
    _fault("proxy-silent-tunnel", "proxy_fault", proxy="silent", tls="good"),
    _fault("proxy-reset-tunnel", "proxy_fault", proxy="reset", tls="good"),
    _fault("proxy-black-hole", "proxy_fault", proxy="hole", tls="good"),
    _fault("proxy-geo-block", "firewall_or_geo_block", proxy="geo"),
)


def _wall(name: str, status: int, html: str, **headers: str) -> Scenario:
    return _fault(
        f"wall-{name}", "firewall_or_geo_block", Behaviour(every=body(status, html, "text/html", **headers))
    )


EDGE = "<html><head><title>Access Denied</title></head><body>{}</body></html>"
WALLS = (
    _wall("cloudflare-challenge", 403, "<html><title>Just a moment...</title><script src='/cdn-cgi/challenge-platform/x'></script></html>", cf_mitigated="challenge", server="cloudflare"),
    _wall("cloudflare-block", 403, "<html><title>Attention Required! | Cloudflare</title>Sorry, you have been blocked</html>", server="cloudflare"),
    _wall("aws-challenge", 202, "<html><script>AwsWafIntegration.getToken()</script></html>", x_amzn_waf_action="challenge"),
    _wall("cloudfront", 403, "<html><title>ERROR: The request could not be satisfied</title>Generated by cloudfront (CloudFront)</html>"),
    _wall("edgeone", 403, EDGE.format("restricted by the security policy of this site (EdgeOne)")),
    _wall("edgeone-567", 567, EDGE.format("Restricted Access. EdgeOne"), eo_log_uuid="1"),
    _wall("akamai", 403, EDGE.format("You don't have permission. Reference&#32;&#35;18.1f https://errors.edgesuite.net/18.1f")),
    _wall("fortinet-200", 200, "<html><title>Web Page Blocked!</title>FortiGuard Intrusion Prevention</html>"),
    _wall("zscaler-200", 200, "<html><title>Internet Security by Zscaler</title>not allowed</html>"),
    _wall("company-403", 403, "<html><title>Blocked</title>This site has been blocked by your company's IT security policy</html>"),
    _wall("nginx-403", 403, "<html><title>403 Forbidden</title><center>nginx</center></html>"),
    _wall("451", 451, "<html><title>Unavailable For Legal Reasons</title></html>"),
    _fault("wall-country-json", "firewall_or_geo_block", Behaviour(every=error(403, "Country, region, or territory not supported", "request_forbidden", "unsupported_country_region_territory"))),
    _fault("wall-403-other-way-works", "firewall_or_geo_block", Behaviour(every=body(403, "<html><title>403 Forbidden</title></html>", "text/html")), control=True),
)  # fmt: skip
LOGIN = "http://login.hotel.example/portal?to=api"
PORTALS = (
    _fault("portal-302", "captive_portal", Behaviour(every=body(302, "", location=LOGIN))),
    _fault("portal-511", "captive_portal", Behaviour(every=body(511, "<html>Network Authentication Required</html>", "text/html"))),
    _fault("portal-200", "captive_portal", Behaviour(every=body(200, "<html><title>Hotel guest wifi - captive portal</title>Log in</html>", "text/html"))),
)  # fmt: skip
ADDRESSES = (
    _fault("address-404-json", "wrong_endpoint", Behaviour(every=error(404, "Not Found"))),
    _fault("address-404-page", "wrong_endpoint", Behaviour(every=page(404, "404 Not Found"))),
    _fault("address-home-page", "wrong_endpoint", Behaviour(every=body(200, "<!doctype html><html><title>Welcome</title><p>shop</p></html>", "text/html"))),
    _fault("address-moved", "wrong_endpoint", Behaviour(every=body(301, "", location="https://www.elsewhere.test/"))),
    _fault("address-text", "wrong_endpoint", Behaviour(every=body(200, "OK"))),
    _fault("address-405", "wrong_endpoint", Behaviour(every=page(405, "405 Not Allowed"))),
)  # fmt: skip

_ZIPPED = gzip.compress(
    GOOD_PLAIN.steps[0].split(b"\r\n\r\n", 1)[1] if isinstance(GOOD_PLAIN.steps[0], bytes) else b""
)
_SLOW = stream(
    *WORDS[:1], *[delta("a ")] * 3, then=(0.3, chunk(delta("b", finish="stop")), 0.2, chunk(DONE), STREAM_END)
)
_CRLF = Reply(
    (
        STREAM_HEAD,
        *(chunk(one.replace(b"\n", b"\r\n")) for one in (*WORDS, delta("", finish="stop"), DONE)),
        STREAM_END,
    )
)
_WAITED = stream(b": keep-alive\n\n", b": keep-alive\n\n", *WORDS, delta("", finish="stop"), DONE)


def _well(
    name: str, behaviour: Behaviour | None = None, *, network: Network = Network(), **more: Any
) -> Scenario:
    return Scenario(f"well-{name}", "healthy", behaviour or Behaviour(), network, family="well", **more)


WELL = (
    _well("plain"),
    _well("status-calm", status=status_page()),
    _well("status-incident", status=DEGRADED),
    _well("status-gone", status=body(404, "gone")),
    _well("tls", network=Network(tls="good")),
    _well("ipv6", network=Network(tls="good", sixth="good")),
    _well("proxy", network=Network(proxy="good")),
    _well("proxy-tunnel", network=Network(proxy="good", tls="good")),
    _well("other-way-too", network=Network(control=True)),
    _well("reasoning", Behaviour((stream(delta(), delta(reasoning="hm"), delta("a"), delta("", finish="stop"), DONE),), (said("a", reasoning_content="hm"),))),
    _well("cut-by-max-tokens", Behaviour((stream(delta(), delta(reasoning="The user"), delta("", finish="length"), DONE),), (said("po", "length"),))),
    _well("slow", Behaviour((_SLOW,))),
    _well("keep-alives-first", Behaviour((_WAITED,))),
    _well("crlf", Behaviour((_CRLF,))),
    _well("processing-comments", Behaviour((stream(b": OPENROUTER PROCESSING\n\n", *WORDS, delta("", finish="stop"), DONE),)), provider="openrouter", path="/v1"),
    _well("packed", Behaviour(plain=(body(200, _ZIPPED, content_encoding="gzip"),))),
    _well("no-balance-page", Behaviour(balance=error(404, "Not Found"))),
    _well("balance-of-nothing", Behaviour(balance=balance("0.00"))),
    _well("model-unlisted", Behaviour(models=models("deepseek-v4-pro"))),
    _well("no-model-list", Behaviour(models=error(404, "Not Found"), bare=error(404, "Not Found"))),
    _well("local", Behaviour(bare=models("deepseek-r1", owner="library"), models=models("deepseek-r1", owner="library"), balance=body(404, "404 page not found")), provider="ollama", path="/v1", model="deepseek-r1"),
    _well("conversation", conversation=({"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}, {"role": "user", "content": "c"})),
)  # fmt: skip

SCENARIOS = (*DNS, *TCP, *TLS, *PROXY, *WALLS, *PORTALS, *ADDRESSES, *WELL)
