"""Names for exceptions and pages: from the closed set, from the cause and not from the wrapper."""

import socket
import ssl

import httpcore
import pytest

from deepkit.records import FAILURES
from deepkit.transport.blocks import block_page
from deepkit.transport.failures import detail_of, failure_of, failure_of_status

CASES = [
    (socket.gaierror(socket.EAI_NONAME, "x"), "dns", "dns_nxdomain"),
    (socket.gaierror(socket.EAI_AGAIN, "x"), "dns", "dns_error"),
    (TimeoutError(), "dns", "dns_timeout"),
    (TimeoutError(), "connect", "connect_timeout"),
    (TimeoutError(), "tls", "tls_handshake"),
    (TimeoutError(), "read", "read_timeout"),
    (ConnectionRefusedError(), "connect", "connection_refused"),
    (ConnectionRefusedError(), "proxy", "proxy_refused"),
    (BrokenPipeError(), "send", "connection_reset"),
    (OSError(101, "x"), "connect", "network_unreachable"),
    (OSError(113, "x"), "connect", "network_unreachable"),
    (httpcore.ProxyError("407 x"), "proxy", "proxy_auth"),
    (httpcore.ProxyError("503 x"), "proxy", "proxy_error"),
    (ExceptionGroup("g", [ConnectionRefusedError()]), "connect", "connection_refused"),
    (ValueError("x"), "read", "unknown"),
]


@pytest.mark.parametrize(("error", "stage", "failure"), CASES)
def test_exceptions(error: Exception, stage: str, failure: str) -> None:
    """The stage tells apart what the type does not."""
    assert failure in FAILURES
    assert failure_of(error, stage) == failure


def test_the_cause_counts() -> None:
    """A wrapper's text is not needed: cause, context and suppressed context are walked."""
    told = []
    for how in ("from", "context", "none"):
        try:
            try:
                raise ConnectionResetError("x")
            except OSError as error:
                if how == "from":
                    raise RuntimeError("wrapped") from error
                if how == "none":
                    raise RuntimeError("wrapped") from None
                raise RuntimeError("wrapped")  # noqa: B904
        except RuntimeError as error:
            told.append(failure_of(error, "read"))
    assert told == ["connection_reset"] * 3


def test_every_status_has_a_name() -> None:
    """Whatever status a server invents, the failure is one of the set; success has none."""
    for status in range(200, 1000):
        name = failure_of_status(status)
        assert (name is None) == (status < 300)
        assert name is None or name in FAILURES


def test_details_carry_no_key() -> None:
    """A library that repeats the key in its message does not get it into a detail."""
    text = detail_of(ValueError("bad header b'Bearer my-odd-secret'"), secret="my-odd-secret")
    assert "my-odd-secret" not in text
    assert "ValueError" in text


def test_ssl_errors() -> None:
    """A refused certificate, a plain port and a broken handshake are three things."""
    refused = ssl.SSLCertVerificationError("self-signed certificate in certificate chain")
    assert failure_of(refused, "tls") == "tls_untrusted"
    assert failure_of(ssl.SSLError(1, "[SSL] odd"), "tls") == "tls_handshake"


PAGES = [
    (403, {}, "<html><title>Just a moment...</title>", "cloudflare_challenge"),
    (403, {"cf-mitigated": "challenge"}, "", "cloudflare_challenge"),
    (202, {"x-amzn-waf-action": "challenge"}, "", "aws_waf_challenge"),
    (403, {"content-type": "text/html"}, "<html>Blocked by EdgeOne</html>", "edgeone_block"),
    (403, {}, "<html><h1>403 Forbidden</h1></html>", "html_403"),
    (200, {}, "<html>This page is blocked by your company web policy</html>", "company_block"),
    (200, {}, "<html>Welcome to our guest WiFi</html>", "captive_portal"),
    (511, {}, "", "captive_portal"),
    (451, {}, "{}", "geo_block"),
    (403, {"content-type": "application/json"}, '{"error": "just a moment"}', None),
    (200, {}, '<html><script src="/cdn-cgi/challenge-platform/x.js"></script>Hello</html>', None),
    (200, {}, '{"choices": []}', None),
    (503, {}, "<html><h1>503 Service Temporarily Unavailable</h1></html>", None),
    (401, {}, '{"error": {"message": "edgeone"}}', None),
]


@pytest.mark.parametrize(("status", "headers", "body", "name"), PAGES)
def test_block_pages(status: int, headers: dict[str, str], body: str, name: str | None) -> None:
    """Pages are known by their own marks; JSON, healthy pages and a gateway's error pages are none."""
    assert block_page(status, headers, body.encode()) == name
