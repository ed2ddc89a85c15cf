"""Fix 12: a steady line, and timeouts that fit it."""

import math
from dataclasses import replace

from deepkit.checks import WAIT_WORDS, Path, Tcp
from deepkit.fixes._evidence import cannot_tell, no, seen, yes
from deepkit.fixes._fix import SYSTEMS, assume, claim_of, define, listed
from deepkit.records import Evidence, Guide, Settings, Timeouts, Verdict

CLAIM = claim_of(
    "12",
    causes=("packet_loss", "path_mtu", "connect_timeout", "read_timeout", "connection_reset", "ipv6_broken"),
    changes=("timeouts", "assume"),
    cost="A cable instead of Wi-Fi, or another line.",
    risk="Longer timeouts notice a dead server later.",
    least_ratio=0.8,
)

LOSS = 0.02
"""Share of lost datagrams from which on a line is lossy."""
SLOW_S = 0.5
"""A tenth of the exchanges taking longer than this, and four times the median, is a stalling line, in seconds."""
BUSY_S = 0.3
"""What a busy line may add to a small exchange before it is called slow, in seconds."""
LEAST_CONNECT_S = 4.0
"""Room for two lost connection requests, which Linux repeats after 1 and 2 more seconds."""


def signs(evidence: Evidence) -> list[str]:
    """Return what in the measured path speaks for a bad line, in words."""
    path, found = evidence.facts(Path), []
    sent, lost = path.udp_sent or 0, path.udp_lost or 0
    if sent and lost / sent >= LOSS:
        found.append(f"{lost} of {sent} datagrams lost")
    found += [f"a stall of {one.size_s:.1f} s ({WAIT_WORDS[one.mechanism]})" for one in path.stalls]
    median, late = path.rtt_median_s, path.rtt_p90_s
    if median and late and late > SLOW_S and late > 4 * median:
        found.append(
            f"round trips of {1000 * median:.0f} ms in the median but {1000 * late:.0f} ms for a tenth"
        )
    adds = path.load_adds_s or 0.0
    if adds >= BUSY_S:
        found.append(
            f"{adds:.1f} s longer for a small exchange while something is sent: a router queues too much"
        )
    if path.retransmits:
        found.append(f"{path.retransmits} segments sent again")
    return found


def check(evidence: Evidence) -> Verdict:
    """Look at round trips, stalls and losses of the path in use."""
    look, path = seen(evidence, "path"), evidence.facts(Path)
    if look is None or path == Path():
        return _without_path(evidence)
    if look.outcome in ("fault", "partial"):
        return yes(f"The line stalls: {'; '.join(signs(evidence)) or look.reason or look.failure}.")
    trip, n = path.rtt_median_s, "?" if path.n is None else path.n
    told = f"round trip {1000 * trip:.0f} ms in the median" if trip is not None else "no stall"
    return no(f"The line is not the problem: {told}, n = {n}; text needs little bandwidth.")


def _without_path(evidence: Evidence) -> Verdict:
    tried = evidence.facts(Tcp).connects
    late = sum(one.failure == "connect_timeout" for one in tried)
    if 0 < late < len(tried):
        return cannot_tell(f"{late} connects timed out and others did not; the path was not measured.")
    return cannot_tell("The path was not measured.")


def fitting(old: Timeouts, evidence: Evidence) -> Timeouts:
    """Return timeouts that the measured path can keep; none becomes shorter.

    Args:
        old: The timeouts now.
        evidence: What was observed; without a path the least connect timeout still holds.

    Returns:
        Four times the slowest tenth and room for two lost connection requests; idle ten times the worst.
    """
    path = evidence.facts(Path)
    connect = max(old.connect, LEAST_CONNECT_S, math.ceil(4 * (path.rtt_p90_s or 0.0)))
    idle = max(old.idle, math.ceil(10 * (path.rtt_max_s or 0.0)))
    return replace(old, connect=connect, idle=idle, total=max(old.total, connect + idle))


def guide(evidence: Evidence, variant: str) -> Guide:
    """Steps for the line, with the tool that shows it on one system."""
    found, fit = signs(evidence), fitting(Timeouts(), evidence)
    tool = {
        "windows": "pathping shows losses hop by hop",
        "macos": "networkQuality shows the delay under load",
        "linux": "mtr shows losses hop by hop",
    }[variant]
    return Guide(
        variant,
        (
            f"Measured: {listed(found)}." if found else "No loss or stall was measured so far.",
            "Use a cable, or move to the router and to the 5 GHz band; pause uploads, calls and backups.",
            "Leave VPN and company proxy out for a moment, as a control.",
            f"Measure again; {tool}.",
            f"In a program: connect timeout {fit.connect:g} s, silence {fit.idle:g} s, and always a total deadline.",
        ),
        notes=("More bandwidth changes nothing: an answer is less than a kilobyte a second.",),
    )


def apply(settings: Settings, evidence: Evidence) -> Settings:
    """Use timeouts that fit the path, and take a better line as given."""
    return assume(settings, "better_line", timeouts=fitting(settings.timeouts, evidence))


FIX = define(
    number=12,
    key="connection_quality",
    title="A steady line and fitting timeouts",
    claim=CLAIM,
    needs=("tcp", "path", "chat.stream"),
    check=check,
    guide=guide,
    apply=apply,
    variants=SYSTEMS,
)
