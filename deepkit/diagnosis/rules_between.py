"""Rules for paths that connect but do not relay: a proxy that cannot get further, a way that holds streams."""

from collections.abc import Iterator

from deepkit.checks import ChatPlain, ChatStream
from deepkit.diagnosis.reachability import OTHER_ROUTE, WORKS, unless_page_works
from deepkit.diagnosis.rule import Finding, Rule
from deepkit.diagnosis.samples import CHAT, Samples
from deepkit.records import Evidence

BEHIND = (
    ("connection_refused", "connection_refused", "the server refused its connection"),
    ("connect_timeout", "connect_timeout", "the server did not answer its connect"),
    ("network_unreachable", "connect_timeout", "it has no way to the server"),
)
"""How a proxy's own connect failed, the cause, and in words."""


def behind_proxy(evidence: Evidence) -> Iterator[Finding]:
    """A proxy that took the request says how its own connect to the server went."""
    chat, gateway = Samples(evidence), evidence.get("http")
    if evidence.settings.route == "direct" or gateway is None or not gateway.made:
        return
    for failure, cause, how in BEHIND:
        if gateway.failure == failure and chat.all_failed(failure):
            sentence = f"The proxy of route {evidence.settings.route} says that {how}."
            yield Finding(cause, "strong", sentence, "http", chat.count(failure), OTHER_ROUTE)


def held_stream(evidence: Evidence) -> Iterator[Finding]:
    """Whole answers come in time and no streamed one lets a byte through: a queue would hold up both."""
    streamed, whole = evidence.facts(ChatStream), evidence.facts(ChatPlain)
    n = streamed.n or 0
    late = streamed.failures.get("read_timeout", 0) + streamed.failures.get("deadline", 0)
    if n < 2 or late < n or streamed.keep_alives or not whole.ok or whole.ok < (whole.n or 0):
        return
    sentence = (
        f"None of {n} streamed answers let a byte through in time, the unstreamed one came: "
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
