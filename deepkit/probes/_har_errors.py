# ruff: noqa: E501 - patterns read better on one line than cut
"""What exporters call a request that got no answer, in DeepKit's words.

The names are Chromium's `net::ERR_...` (net/base/net_error_list.h), Firefox's `NS_ERROR_...`
and `SSL_ERROR_...`, Safari's sentences (those of CFNetwork), and what the intercepting proxies
mitmproxy and Charles write. Order matters: the first that fits is taken.
"""

import re

BLOCKED = re.compile(
    r"ERR_BLOCKED_BY_CLIENT|blocked.?by.?(?:client|content.?blocker|extension)|NS_ERROR_(?:BLOCKED|TRACKING|[A-Z]+_URI)\b|content.?blocker",
    re.IGNORECASE,
)
INSPECTOR = re.compile(r"ERR_BLOCKED_BY_CLIENT\.Inspector", re.IGNORECASE)
"""Stopped by a rule of the developer tools' own "request blocking", not by an extension."""
ABORTED = re.compile(
    r"ERR_ABORTED|NS_BINDING_ABORTED|\baborted\b|cancell?ed|client disconnect|_charles", re.IGNORECASE
)
REFUSED = {
    "cors": r"ERR_BLOCKED_BY_RESPONSE|\bCORS\b|Access-Control-Allow-Origin|NS_ERROR_DOM_BAD_(?:CROSS_ORIGIN_)?URI",
    "orb": r"ERR_BLOCKED_BY_ORB|NS_ERROR_OPAQUE|NS_BINDING_BLOCKED",
    "csp": r"ERR_BLOCKED_BY_CSP|\bCSP\b|content security policy|NS_ERROR_CONTENT_(?:BLOCKED|CSP)",
    "mixed_content": r"mixed.?content",
    "administrator": r"ERR_BLOCKED_BY_ADMINISTRATOR|ENTERPRISE_POLICY",
    "local_network": r"LOCAL_NETWORK|PRIVATE_NETWORK_ACCESS",
}
"""Why a browser itself throws an answer away or does not ask, beside extensions."""
_ERRORS = (
    (
        "dns_nxdomain",
        r"NAME_NOT_RESOLVED|UNKNOWN_HOST|getaddrinfo|Name or service|nodename nor|hostname could not be found|No address associated",
    ),
    ("dns_timeout", r"DNS_TIMED_OUT"),
    ("dns_error", r"ERR_DNS|ERR_ICANN"),
    (
        "network_unreachable",
        r"INTERNET_DISCONNECTED|ADDRESS_UNREACHABLE|NS_ERROR_OFFLINE|unreachable|appears to be offline|no route to host",
    ),
    ("proxy_auth", r"PROXY_AUTH|\b407\b"),
    ("proxy_refused", r"PROXY_CONNECTION_FAILED|TUNNEL_CONNECTION_FAILED|NS_ERROR_PROXY|ERR_PROXY|ERR_SOCKS"),
    (
        "connection_refused",
        r"CONNECTION_REFUSED|connection refused|actively refused|Errno (?:61|111)\b|Could not connect",
    ),
    (
        "connect_timeout",
        r"CONNECTION_TIMED_OUT|ERR_TIMED_OUT|NET_TIMEOUT|Errno (?:60|110)\b|Connect call failed|timed out",
    ),
    (
        "tls_untrusted",
        r"CERT_AUTHORITY_INVALID|UNKNOWN_ISSUER|CERT_INVALID|SELF_SIGNED|certificate verify|certificate for this server is invalid|does not trust the proxy",
    ),
    (
        "tls_expired",
        r"CERT_DATE_INVALID|EXPIRED_(?:ISSUER_)?CERTIFICATE|certificate (?:has expired|is not yet valid)",
    ),
    ("tls_hostname", r"CERT_COMMON_NAME|BAD_CERT_DOMAIN"),
    ("tls_handshake", r"ERR_SSL|SSL_ERROR|SEC_ERROR|ERR_CERT|ERR_ECH|\bTLS\b|\bSSL\b|handshake"),
    (
        "connection_reset",
        r"CONNECTION_(?:RESET|CLOSED|ABORTED)|NET_RESET|NET_INTERRUPT|reset by peer|EMPTY_RESPONSE|server disconnect|ERR_NETWORK_CHANGED|IO_SUSPENDED|SOCKET_NOT_CONNECTED|broken pipe|Errno 104\b|network connection was lost",
    ),
    (
        "stream_cut",
        r"INCOMPLETE_CHUNKED|PARTIAL_TRANSFER|CONTENT_LENGTH_MISMATCH|incomplete (?:chunked|body)",
    ),
    ("redirected", r"TOO_MANY_REDIRECTS|REDIRECT_LOOP|more than \d+ redirections"),
    ("bad_body", r"CONTENT_DECODING|INVALID_CONTENT_ENCODING"),
    ("too_large", r"HEADERS_TOO_BIG"),
)
_COMPILED = tuple((name, re.compile(pattern, re.IGNORECASE)) for name, pattern in _ERRORS)
_PROTOCOL = re.compile(
    r"ERR_(?:HTTP2|QUIC|SPDY)_|NS_ERROR_NET_HTTP[23]_|HTTP/?2 (?:protocol|stream) error", re.IGNORECASE
)
_REFUSED = tuple((name, re.compile(pattern, re.IGNORECASE)) for name, pattern in REFUSED.items())
_NAMED = {400, 401, 402, 403, 404, 413, 422, 429, 500, 502, 503, 504}


def failure_in(status: int, error: str) -> str | None:
    """Name how an exchange failed.

    Args:
        status: The HTTP status; 0 when no answer came.
        error: The exporter's own words for what went wrong.

    Returns:
        One of FAILURES, or None when nothing failed.
    """
    if BLOCKED.search(error):
        return "blocked_by_client"
    if error and refusal(error) is None:
        if _PROTOCOL.search(error):  # a broken HTTP/2 or QUIC connection; an answer that had begun is cut
            return "stream_cut" if 200 <= status < 300 else "connection_reset"
        for name, pattern in _COMPILED:
            if pattern.search(error):
                return "stream_cut" if name == "connection_reset" and 200 <= status < 300 else name
        if ABORTED.search(error):
            return "interrupted"
    if status <= 0:
        return "unknown"
    if status < 400:
        return None
    return f"http_{status}" if status in _NAMED else f"http_{status // 100}xx" if status < 600 else "unknown"


def refusal(error: str) -> str | None:
    """Say by which of the browser's own rules a request was refused, or None."""
    return next((name for name, pattern in _REFUSED if error and pattern.search(error)), None)
