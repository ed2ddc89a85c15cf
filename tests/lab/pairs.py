"""Two faults at once, both of which can be seen: both must stand among the first three."""

from typing import Any

from tests.lab import answers as a
from tests.lab.replies import GOOD_PLAIN, Behaviour, balance, body, chat, error, page
from tests.lab.scenario import PATIENT, Network, Scenario


def _pair(
    first: str, second: str, behaviour: Behaviour, network: Network = Network(), **more: Any
) -> Scenario:
    name = more.pop("name", f"{first}+{second}")
    return Scenario(name, first, behaviour, network, also=(second,), family="pairs", **more)


SIXTH = Network(tls="good", sixth="refused")
HOLE = Network(tls="good", sixth="hole")
SCENARIOS = (
    _pair("ipv6_broken", "server_overloaded", chat(a.BUSY), SIXTH),
    _pair("ipv6_broken", "auth_failed", Behaviour(every=a.INVALID_KEY), SIXTH),
    _pair("ipv6_broken", "rate_limited", chat(a.CROWDED), HOLE),
    _pair("ipv6_broken", "insufficient_balance", chat(a.NO_CREDIT, balance=balance("0.00")), HOLE),
    _pair("ipv6_broken", "wrong_endpoint", Behaviour(every=page(404, "404 Not Found")), SIXTH),
    _pair("ipv6_broken", "tls_intercepted", Behaviour(), Network(tls="company", sixth="refused")),
    _pair("ipv6_broken", "tls_failure", Behaviour(), Network(tls="expired", sixth="refused")),
    _pair("ipv6_broken", "firewall_or_geo_block", Behaviour(every=body(403, "<html><title>Attention Required! | Cloudflare</title></html>", "text/html")), SIXTH),
    _pair("server_overloaded", "stream_cut", Behaviour((a.BUSY, a.CUT), (GOOD_PLAIN,))),
    _pair("server_overloaded", "empty_response_under_load", chat(a.BUSY, a.BLANK)),
    _pair("server_overloaded", "rate_limited", chat(a.BUSY, a.CROWDED)),
    _pair("server_overloaded", "server_error", chat(a.BUSY, a.FAILED)),
    _pair("server_error", "stream_cut", Behaviour((a.FAILED, a.CUT))),
    _pair("rate_limited", "empty_response_under_load", chat(a.CROWDED, a.BLANK)),
    _pair("packet_loss", "server_overloaded", chat(a.BUSY), Network(lossy=True), timeouts=PATIENT),
    _pair("packet_loss", "auth_failed", Behaviour(every=a.INVALID_KEY), Network(lossy=True), timeouts=PATIENT),
    _pair("session_context_corrupted", "server_overloaded", Behaviour((a.BUSY, Behaviour().stream[0]), history=a.TOOL), conversation=a.BROKEN),
    _pair("model_not_found", "server_overloaded", chat(error(400, "Model Not Exist"), a.BUSY), model="deepseek-chat"),
)  # fmt: skip
