"""The closed set of causes.

Each cause says whose fault it is, which cause families must be well before it can be
accused (a broken DNS silences everything above it), in plain words what it means, and
which of the twelve fixes can help. A cause's name and meaning never change.
"""

from dataclasses import dataclass
from typing import Literal

Whose = Literal["you", "network", "account", "provider", "between", "nobody", "unknown"]
Layer = Literal["link", "dns", "tcp", "tls", "proxy", "http", "account", "request", "server", "browser"]

SILENCED_BY: dict[str, tuple[str, ...]] = {
    "link": (),
    "dns": ("link",),
    "proxy": ("link",),
    "tcp": ("link", "dns", "proxy"),
    "tls": ("link", "dns", "proxy", "tcp"),
    "http": ("link", "dns", "proxy", "tcp", "tls"),
    "account": ("link", "dns", "proxy", "tcp", "tls", "http"),
    "request": ("link", "dns", "proxy", "tcp", "tls", "http", "account"),
    "server": ("link", "dns", "proxy", "tcp", "tls", "http"),
    "browser": ("link", "dns", "proxy", "tcp", "tls", "http"),
}
"""For each layer, the layers whose SHOWN fault explains its symptoms away."""


@dataclass(frozen=True, slots=True)
class Cause:
    """One way in which "the server is busy" comes about.

    Args:
        name: The identifier, fixed for ever.
        whose: Whose fault it is.
        layer: Where it sits; lower layers silence it, see SILENCED_BY.
        means: One plain sentence for the person who meets it.
        fixes: Keys of the fixes that can help, best first.
        advice: What to do where none of the twelve fixes helps.
    """

    name: str
    whose: Whose
    layer: Layer
    means: str
    fixes: tuple[str, ...] = ()
    advice: str = ""


WHOSE: dict[str, str] = {
    "you": "It is on your side: this machine, program or browser.",
    "network": "It is the network between you and the provider.",
    "account": "It is your account.",
    "provider": "The fault is the provider's, not yours.",
    "between": "It is something between you and the provider.",
    "nobody": "It is nobody's fault: everything that was checked is well.",
    "unknown": "Whose fault it is cannot be told from this.",
}
"""Whose fault it is, in words for the person who meets it."""

CAUSES: tuple[Cause, ...] = (
    Cause(
        "server_overloaded",
        "provider",
        "server",
        "The provider has more requests than its servers can take.",
        ("backoff", "off_peak", "official_api", "aggregators", "region_routing"),
    ),
    Cause(
        "server_error",
        "provider",
        "server",
        "The provider's server failed while handling the request.",
        ("aggregators", "backoff", "official_api"),
    ),
    Cause(
        "empty_response_under_load",
        "provider",
        "server",
        "The server answered with success but without content, as DeepSeek does under load.",
        ("backoff", "off_peak", "aggregators"),
    ),
    Cause(
        "stream_cut",
        "provider",
        "server",
        "The answer began and then stopped without its end.",
        ("backoff", "firewall_allowlist", "aggregators"),
    ),
    Cause(
        "upstream_provider_fault",
        "between",
        "server",
        "A service between you and the model failed; DeepSeek itself did not say so.",
        ("aggregators", "official_api", "backoff"),
    ),
    Cause(
        "local_server_overloaded",
        "you",
        "server",
        "A model server on your own machine is full or still loading.",
        ("official_api", "backoff"),
    ),
    Cause("auth_failed", "account", "account", "The key or the login was refused.", ("official_api",)),
    Cause(
        "insufficient_balance",
        "account",
        "account",
        "The account has no credit left.",
        ("priority_tier", "aggregators"),
    ),
    Cause(
        "rate_limited",
        "account",
        "account",
        "Your own account's limit was reached; the servers are not full.",
        ("priority_tier", "backoff"),
    ),
    Cause(
        "content_blocked",
        "account",
        "request",
        "A content filter refused the request.",
        advice="Word the message differently, or leave out what the filter objects to; trying again is refused again.",
    ),
    Cause(
        "invalid_request",
        "you",
        "request",
        "The request is not in the form that the server accepts.",
        advice="Change the field that the error names; the form is at https://api-docs.deepseek.com/.",
    ),
    Cause(
        "context_too_long",
        "you",
        "request",
        "The conversation is longer than the model can take.",
        ("context_flush",),
    ),
    Cause(
        "model_not_found",
        "you",
        "request",
        "The model's name is unknown there, perhaps retired.",
        ("official_api",),
    ),
    Cause("wrong_endpoint", "you", "http", "The address is not that of the API.", ("official_api",)),
    Cause(
        "session_context_corrupted",
        "you",
        "request",
        "This one conversation is broken; every further call in it is refused.",
        ("context_flush",),
    ),
    Cause(
        "client_parser_fault",
        "you",
        "request",
        "The server's answer is fine; your client could not read it.",
        advice="Update the program that shows the error, or switch its streaming off.",
    ),
    Cause(
        "dns_failure", "network", "dns", "The name of the server could not be looked up.", ("dns_tcp_reset",)
    ),
    Cause(
        "dns_stale",
        "network",
        "dns",
        "Your lookup gives an old address; a fresh one works.",
        ("dns_tcp_reset",),
    ),
    Cause(
        "connect_timeout",
        "network",
        "tcp",
        "Nothing answers at the server's address.",
        ("connection_quality", "dns_tcp_reset", "firewall_allowlist", "region_routing"),
    ),
    Cause(
        "connection_refused",
        "network",
        "tcp",
        "The machine at that address refuses the connection.",
        ("dns_tcp_reset", "official_api"),
    ),
    Cause(
        "connection_reset",
        "network",
        "tcp",
        "Something on the way cut the connection.",
        ("firewall_allowlist", "region_routing", "connection_quality"),
    ),
    Cause(
        "read_timeout",
        "unknown",
        "http",
        "The connection stands but no answer came in time.",
        ("connection_quality", "backoff"),
    ),
    Cause(
        "tls_failure",
        "network",
        "tls",
        "The encrypted connection could not be set up.",
        ("firewall_allowlist", "dns_tcp_reset"),
    ),
    Cause(
        "tls_intercepted",
        "between",
        "tls",
        "Something on the way replaced the server's certificate by its own.",
        ("firewall_allowlist",),
    ),
    Cause(
        "proxy_fault",
        "between",
        "proxy",
        "The proxy in use fails or wants a login.",
        ("firewall_allowlist", "region_routing"),
    ),
    Cause(
        "firewall_or_geo_block",
        "between",
        "http",
        "A firewall, bot check or regional block refused you.",
        ("region_routing", "firewall_allowlist"),
    ),
    Cause(
        "captive_portal",
        "network",
        "link",
        "The network wants you to log in first.",
        advice="Open any http:// page in a browser, log in to the network there, and try again.",
    ),
    Cause(
        "packet_loss",
        "network",
        "tcp",
        "Your line loses packets, so that exchanges stall.",
        ("connection_quality",),
    ),
    Cause(
        "path_mtu",
        "network",
        "tcp",
        "Large packets vanish on the way while small ones pass.",
        ("connection_quality", "firewall_allowlist"),
    ),
    Cause(
        "ipv6_broken",
        "network",
        "tcp",
        "IPv6 is announced but leads nowhere; IPv4 works.",
        ("dns_tcp_reset", "connection_quality"),
    ),
    Cause(
        "browser_extension_block",
        "you",
        "browser",
        "A browser extension stops the page's requests.",
        ("extensions",),
    ),
    Cause(
        "browser_state",
        "you",
        "browser",
        "Old cookies, cache or storage break the page in this browser.",
        ("hard_refresh",),
    ),
    Cause(
        "account_suspended",
        "account",
        "account",
        "The account was suspended or muted by the provider.",
        advice="Read the date that the message names; only the provider can lift it earlier.",
    ),
    Cause(
        "thinking_over_budget",
        "you",
        "request",
        "The model is still thinking when the client's time or token limit is reached.",
        advice="Give the answer more time or tokens, or ask with less thinking.",
    ),
    Cause(
        "client_limit",
        "you",
        "request",
        "The program that you use stopped the request by its own timer, pause or limit.",
        advice="Raise that limit in the program's settings, or update it.",
    ),
    Cause(
        "local_model_crash",
        "you",
        "server",
        "The model server on your own machine crashed or could not load the model.",
        advice="Read that server's own log; a smaller model or a shorter context needs less memory.",
    ),
    Cause(
        "offline",
        "network",
        "link",
        "This machine has no connection to the internet.",
        advice="Connect to a network first; open any other page to see whether it works.",
    ),
    Cause("other", "unknown", "request", "Something else; none of the known causes fits.", ()),
)

BY_NAME: dict[str, Cause] = {cause.name: cause for cause in CAUSES}

NOBODY_CAN_FIX = (
    "content_blocked", "invalid_request", "client_parser_fault", "captive_portal", "other",
    "account_suspended", "thinking_over_budget", "client_limit", "local_model_crash", "offline",
)  # fmt: skip
"""Causes that none of the twelve fixes helps; the diagnosis says what does."""
