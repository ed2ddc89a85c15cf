"""Rules for a way that works and does not do its work: a proxy that cannot get further, a way that holds streams."""

from collections.abc import Iterator

from deepkit.diagnosis._chat import Chat
from deepkit.diagnosis._rule import Finding, Rule, facts, made, number
from deepkit.diagnosis._way import CHAT, WORKS, unless_page_works
from deepkit.records import Evidence

BEHIND = (
    ("connection_refused", "connection_refused", "the server refused its connection"),
    ("connect_timeout", "connect_timeout", "the server did not answer its connect"),
    ("network_unreachable", "connect_timeout", "it has no way to the server"),
)
"""How a proxy's own connect failed, the cause, and in words."""
OTHER_ROUTE = "routes: ask over another connection (a phone's hotspot, a VPN)"


def behind_proxy(evidence: Evidence) -> Iterator[Finding]:
    """A proxy that took the request says how its own connect to the server went."""
    chat, gateway = Chat(evidence), evidence.get("http")
    if evidence.settings.route == "direct" or gateway is None or not made(gateway):
        return
    for failure, cause, how in BEHIND:
        if gateway.failure == failure and chat.all_failed(failure):
            sentence = f"The proxy of route {evidence.settings.route} says that {how}."
            yield Finding(cause, "strong", sentence, "http", chat.count(failure), OTHER_ROUTE)


def held_stream(evidence: Evidence) -> Iterator[Finding]:
    """Whole answers come in time and no streamed one lets a byte through: a queue would hold up both."""
    streamed, whole = facts(evidence, "chat.stream"), facts(evidence, "chat.plain")
    counted = streamed.get("failures")
    late = counted if isinstance(counted, dict) else {}
    n, vain = number(streamed.get("n")), number(late.get("read_timeout")) + number(late.get("deadline"))
    whole_ok = number(whole.get("ok"))
    if n < 2 or vain < n or not whole_ok or whole_ok < number(whole.get("n")):
        return
    if number(streamed.get("keep_alives")):
        return
    sentence = (
        f"None of {n:.0f} streamed answers let a byte through in time, the unstreamed one came: "
        "something on the way may hold streams back until they are whole."
    )
    yield Finding("read_timeout", "strong", sentence, "chat.plain", n, OTHER_ROUTE)


RULES = (
    Rule(
        "tcp.behind-proxy",
        "tcp",
        "A proxy that works says that its own connect to the server failed.",
        behind_proxy,
        ("http", *CHAT),
        "LIKELY",
        "RFC 9110, section 15.6.3 (502 Bad Gateway); RFC 1928, section 6 (SOCKS replies)",
    ),
    Rule(
        "server.held-stream",
        "server",
        "Unstreamed answers come in time and streamed ones never begin.",
        unless_page_works(held_stream),
        (*CHAT, *WORKS),
        "LIKELY",
        "nginx, https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_buffering",
    ),
)
