"""Rules for pasted texts: the browser, the network, and what stands on the way.

The exception's own name is the strongest word a client has; wrappers around it ("Server
Unavailable Error", "Connection error.") say less, so these rules come before those.
"""

from deepkit.diagnosis._read import Text, sign

FRESH_DNS = "dns.fresh: ask other name servers (deepkit doctor) and compare"
LISTENING = "local: whether the server on this machine runs, and at the port that the client names"
OTHER_WAY = "routes: try the same request over another connection, a phone's hotspot for instance"
PROBE = "deepkit doctor: it walks lookup, connect, TLS and HTTP one by one from this machine"
_SPOKEN = (
    "balance_deepseek",
    "concurrency_deepseek",
    "context_deepseek",
    "busy_deepseek",
    "auth_deepseek",
    "deserialize",
)


def _local_refused(text: Text) -> bool:
    return text.local or text.facts.get("failed_at") == "local"


def _to_proxy(text: Text) -> bool:
    if text.facts.get("failed_at") == "proxy" or "by proxy" in text.signals.get("refused", "").lower():
        return True
    listed = any(one.get("kind") == "proxy" for one in text.facts.get("peers", ()))
    return listed and text.has("proxy_named") and not text.local


def _torn_through_proxy(text: Text) -> bool:
    """A client names its proxy's address, and the handshake ended before it was done."""
    proxies = any(one.get("kind") == "proxy" for one in text.facts.get("peers", ()))
    return proxies and "before secure" in text.signals.get("tls", "").lower()


def _in_body(text: Text) -> bool:
    """The client's own word for a connection that ended while the body was read, whatever ended it."""
    words = (
        "arrived",
        "came",
        "streamed",
        "prematurely",
        "terminated",
        "socketcloselistener",
        "incomplete",
        "in the middle",
        "reading",
        "streaming",
    )
    return any(word in text.signals["stream_cut"].lower() for word in words)


def _side(text: Text) -> bool:
    """The host that failed serves files to the client; no model was asked."""
    hosts = [str(one.get("host", "")) for one in text.facts.get("peers", ())]
    known = (
        "openaipublic",
        "huggingface",
        "hf-mirror",
        "tiktoken",
        "fonts.googleapis",
        "gstatic",
        "recaptcha",
        "cloudflareinsights",
    )
    return text.peer == "side" and any(word in host for host in hosts for word in known)


RULES = (
    sign(
        "text.extension",
        "browser_extension_block",
        "strong",
        "extension",
        unless=("control_fails",),
        where=lambda text: not text.has("busy_deepseek"),
        says="a browser extension or content blocker stopped a request of the page.",
    ),
    sign(
        "text.page-state",
        "browser_state",
        "strong",
        "stale_page",
        where=lambda text: text.web or text.surface == "unknown",
        unless=("control_fails", "dns", "refused"),
        says="the page or the login that this browser keeps is out of date.",
    ),
    sign(
        "text.private-window",
        "browser_state",
        "weak",
        "private_window",
        where=lambda text: text.web or text.surface == "unknown",
        unless=("control_fails",),
        says="an empty profile works, so that this browser's own state breaks the page.",
        next_check="web: the same with extensions off but the old profile",
    ),
    sign(
        "text.private-window-extension",
        "browser_extension_block",
        "faint",
        "private_window",
        unless=("control_fails",),
        says="a private window runs without extensions too.",
        next_check="web: the same with extensions off but the old profile",
    ),
    sign(
        "text.captive",
        "captive_portal",
        "strong",
        "captive",
        unless=_SPOKEN,
        says="the network wants a login first.",
    ),
    sign(
        "text.status-511",
        "captive_portal",
        "strong",
        status=(511,),
        says="511 asks to log in to the network.",
    ),
    sign(
        "text.block",
        "firewall_or_geo_block",
        "strong",
        "block",
        unless=("tls_untrusted", "dns", "refused", *_SPOKEN),
        where=lambda text: text.status in (None, 200, 202, 400, 401, 403, 405, 418, 429, 451, 503),
        says="a bot check, firewall or regional rule refused, before any model was asked.",
    ),
    sign(
        "text.status-403",
        "firewall_or_geo_block",
        "weak",
        status=(403, 418, 451),
        unless=("auth", "balance", "own_program", "proxy", "proxy_auth", "dns", "refused"),
        says="403 refuses the sender rather than the request.",
        next_check=OTHER_WAY,
    ),
    sign(
        "text.proxy-off-helps",
        "proxy_fault",
        "strong",
        "proxy_off_helps",
        unless=_SPOKEN,
        says="without the proxy it works.",
    ),
    sign(
        "text.proxy-auth",
        "proxy_fault",
        "strong",
        "proxy_auth",
        says="the proxy wants a login.",
    ),
    sign(
        "text.status-407", "proxy_fault", "strong", status=(407,), says="407 is a proxy that wants a login."
    ),
    sign(
        "text.proxy",
        "proxy_fault",
        "strong",
        "proxy",
        says="the proxy failed, before the server was reached.",
    ),
    sign(
        "text.proxy-port",
        "proxy_fault",
        "strong",
        "refused",
        "connect_timeout",
        "reset",
        where=_to_proxy,
        says="the address that failed is that of a proxy program on this machine.",
    ),
    sign(
        "text.ipv6", "ipv6_broken", "strong", "ipv6", unless=_SPOKEN, says="IPv4 works where IPv6 does not."
    ),
    sign(
        "text.mtu",
        "path_mtu",
        "strong",
        "mtu",
        unless=(*_SPOKEN, "context"),
        says="large packets vanish while small ones pass.",
    ),
    sign("text.loss", "packet_loss", "strong", "loss", unless=_SPOKEN, says="the line loses packets."),
    sign(
        "text.dns-stale",
        "dns_stale",
        "strong",
        "dns_stale",
        unless=_SPOKEN,
        says="the lookup gave an old address.",
        next_check=FRESH_DNS,
    ),
    sign("text.dns", "dns_failure", "strong", "dns", unless=_SPOKEN, says="the name could not be looked up."),
    sign(
        "text.tls-date",
        "tls_failure",
        "strong",
        "tls_expired",
        "tls_hostname",
        says="the certificate's date or name does not fit; a wrong clock or address shows like this.",
    ),
    sign(
        "text.tls-local",
        "tls_failure",
        "strong",
        "tls_untrusted",
        where=lambda text: text.local,
        says="the server on this machine has a certificate of its own.",
    ),
    sign(
        "text.tls-issuer",
        "tls_intercepted",
        "strong",
        "tls_untrusted",
        says="the certificate's issuer is unknown to the client, as when something on the way re-signs it.",
        next_check="tls: read the issuer that this network presents",
    ),
    sign(
        "text.tls-issuer-roots",
        "tls_failure",
        "faint",
        "tls_untrusted",
        says="a client with old or missing roots refuses good certificates in the same words.",
    ),
    sign(
        "text.tls-proxy",
        "proxy_fault",
        "strong",
        "proxy_speaks",
        where=lambda text: text.has("proxy_named"),
        says="a proxy that speaks plain HTTP was asked for TLS.",
    ),
    sign(
        "text.tls-plain",
        "tls_failure",
        "weak",
        "proxy_speaks",
        says="something on that port does not speak TLS.",
        next_check="proxy: look whether the proxy's address begins with https:// where http:// is meant",
    ),
    sign(
        "text.tls-through-proxy",
        "proxy_fault",
        "strong",
        "tls",
        "reset",
        where=_torn_through_proxy,
        says="the handshake was torn on the way through a proxy that the client is set to use.",
        next_check="proxy: which way each client takes, and whether the direct one works",
    ),
    sign(
        "text.reset-in-tls",
        "connection_reset",
        "strong",
        "reset",
        where=lambda text: text.has("tls") and "secure" not in text.signals["tls"],
        unless=("stream_cut",),
        says="the connection was reset while it was being set up.",
        next_check=OTHER_WAY,
    ),
    sign(
        "text.tls",
        "tls_failure",
        "strong",
        "tls",
        says="the handshake or the encrypted layer broke.",
        next_check=OTHER_WAY,
    ),
    sign(
        "text.refused-local",
        "connection_refused",
        "strong",
        "refused",
        where=_local_refused,
        says="no server listens at that address on this machine.",
        next_check=LISTENING,
    ),
    sign(
        "text.refused",
        "connection_refused",
        "strong",
        "refused",
        where=lambda text: not _local_refused(text),
        unless=_SPOKEN,
        says="the machine at that address refuses the connection.",
        next_check=FRESH_DNS,
    ),
    sign(
        "text.side-host",
        "firewall_or_geo_block",
        "weak",
        "connect_timeout",
        "unreachable",
        "read_timeout",
        where=_side,
        says="a host of the client's own files is not let through; the model was not asked.",
        next_check=OTHER_WAY,
    ),
    sign(
        "text.unreached-local",
        "connection_refused",
        "strong",
        "connect_timeout",
        where=lambda text: text.local and "call failed" in text.signals["connect_timeout"].lower(),
        says="the call failed on this machine, where nothing is far away: no server listens there.",
        next_check=LISTENING,
    ),
    sign(
        "text.connect",
        "connect_timeout",
        "strong",
        "connect_timeout",
        unless=_SPOKEN,
        says="nothing answered at the address, before anything was sent.",
        next_check=OTHER_WAY,
    ),
    sign(
        "text.unreachable",
        "connect_timeout",
        "strong",
        "unreachable",
        unless=_SPOKEN,
        says="this machine has no way to that address.",
        next_check=PROBE,
    ),
    sign(
        "text.waited",
        "read_timeout",
        "weak",
        "waited",
        where=lambda text: text.status in (None, 200, 408, 499) and not text.local,
        unless=("connect_timeout", "stream_cut", "tls", "upstream_failed", "keep_alive_only", *_SPOKEN),
        says="the client stopped waiting for the answer; the timeout alone does not tell why none came.",
        next_check="chat.stream: whether keep-alives flow while it waits (deepkit doctor)",
    ),
    sign(
        "text.client-timeout",
        "read_timeout",
        "strong",
        "client_timeout",
        unless=("connect_timeout", *_SPOKEN),
        says="the client's own limit ended the waiting; raising it tells whether an answer would have come.",
    ),
    sign(
        "text.stream-error",
        "stream_cut",
        "strong",
        "stream_cut",
        where=lambda text: text.has("reset") and _in_body(text),
        says="the answer had begun.",
    ),
    sign(
        "text.reset-after-200",
        "stream_cut",
        "strong",
        "reset",
        status=(200,),
        unless=_SPOKEN,
        says="the server had answered with 200, so that the answer was under way when the connection was cut.",
    ),
    sign(
        "text.reset",
        "connection_reset",
        "strong",
        "reset",
        unless=("busy_deepseek", "balance_deepseek"),
        says="something cut the connection.",
        next_check=OTHER_WAY,
    ),
    sign(
        "text.firewall-words",
        "firewall_or_geo_block",
        "weak",
        "firewall_words",
        unless=_SPOKEN,
        says="it is bound to one network.",
        next_check=OTHER_WAY,
    ),
    sign(
        "text.proxy-named",
        "proxy_fault",
        "weak",
        "proxy_named",
        unless=("stream_cut", "read_timeout", "empty_json", *_SPOKEN),
        where=lambda text: text.status is None or text.has("connection_vague"),
        says="a proxy is in use and the connection fails.",
        next_check="proxy: which way each client takes, and whether the direct one works",
    ),
)
