"""Fix 12: a steady line, and timeouts that fit it."""

import math
from dataclasses import replace

from deepkit.fixes._evidence import cannot_tell, entries, facts, no, seen, yes
from deepkit.fixes._fix import SYSTEMS, Fix, assume, claim_of, listed
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
    path, found = facts(evidence, "path"), []
    sent, lost = path.get("udp_sent") or 0, path.get("udp_lost") or 0
    if sent and lost / sent >= LOSS:
        found.append(f"{lost} of {sent} datagrams lost")
    found += [
        f"a stall of {float(row.get('size_s') or 0):.1f} s ({row.get('mechanism', 'unknown')})"
        for row in entries(evidence, "path", "stalls")
    ]
    median, late = path.get("rtt_median_s"), path.get("rtt_p90_s")
    if median and late and late > SLOW_S and late > 4 * median:
        found.append(
            f"round trips of {1000 * median:.0f} ms in the median but {1000 * late:.0f} ms for a tenth"
        )
    if float(path.get("load_adds_s") or 0.0) >= BUSY_S:
        found.append(
            f"{float(path['load_adds_s']):.1f} s longer for a small exchange while something is sent: a router queues "
            "too much"
        )
    if path.get("retransmits"):
        found.append(f"{path['retransmits']} segments sent again")
    return found


def judge(evidence: Evidence) -> Verdict:
    """Look at round trips, stalls and losses of the path in use."""
    path = seen(evidence, "path")
    if path is None or not path.facts:
        tcp = seen(evidence, "tcp")
        late = [
            row for row in entries(evidence, "tcp", "connects") if row.get("failure") == "connect_timeout"
        ]
        if tcp is not None and late and len(late) < len(entries(evidence, "tcp", "connects")):
            return cannot_tell(
                f"{len(late)} connects timed out and others did not; the path was not measured."
            )
        return cannot_tell("The path was not measured.")
    found = signs(evidence)
    if path.outcome in ("fault", "partial"):
        return yes(f"The line stalls: {'; '.join(found) or path.reason or path.failure}.")
    trip = path.facts.get("rtt_median_s")
    told = f"round trip {1000 * trip:.0f} ms in the median" if trip is not None else "no stall"
    return no(
        f"The line is not the problem: {told}, n = {path.facts.get('n', '?')}; text needs little bandwidth."
    )


def fitting(old: Timeouts, evidence: Evidence) -> Timeouts:
    """Return timeouts that the measured path can keep; none becomes shorter.

    Args:
        old: The timeouts now.
        evidence: What was observed; without a path the least connect timeout still holds.

    Returns:
        Four times the slowest tenth and room for two lost connection requests; idle ten times the worst.
    """
    path = facts(evidence, "path")
    late, worst = (float(path.get(name) or 0.0) for name in ("rtt_p90_s", "rtt_max_s"))
    connect = max(old.connect, LEAST_CONNECT_S, math.ceil(4 * late))
    idle = max(old.idle, math.ceil(10 * worst))
    return replace(old, connect=connect, idle=idle, total=max(old.total, connect + idle))


def write(evidence: Evidence, variant: str) -> Guide:
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


def change(settings: Settings, evidence: Evidence) -> Settings:
    """Use timeouts that fit the path, and take a better line as given."""
    return assume(settings, "better_line", timeouts=fitting(settings.timeouts, evidence))


FIX = Fix(
    number=12,
    key="connection_quality",
    title="A steady line and fitting timeouts",
    claim=CLAIM,
    needs=("tcp", "path", "chat.stream"),
    judge=judge,
    write=write,
    change=change,
    variants=SYSTEMS,
)
