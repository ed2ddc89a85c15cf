"""Random evidence: every check with facts of the kinds that docs/design.md names, in any combination."""

from typing import Any

from hypothesis import strategies as st

from deepkit.probes import CHECKS
from deepkit.records import FAILURES, Evidence, Observation, Settings

failures = st.sampled_from(sorted(FAILURES))
maybe_failure = st.none() | failures
small = st.integers(0, 12)
seconds = st.sampled_from([0.0, 0.01, 0.25, 1.0, 5.0, 20.0])
truth = st.booleans()
addresses = st.lists(st.sampled_from(["203.0.113.7", "203.0.113.8", "2001:db8::7"]), max_size=3, unique=True)
messages = st.sampled_from([
    "", "Service is too busy. We advise users to temporarily switch to alternative LLM API service providers.",
    "Rate limit: your current concurrency is 31, which exceeds your concurrency limit of 30", "Insufficient Balance",
    "Model Not Exist", "This model's maximum context length is 131072 tokens", "Content Exists Risk", "Loading model",
    "upstream error", "Authentication Fails, Your api key: ****0000 is invalid", "Internal Server Error",
    "An assistant message with tool_calls must be followed by tool messages", "country not supported",
])  # fmt: skip
connects = st.lists(
    st.fixed_dictionaries({
        "address": st.sampled_from(["203.0.113.7:443", "[2001:db8::7]:443"]), "family": st.sampled_from([4, 6]),
        "failure": maybe_failure, "connect_s": seconds,
    }),
    max_size=3,
)  # fmt: skip
chat = {
    "n": small, "ok": small, "failures": st.dictionaries(failures, st.integers(1, 6), max_size=3),
    "status": st.none() | st.sampled_from([200, 400, 401, 402, 403, 404, 408, 413, 429, 451, 500, 503]),
    "error_message": messages, "keep_alives": small, "body_kind": st.sampled_from(["json", "html", "text", "empty"]),
    "finish_reason": st.sampled_from(["stop", "length", "content_filter", "insufficient_system_resource"]),
    "block_page": st.none() | st.sampled_from(["cloudflare", "captive_portal"]), "retransmits": small,
}  # fmt: skip
FACTS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "local_net": {"interfaces_up": small, "has_ipv6": truth, "clock_offset_s": st.sampled_from([0.1, 400.0, 1e6])},
    "dns.system": {"addresses": addresses, "elapsed_s": seconds, "hosts_file": truth,
                   "waited_for": st.just("a name server that did not answer")},
    "dns.servers": {"addresses": addresses, "search_addresses": addresses, "servers": st.lists(
        st.fixed_dictionaries({"addresses": addresses, "failure": maybe_failure}), max_size=2)},
    "dns.fresh": {"addresses": addresses},
    "tcp": {"connects": connects},
    "tcp.fresh": {"connects": connects},
    "tls": {"verified": truth, "trusted_by_system": truth, "issuer": st.sampled_from(["", "Corp Root", "DigiCert"]),
            "self_signed": truth, "hello_pairs": small, "small_hello_ok": small, "large_hello_ok": small,
            "chain": st.lists(st.fixed_dictionaries({"subject": st.just("a"), "issuer": st.just("b")}), max_size=2)},
    "http": {"status": st.sampled_from([200, 302, 401, 403, 404, 451, 503, 511]), "captive_portal": truth,
             "body_kind": st.sampled_from(["json", "html", "text", "empty"]), "plain_http": truth,
             "served_by": st.sampled_from(["deepseek", "vllm", "litellm", "openrouter", "siliconflow"]),
             "block_page": st.sampled_from(["cloudflare", "captive_portal"]),
             "location": st.sampled_from(["https://login.portal.test/", "https://api.test/"])},
    "key": {"status": st.sampled_from([200, 401, 402, 403]), "error_message": messages,
            "key_shape": st.sampled_from(["ok", "missing", "blank", "quotes", "spaces"])},
    "balance": {"is_available": truth, "total": seconds, "currency": st.just("CNY")},
    "models": {"listed": truth, "wanted": st.just("deepseek-flash"), "ids": st.just(["deepseek-flash"])},
    "chat.stream": chat,
    "chat.plain": chat,
    "conversation": {**chat, "fresh_ok": truth, "problems": st.lists(st.just("tool order"), max_size=1)},
    "web": {"ok": truth, "page_status": st.sampled_from([200, 403, 451, 500, 503]), "clean_ok": truth,
            "no_extension_ok": truth, "session_status": st.sampled_from([200, 401]), "busy_text": messages,
            "cookie_bytes": st.sampled_from([0, 20_000]), "asked": truth, "assets": st.lists(st.fixed_dictionaries(
                {"path": st.just("/a.js"), "status": st.just(200), "stale": truth, "blocked": truth}), max_size=2)},
    "status": {"indicator": st.sampled_from(["operational", "degraded", "full_outage", "unknown"]),
               "incident": st.just("API degraded")},
    "routes": {"routes": st.lists(st.fixed_dictionaries({"name": st.sampled_from(["direct", "tokyo"]), "n": small,
               "ok": small, "failure": maybe_failure}), max_size=2)},
    "alternatives": {"alternatives": st.lists(st.fixed_dictionaries(
        {"name": st.just("together"), "ok": truth, "failure": maybe_failure}), max_size=2)},
    "proxy": {"disagree": truth, "decisions": st.just({"curl": "direct"})},
    "local": {"servers": st.just([])},
    "path": {"n": small, "udp_sent": small, "udp_lost": small, "retransmits": small, "large_ok": truth,
             "small_ok": truth, "stalls": st.lists(st.fixed_dictionaries({"size_s": seconds, "mechanism":
             st.sampled_from(["unknown", "a lost first packet, sent again after 1 s", "mtu"])}), max_size=3)},
}  # fmt: skip


def observations(check: str) -> st.SearchStrategy[Observation]:
    """Observations of one check, its facts each there or missing."""
    return st.builds(
        Observation,
        st.just(check),
        st.sampled_from(["ok", "fault", "partial", "not_checked", "check_failed"]),
        maybe_failure,
        st.fixed_dictionaries({}, optional=FACTS[check]),
        st.just("a reason"),
        st.just(1.7e9),
        seconds,
    )


@st.composite
def evidences(draw: st.DrawFn) -> Evidence:
    """Evidence of some checks, in any order."""
    names = draw(st.lists(st.sampled_from(CHECKS), max_size=8, unique=True))
    seen = tuple(draw(observations(name)) for name in names)
    settings = Settings(surface=draw(st.sampled_from(["api", "api", "web"])))
    target = draw(st.sampled_from(["", "sandbox", "deepseek", "openrouter", "custom"]))
    return Evidence(seen, target, settings, 3, 1.7e9, 2.0)
