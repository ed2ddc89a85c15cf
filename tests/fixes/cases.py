"""Evidence to judge, written as the probes write it (docs/checks.md)."""

import random
from typing import Any

from deepkit.records import Evidence, Observation, Outcome, Sample, Settings
from deepkit.schema import as_json
from tests.observed import observed


def saw(check: str, outcome: Outcome = "ok", failure: str | None = None, /, **facts: Any) -> Observation:
    """One observation."""
    return observed(check, outcome, failure, **facts)


def evidence(*observations: Observation, surface: str = "api", at: float | None = None) -> Evidence:
    """Evidence of the given observations."""
    return Evidence(observations, target="sandbox", settings=Settings(surface=surface), at=at)  # type: ignore[arg-type]


def chat(ok: int, n: int, at: str = "203.0.113.7:443", message: str = "", **failures: int) -> Observation:
    """What the check-up's streamed questions gave."""
    outcome: Outcome = "ok" if ok == n else "partial" if ok else "fault"
    first = next(iter(failures), None)
    failure = None if ok == n else first
    return observed(
        "chat.stream", outcome, failure,
        n=n, ok=ok, failures=failures, address=at, headers_s=0.02, error_message=message,
    )  # fmt: skip


def web(ok: bool, **facts: Any) -> Observation:
    """What the chat page gave."""
    return observed("web", "ok" if ok else "fault", None, ok=ok, **{"page_status": 200, **facts})


def samples(arm: str, outcomes: str, times: list[float] | None = None) -> list[Sample]:
    """One arm of a trial: "+" answered, "-" not, one character a pair."""
    return [
        Sample(arm, mark == "+", None if mark == "+" else "http_503", times[n] if times else 0.2, 0.4, pair=n)  # type: ignore[arg-type]
        for n, mark in enumerate(outcomes)
    ]


HEALTHY = evidence(
    saw("local_net", interfaces_up=1, mtu=1500, has_ipv6=True),
    saw("dns.system", host="api.test", addresses=["203.0.113.7"], elapsed_s=0.01, hosts_file=False),
    saw("dns.fresh", host="api.test", addresses=["203.0.113.7"], servers=[]),
    saw("tcp", connects=[{"address": "203.0.113.7:443", "family": 4, "failure": None, "connect_s": 0.02}]),
    saw("tls", verified=True, issuer="A Public Authority", trusted_by_system=True),
    saw("http", status=401, body_kind="json"),
    saw("key", status=200, key_shape="ok"),
    saw("balance", is_available=True, currency="USD", total=10.0),
    saw("models", ids=["deepseek-flash"], wanted="deepseek-flash", listed=True),
    chat(6, 6),
    saw("chat.plain", n=1, ok=1, failures={}),
    web(True, clean_ok=True, no_extension_ok=True),
    saw("status", indicator="operational"),
    saw("routes", routes=[{"name": "direct", "n": 3, "ok": 3, "first_token_s": 0.3},
                          {"name": "tokyo", "n": 3, "ok": 3, "first_token_s": 0.2}]),
    saw("alternatives", alternatives=[{"name": "openrouter", "ok": True, "first_token_s": 0.4}]),
    saw("conversation", "not_checked"),
    saw("path", n=20, rtt_median_s=0.02, rtt_p90_s=0.03, rtt_max_s=0.04, stalls=[], udp_sent=20, udp_lost=0,
        retransmits=0),
)  # fmt: skip
"""Everything measured, nothing wrong."""

BUSY = evidence(*(one for one in HEALTHY.observations if one.check != "chat.stream"), chat(1, 6, http_503=5))
"""The same place with full servers."""

KINDS = ("ok", "fault", "partial", "not_checked", "check_failed")


def anything(rng: random.Random) -> Evidence:
    """Evidence of random outcomes and of facts taken from everywhere, some of them missing or empty."""
    mixed = [*HEALTHY.observations, chat(0, 3, http_402=3), chat(1, 4, stream_cut=2, http_429=1), web(False)]
    chosen = {one.check: one for one in rng.sample(mixed, rng.randrange(len(mixed)))}
    return evidence(*(_shaken(one, rng) for one in chosen.values()))


def _shaken(one: Observation, rng: random.Random) -> Observation:
    kept = {name: value for name, value in as_json(one.facts).items() if rng.random() < 0.6}
    outcome: Any = rng.choice(KINDS)
    return observed(
        one.check, outcome, rng.choice([None, "http_503", "connect_timeout", "tls_untrusted"]), **kept
    )
