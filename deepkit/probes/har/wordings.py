# ruff: noqa: E501 - patterns read better on one line than cut
"""What recorded errors and bodies say, by name.

The names of errors are Chromium's `net::ERR_...` (net/base/net_error_list.h), Firefox's `NS_ERROR_...`
and `SSL_ERROR_...`, Safari's sentences (those of CFNetwork), and what the intercepting proxies
mitmproxy and Charles write. `words_of` is the only reader of the patterns.
"""

import re

_ERRORS = {
    "blocked_by_client": r"ERR_BLOCKED_BY_CLIENT|blocked.?by.?(?:client|content.?blocker|extension)|NS_ERROR_(?:BLOCKED|TRACKING|[A-Z]+_URI)\b|content.?blocker",
    "devtools": r"ERR_BLOCKED_BY_CLIENT\.Inspector",
    "aborted": r"ERR_ABORTED|NS_BINDING_ABORTED|\baborted\b|cancell?ed|client disconnect|_charles",
    "protocol": r"ERR_(?:HTTP2|QUIC|SPDY)_|NS_ERROR_NET_HTTP[23]_|HTTP/?2 (?:protocol|stream) error",
}
"""Who or what ended a request; `devtools` is the developer tools' own "request blocking", not an extension."""
_BROWSER_RULES = {
    "cors": r"ERR_BLOCKED_BY_RESPONSE|\bCORS\b|Access-Control-Allow-Origin|NS_ERROR_DOM_BAD_(?:CROSS_ORIGIN_)?URI",
    "orb": r"ERR_BLOCKED_BY_ORB|NS_ERROR_OPAQUE|NS_BINDING_BLOCKED",
    "csp": r"ERR_BLOCKED_BY_CSP|\bCSP\b|content security policy|NS_ERROR_CONTENT_(?:BLOCKED|CSP)",
    "mixed_content": r"mixed.?content",
    "administrator": r"ERR_BLOCKED_BY_ADMINISTRATOR|ENTERPRISE_POLICY",
    "local_network": r"LOCAL_NETWORK|PRIVATE_NETWORK_ACCESS",
}
"""Why a browser itself throws an answer away or does not ask, beside extensions. The first that fits counts."""
_NETWORK = {
    "dns_nxdomain": r"NAME_NOT_RESOLVED|UNKNOWN_HOST|getaddrinfo|Name or service|nodename nor|hostname could not be found|No address associated",
    "dns_timeout": r"DNS_TIMED_OUT",
    "dns_error": r"ERR_DNS|ERR_ICANN",
    "network_unreachable": r"INTERNET_DISCONNECTED|ADDRESS_UNREACHABLE|NS_ERROR_OFFLINE|unreachable|appears to be offline|no route to host",
    "proxy_auth": r"PROXY_AUTH|\b407\b",
    "proxy_refused": r"PROXY_CONNECTION_FAILED|TUNNEL_CONNECTION_FAILED|NS_ERROR_PROXY|ERR_PROXY|ERR_SOCKS",
    "connection_refused": r"CONNECTION_REFUSED|connection refused|actively refused|Errno (?:61|111)\b|Could not connect",
    "connect_timeout": r"CONNECTION_TIMED_OUT|ERR_TIMED_OUT|NET_TIMEOUT|Errno (?:60|110)\b|Connect call failed|timed out",
    "tls_untrusted": r"CERT_AUTHORITY_INVALID|UNKNOWN_ISSUER|CERT_INVALID|SELF_SIGNED|certificate verify|certificate for this server is invalid|does not trust the proxy",
    "tls_expired": r"CERT_DATE_INVALID|EXPIRED_(?:ISSUER_)?CERTIFICATE|certificate (?:has expired|is not yet valid)",
    "tls_hostname": r"CERT_COMMON_NAME|BAD_CERT_DOMAIN",
    "tls_handshake": r"ERR_SSL|SSL_ERROR|SEC_ERROR|ERR_CERT|ERR_ECH|\bTLS\b|\bSSL\b|handshake",
    "connection_reset": r"CONNECTION_(?:RESET|CLOSED|ABORTED)|NET_RESET|NET_INTERRUPT|reset by peer|EMPTY_RESPONSE|server disconnect|ERR_NETWORK_CHANGED|IO_SUSPENDED|SOCKET_NOT_CONNECTED|broken pipe|Errno 104\b|network connection was lost",
    "stream_cut": r"INCOMPLETE_CHUNKED|PARTIAL_TRANSFER|CONTENT_LENGTH_MISMATCH|incomplete (?:chunked|body)",
    "redirected": r"TOO_MANY_REDIRECTS|REDIRECT_LOOP|more than \d+ redirections",
    "bad_body": r"CONTENT_DECODING|INVALID_CONTENT_ENCODING",
    "too_large": r"HEADERS_TOO_BIG",
}
"""Failures of the network. The first that fits counts."""
_BODIES = {
    "busy": r"server is busy|service is too busy|服务器繁忙|伺服器繁忙|service is busy|insufficient_system_resource",
    "bot_check": r"just a moment|cf-chl|challenge-platform|attention required|verify you are human|enable javascript and cookies|one more step|awswaf|aws-waf|captcha-delivery|人机验证|安全验证|request has been intercepted",
    "cookies_too_large": r"header or cookie too large|header fields too large|cookie too large",
    "token_refused": r"\"code\"\s*:\s*4000[123]\b|invalid[_ ]?token|missing token|authorization failed|token expired",
}
"""What bodies say."""
_PATTERNS = {
    name: re.compile(pattern, re.IGNORECASE)
    for name, pattern in {**_ERRORS, **_BROWSER_RULES, **_NETWORK, **_BODIES}.items()
}
_OWN_STATUS = {400, 401, 402, 403, 404, 413, 422, 429, 500, 502, 503, 504}
"""Statuses whose failures have a name of their own."""


def words_of(signal: str, text: str) -> str | None:
    """Return the words in which a text says something, or None when it does not.

    Args:
        signal: What it may say, one of the names above.
        text: An exporter's error, or a body.
    """
    found = _PATTERNS[signal].search(text)
    return found[0] if found else None


def browser_rule(error: str) -> str | None:
    """Say by which of the browser's own rules a request was refused, or None."""
    return next((name for name in _BROWSER_RULES if error and words_of(name, error)), None)


def failure_in(status: int, error: str) -> str | None:
    """Name how an exchange failed.

    Args:
        status: The HTTP status; 0 when no answer came.
        error: The exporter's own words for what went wrong.

    Returns:
        One of FAILURES, or None when nothing failed.
    """
    return _failure_of_error(error, answered=200 <= status < 300) or _failure_of_status(status)


def _failure_of_error(error: str, *, answered: bool) -> str | None:
    """Name the failure that an error tells; a connection that breaks after an answer began has cut it."""
    if words_of("blocked_by_client", error):
        return "blocked_by_client"
    if not error or browser_rule(error) is not None:
        return None
    broken = "stream_cut" if answered else "connection_reset"
    if words_of("protocol", error):  # of HTTP/2 or QUIC
        return broken
    name = next((one for one in _NETWORK if words_of(one, error)), None)
    if name is None:
        return "interrupted" if words_of("aborted", error) else None
    return broken if name == "connection_reset" else name


def _failure_of_status(status: int) -> str | None:
    if status <= 0 or status >= 600:
        return "unknown"
    if status < 400:
        return None
    return f"http_{status}" if status in _OWN_STATUS else f"http_{status // 100}xx"
