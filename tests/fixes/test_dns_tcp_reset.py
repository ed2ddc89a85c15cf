"""Fix 2: fresh answers where the old ones are measured to be wrong."""

from typing import Any

import pytest

from deepkit.fixes.dns_tcp_reset import FIX
from deepkit.records import Evidence, Observation, Outcome, Settings
from tests.fixes.cases import chat, evidence, saw
from tests.observed import observed


def _dns(check: str, *addresses: str, **more: Any) -> Observation:
    failure = None if addresses else "dns_timeout"
    return saw(check, "ok" if addresses else "fault", failure, addresses=list(addresses), **more)


def _tcp(check: str, **failures: str | None) -> Observation:
    rows = [
        {"address": "[2001:db8::1]:443" if name.startswith("v6") else f"{name}:443", "failure": failure,
         "family": 6 if name.startswith("v6") else 4}
        for name, failure in failures.items()
    ]  # fmt: skip
    bad = [row["failure"] for row in rows if row["failure"]]
    outcome: Outcome = "fault" if bad and len(bad) == len(rows) else "partial" if bad else "ok"
    return saw(check, outcome, str(bad[0]) if outcome == "fault" else None, connects=rows)


SAME = evidence(
    _dns("dns.system", "old"), _dns("dns.fresh", "old"), _tcp("tcp", old=None), chat(0, 3, http_503=3)
)
ALL_DEAD = evidence(_dns("dns.system", "old"), _dns("dns.fresh", "old"), _tcp("tcp", old="connect_timeout"))
NO_NAME = evidence(_dns("dns.system"), _dns("dns.fresh"))
FRESH_DEAD = evidence(
    _dns("dns.system", "old"), _dns("dns.fresh", "new"), _tcp("tcp", old=None),
    _tcp("tcp.fresh", new="connect_timeout"), chat(0, 3, http_503=3),
)  # fmt: skip


@pytest.mark.parametrize("seen", [SAME, ALL_DEAD, NO_NAME, FRESH_DEAD])
def test_left_alone(seen: Evidence) -> None:
    """Where fresh answers are the same, dead or missing too, no flush helps."""
    assert FIX.check(seen).answer == "no"


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (evidence(_dns("dns.system"), _dns("dns.fresh", "new")), "new"),
        (
            evidence(_dns("dns.system", "old"), _dns("dns.fresh", "new"), _tcp("tcp", old="connect_timeout"),
                     _tcp("tcp.fresh", new=None)),
            "new:443",
        ),
        (
            evidence(_dns("dns.system", "old", hosts_file=True), _dns("dns.fresh", "new"), _tcp("tcp", old=None),
                     chat(0, 3, http_404=3)),
            "hosts file",
        ),
        (evidence(_dns("dns.system", "old"), _tcp("tcp", v6="connect_timeout", old=None)), "IPv6"),
    ],
)  # fmt: skip
def test_a_stale_or_broken_lookup(seen: Evidence, words: str) -> None:
    """Each measured local fault of the lookup is a yes that names the addresses."""
    verdict = FIX.check(seen)
    assert verdict.answer == "yes"
    assert words in verdict.because


def test_different_answers_alone_prove_nothing() -> None:
    """Delivery networks answer differently all the time: with full servers it stays open."""
    seen = evidence(_dns("dns.system", "old"), _dns("dns.fresh", "new"), _tcp("tcp", old=None),
                    _tcp("tcp.fresh", new=None), chat(0, 3, http_503=3))  # fmt: skip
    assert FIX.check(seen).answer == "cannot_tell"


def test_ipv4_only_where_only_ipv6_fails() -> None:
    """The family changes only where IPv6 was measured to fail alone."""
    broken = evidence(_dns("dns.system", "old"), _tcp("tcp", v6="connect_timeout", old=None))
    assert FIX.apply(Settings(), broken).family == "ipv4"
    assert FIX.apply(Settings(), ALL_DEAD) == FIX.apply(Settings())
    assert FIX.apply(Settings()).resolver == "fresh"


def test_resets_only_behind_a_local_fault() -> None:
    """A busy provider shows no reset; a measured local fault shows it behind what saves the old state."""
    busy, broken = FIX.guide(SAME, system="windows"), FIX.guide(ALL_DEAD, system="windows")
    assert busy.commands == (("ipconfig", "/flushdns"),)
    assert ("netsh", "winsock", "reset") in broken.commands
    assert FIX.guide(ALL_DEAD, system="macos").commands[0] == ("sudo", "dscacheutil", "-flushcache")


def test_no_lookup_no_flush() -> None:
    """Where the address is a number or a proxy looks the name up, a flush is ruled out and not left open."""
    reason = "the address is written as a number, so no name is looked up"
    skipped = observed("dns.system", "not_checked", reason=reason, needed=False)
    seen = evidence(skipped, _tcp("tcp", old="connection_refused"), chat(0, 3, connection_refused=3))
    assert FIX.check(seen).answer == "no"


def test_a_slow_lookup_is_worth_the_fresh_answer() -> None:
    """A wait of the size of a silent server is a yes where other servers answer, and the steps say what to change."""
    slow = saw(
        "dns.system", "partial", None, addresses=["old"], elapsed_s=5.02, waited_for="silent_name_server"
    )
    seen = evidence(slow, _dns("dns.fresh", "old"), _tcp("tcp", old=None), chat(3, 3))
    assert FIX.check(seen).answer == "yes"
    assert "5.0 s" in FIX.check(seen).because
    assert any("name server" in step for step in FIX.guide(seen, system="linux").steps)
