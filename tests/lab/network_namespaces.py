"""Troubles on a real network: namespaces, nftables, dnsmasq, squid, microsocks, nginx, mitmproxy, a slow line.

The client is the command line itself, or `tests.lab.checkup` where that cannot say what the target is.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from deepkit.probes import DEADLINE_S
from tests.lab import faults as t
from tests.lab.faults import RIGHT, Setup
from tests.lab.netns import HOST, NOBODY, ROOT, SERVER, Net, opened

CLIENT_S = 150.0
"""A client that takes longer is ended; its own deadline is 20 s, the rest is for a busy machine."""
AT_ONCE = 3
HELD_S, AGAIN = 0.6, 2
"""A client held up for longer than this within one second measured the machine; how often it looks again."""
KEY = "sk-lab0123456789abcdef0123456789ab"


@dataclass(frozen=True)
class Case:
    """One trouble.

    Args:
        name: The identifier.
        cause: The true cause, or "healthy".
        setup: Puts the trouble into a net.
        url: Whom the client is told to ask.
        more: What `tests.lab.checkup` is told besides, {folder} being the net's; None asks the command line.
    """

    name: str
    cause: str
    setup: Setup
    url: str = f"http://{SERVER}"
    more: dict[str, Any] | None = None


@dataclass(frozen=True)
class Outcome:
    """What came of it.

    Args:
        case: Which.
        checkup: The check-up's JSON.
        took_s: How long the client's process took, in seconds.
        earlier: Causes wrongly SHOWN in check-ups that the machine held up.
    """

    case: Case
    checkup: dict[str, Any]
    took_s: float
    earlier: tuple[str, ...] = ()

    @property
    def undisturbed(self) -> bool:
        """Whether the client measured the case, and not the machine; the command line does not tell."""
        return float(self.checkup.get("held_s", 0.0)) <= HELD_S

    @property
    def overrun_s(self) -> float:
        """By how much the check-up outlived its deadline, the time taken off for which the machine held it up."""
        if "overrun_s" not in self.checkup:
            return float(self.checkup["elapsed_s"]) - DEADLINE_S
        return float(self.checkup["overrun_s"]) - float(self.checkup["held_at_end_s"])

    @property
    def right(self) -> bool:
        """Whether the true cause is the verdict, or stands first."""
        first = next(
            (c["cause"] for c in self.checkup["causes"] if c["state"] in ("SHOWN", "LIKELY", "POSSIBLE")), ""
        )
        return self.case.cause in (self.checkup["verdict"], first)

    @property
    def wrong_shown(self) -> tuple[str, ...]:
        """Causes that are SHOWN and not there."""
        shown = [c["cause"] for c in self.checkup["causes"] if c["state"] == "SHOWN"]
        return (*self.earlier, *(cause for cause in shown if cause != self.case.cause))


NAMED, SECURE = f"http://{HOST}", f"https://{HOST}"
QUICK: dict[str, Any] = {
    "timeouts": {"connect": 1.5, "first_byte": 2.5, "idle": 1.5, "total": 5.0},
    "deadline_s": 8.0,
}
"""Where nothing answers, less patience says the same sooner."""
FRESH: dict[str, Any] = {"fresh_dns": [f"{SERVER}:5354"], **QUICK}
VIA: dict[str, Any] = {"proxy": f"http://{SERVER}:3128"}
SOCKS: dict[str, Any] = {"proxy": f"socks5://{SERVER}:1080"}
ROOTS: dict[str, Any] = {"ca_file": "{folder}/public.pem"}
MACHINE: dict[str, Any] = {**ROOTS, "machine": "{folder}/machine.pem"}
TRUSTING: dict[str, Any] = {**MACHINE, "trust": "system"}
COMPANY = t.secure(roots="company")
OFFICE = t.squid(*t.ANYBODY)
BOTH = t.beside(t.secure(), t.socks(server=False))
GATEWAY = t.intercepted(t.secure(port=8443), "--mode", t.TO_SECURE, port=443)
OPENS = t.intercepted(t.secure(), port=3128)
HOLDS = t.intercepted(t.behind("takes-two-seconds"), "--mode", t.TO_PLAIN, port=80)
PLAIN = (
    Case("healthy", "healthy", t.well),
    Case("healthy-by-name", "healthy", t.named(RIGHT), NAMED),
    Case("busy", "server_overloaded", t.behaviour("busy")),
    Case("loss", "packet_loss", t.filtered("tcp dport 80 numgen random mod 100 < 25 drop")),
    Case("loss-both-ways", "packet_loss", t.filtered("tcp sport 80 numgen random mod 100 < 25 drop", hook="output")),
    Case("black-hole", "connect_timeout", t.filtered("tcp dport 80 drop"), more=QUICK),
    Case("nobody-there", "connect_timeout", t.well, f"http://{NOBODY}", QUICK),
    Case("refused", "connection_refused", t.filtered("tcp dport 80 reject with tcp reset")),
    Case("reset", "connection_reset", t.filtered("tcp dport 80 meta length > 100 reject with tcp reset")),
    Case("mtu-black-hole", "path_mtu", t.filtered("tcp dport 80 meta length > 1300 drop")),
    Case("ipv6-dead", "ipv6_broken", t.named(RIGHT, f"--address=/{HOST}/fd77::99"), NAMED),
    Case("ipv6-dropped", "ipv6_broken", t.dropped6, NAMED),
    Case("portal-redirect", "captive_portal", t.portal("portal")),
    Case("portal-page", "captive_portal", t.portal("login-page")),
    Case("names-forged", "dns_stale", t.named(f"--address=/{HOST}/{NOBODY}", right=True), NAMED, FRESH),
    Case("names-nxdomain", "dns_failure", t.named(f"--address=/{HOST}/", right=True), NAMED, FRESH),
    Case("names-dropped", "dns_failure", t.no_names, NAMED, FRESH),
)  # fmt: skip
PROXIES = (
    Case("squid-well", "healthy", OFFICE, more=VIA),
    Case("squid-407", "proxy_fault", t.squid(*t.LOGIN), more=VIA),
    Case("squid-no-way", "proxy_fault", OFFICE, f"https://{SERVER}:444", VIA),
    Case("squid-gone", "proxy_fault", t.well, more=VIA),
    Case("socks-well", "healthy", t.socks(), more=SOCKS),
    Case("socks-login", "proxy_fault", t.socks("-u", "joe", "-P", "secret"), more=SOCKS),
    Case("socks-gone", "proxy_fault", t.well, more=SOCKS),
    Case("socks-refused-behind", "connection_refused", t.socks(server=False), more=SOCKS),
    Case("nginx-buffers", "healthy", t.nginx("proxy_buffering on;", "slow-words")),
    Case("nginx-cuts", "stream_cut", t.nginx("proxy_read_timeout 1s; proxy_buffering off;", "falls-silent")),
    Case("nginx-502", "server_error", t.nginx("", None)),
    Case("holds-the-stream", "healthy", HOLDS),
    Case("holds-it-too-long", "read_timeout", HOLDS,
         more={**QUICK, "timeouts": {**QUICK["timeouts"], "first_byte": 1.0, "idle": 1.0}}),
    Case("router-forgets", "stream_cut", t.forgetful, more=QUICK),
)  # fmt: skip
TLS = (
    Case("https-well", "healthy", BOTH, SECURE, ROOTS),
    Case("https-busy", "server_overloaded", t.secure("busy"), SECURE, ROOTS),
    Case("private-root", "tls_intercepted", COMPANY, SECURE, ROOTS),
    Case("private-root-known", "tls_intercepted", COMPANY, SECURE, MACHINE),
    Case("private-root-trusted", "healthy", COMPANY, SECURE, TRUSTING),
    Case("gateway-opens", "tls_intercepted", GATEWAY, SECURE, ROOTS),
    Case("gateway-opens-known", "tls_intercepted", GATEWAY, SECURE, MACHINE),
    Case("gateway-opens-trusted", "healthy", GATEWAY, SECURE, TRUSTING),
    Case("proxy-opens", "tls_intercepted", OPENS, SECURE, {**ROOTS, **VIA}),
    Case("proxy-opens-known", "tls_intercepted", OPENS, SECURE, {**MACHINE, **VIA}),
    Case("https-by-socks", "healthy", BOTH, SECURE, {**ROOTS, **SOCKS}),
)  # fmt: skip
LINES = (
    Case("far", "healthy", t.on_link(delay_s=0.15)),
    Case("far-https", "healthy", t.on_link(t.secure(), delay_s=0.12), SECURE, ROOTS),
    Case("shaking", "healthy", t.on_link(delay_s=0.02, jitter_s=0.25)),
    Case("pausing", "healthy", t.on_link(delay_s=0.02, pauses=0.02)),
    Case("swelling", "healthy", t.on_link(delay_s=0.02, swell_s=0.7)),
    Case("loses-an-eighth", "packet_loss", t.on_link(delay_s=0.02, drop=0.125)),
    Case("narrow-https", "path_mtu", t.on_link(t.secure(), delay_s=0.01, largest=1280), SECURE, ROOTS),
)
CASES: tuple[Case, ...] = (*PLAIN, *PROXIES, *TLS, *LINES)


def look(case: Case, net: Net) -> Outcome:
    """Let the client look from inside a net."""
    told = json.dumps({"base_url": case.url, **(case.more or {})}).replace("{folder}", str(net.folder))
    asked = (
        ["deepkit", "doctor", "--target", case.url, "--json"]
        if case.more is None
        else ["tests.lab.checkup", told]
    )
    usual = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
    began = time.monotonic()
    done = subprocess.run(
        ["ip", "netns", "exec", net.user, sys.executable, "-m", *asked],
        capture_output=True, timeout=CLIENT_S, check=False, cwd=ROOT, env={**usual, "DEEPKIT_API_KEY": KEY},
    )  # fmt: skip
    took = time.monotonic() - began
    if done.returncode not in (0, 1, 2):
        message = f"{case.name}: {done.stderr.decode(errors='replace')[-800:]}"
        raise OSError(message)
    return Outcome(case, json.loads(done.stdout), took)


def run_group(cases: Sequence[Case]) -> list[Outcome]:
    """Make the net that some cases share, look at each, and remove everything.

    A check-up that the machine held up is taken again, whatever it found; the last one counts.
    """
    outcomes = []
    with opened() as net:
        cases[0].setup(net)
        for case in cases:
            outcome = look(case, net)
            for _ in range(AGAIN):
                if outcome.undisturbed:
                    break
                outcome = replace(look(case, net), earlier=outcome.wrong_shown)
            outcomes.append(outcome)
    return outcomes


def run(cases: Sequence[Case] = CASES, on_outcome: Callable[[Outcome], None] | None = None) -> list[Outcome]:
    """Run cases, a few nets at once, each in namespaces of its own."""

    def group(some: Sequence[Case]) -> list[Outcome]:
        outcomes = run_group(some)
        for one in outcomes:
            if on_outcome is not None:
                on_outcome(one)
        return outcomes

    groups: dict[Setup, list[Case]] = {}
    for case in cases:
        groups.setdefault(case.setup, []).append(case)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [one for outcomes in pool.map(group, groups.values()) for one in outcomes]
