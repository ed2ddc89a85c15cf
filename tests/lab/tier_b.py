"""Troubles on a real network: namespaces, nftables, dnsmasq, squid, nginx; the client is the command line itself."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from tests.lab.netns import HOST, NOBODY, ROOT, SERVER, SERVER6, Net, opened

CLIENT_S = 40.0
"""A client that takes longer is ended; its own deadline is half of that."""
AT_ONCE = 4
KEY = "sk-lab0123456789abcdef0123456789ab"
RIGHT = f"--address=/{HOST}/{SERVER}"


@dataclass(frozen=True)
class Case:
    """One trouble.

    Args:
        name: The identifier.
        cause: The true cause, or "healthy".
        make: Puts the trouble into a net.
        url: Whom the client is told to ask.
        more: What `tests.lab.inside` is told besides; None asks the command line.
    """

    name: str
    cause: str
    make: Callable[[Net], None]
    url: str = f"http://{SERVER}"
    more: dict[str, Any] | None = None


@dataclass(frozen=True)
class Outcome:
    """What came of it: the check-up's JSON, and how long the client's process took in seconds."""

    case: Case
    checkup: dict[str, Any]
    took_s: float

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
        return tuple(
            c["cause"]
            for c in self.checkup["causes"]
            if c["state"] == "SHOWN" and c["cause"] != self.case.cause
        )


def _well(net: Net) -> None:
    net.serve("well", 80)


def _face(name: str) -> Callable[[Net], None]:
    return lambda net: net.serve(name, 80)


def _filtered(*rules: str, hook: str = "input") -> Callable[[Net], None]:
    def make(net: Net) -> None:
        net.serve("well", 80)
        net.rules(*rules, hook=hook)

    return make


def _named(*options: str, right: bool = False) -> Callable[[Net], None]:
    """A name server for the user; with `right`, another one that tells the truth."""

    def make(net: Net) -> None:
        net.serve("well", 80)
        net.names(*options)
        if right:
            net.names(RIGHT, port=5354)

    return make


def _no_names(net: Net) -> None:
    net.serve("well", 80)
    net.names(RIGHT)
    net.names(RIGHT, port=5354)
    net.rules("udp dport 53 drop", "tcp dport 53 drop")


def _portal(face: str) -> Callable[[Net], None]:
    def make(net: Net) -> None:
        net.serve("well", 80)
        net.serve(face, 8083)
        net.rules("tcp dport 80 redirect to :8083", hook="nat:prerouting:-100")

    return make


SQUID = """
http_port 3128
pid_filename {folder}/squid.pid
cache_log {folder}/cache.log
access_log none
cache deny all
coredump_dir {folder}
shutdown_lifetime 0 seconds
pinger_enable off
"""


def _squid(*rules: str) -> Callable[[Net], None]:
    def make(net: Net) -> None:
        net.serve("well", 80)
        net.folder.chmod(0o777)
        conf = net.folder / "squid.conf"
        conf.write_text(SQUID.format(folder=net.folder) + "\n".join(rules) + "\n")
        net.spawn("squid", "-N", "-f", str(conf))
        net.await_port(3128)

    return make


LOGIN = (
    "auth_param basic program /usr/lib/squid/basic_ncsa_auth /dev/null",
    "acl known proxy_auth REQUIRED",
    "http_access allow known",
    "http_access deny all",
)
ANYBODY = ("acl CONNECT method CONNECT", "http_access allow all", "connect_timeout 1 second")
NGINX = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log; user root;
events {{}}
http {{
  access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{ listen 80; location / {{ proxy_pass http://127.0.0.1:8080; proxy_http_version 1.1; {how} }} }}
}}
"""


def _nginx(how: str, face: str | None) -> Callable[[Net], None]:
    def make(net: Net) -> None:
        if face is not None:
            net.serve(face, 8080)
        conf = net.folder / "nginx.conf"
        conf.write_text(NGINX.format(folder=net.folder, how=how))
        net.spawn("nginx", "-c", str(conf), "-p", str(net.folder), "-e", str(net.folder / "error.log"))
        net.await_port(80)

    return make


NAMED = f"http://{HOST}"
FRESH: dict[str, Any] = {"fresh_dns": [f"{SERVER}:5354"]}
VIA: dict[str, Any] = {"proxy": f"http://{SERVER}:3128"}
CASES: tuple[Case, ...] = (
    Case("healthy", "healthy", _well),
    Case("healthy-by-name", "healthy", _named(RIGHT), NAMED),
    Case("healthy-squid", "healthy", _squid(*ANYBODY), more=VIA),
    Case("nginx-buffers", "healthy", _nginx("proxy_buffering on;", "slow-words")),
    Case("busy", "server_overloaded", _face("busy")),
    Case("loss", "packet_loss", _filtered("tcp dport 80 numgen random mod 100 < 25 drop")),
    Case(
        "loss-both-ways",
        "packet_loss",
        _filtered("tcp sport 80 numgen random mod 100 < 25 drop", hook="output"),
    ),
    Case("black-hole", "connect_timeout", _filtered("tcp dport 80 drop")),
    Case("nobody-there", "connect_timeout", _well, f"http://{NOBODY}"),
    Case("refused", "connection_refused", _filtered("tcp dport 80 reject with tcp reset")),
    Case("reset", "connection_reset", _filtered("tcp dport 80 meta length > 100 reject with tcp reset")),
    Case("mtu-black-hole", "path_mtu", _filtered("tcp dport 80 meta length > 1300 drop")),
    Case("ipv6-dead", "ipv6_broken", _named(RIGHT, f"--address=/{HOST}/fd77::99"), NAMED),
    Case("ipv6-dropped", "ipv6_broken", lambda net: _dropped6(net), NAMED),
    Case("portal-redirect", "captive_portal", _portal("portal")),
    Case("portal-page", "captive_portal", _portal("login-page")),
    Case("names-forged", "dns_stale", _named(f"--address=/{HOST}/{NOBODY}", right=True), NAMED, FRESH),
    Case("names-nxdomain", "dns_failure", _named(f"--address=/{HOST}/", right=True), NAMED, FRESH),
    Case("names-dropped", "dns_failure", _no_names, NAMED, FRESH),
    Case("squid-407", "proxy_fault", _squid(*LOGIN), more=VIA),
    Case("squid-no-way", "proxy_fault", _squid(*ANYBODY), f"https://{SERVER}:444", VIA),
    Case("squid-gone", "proxy_fault", _well, more=VIA),
    Case("nginx-cuts", "stream_cut", _nginx("proxy_read_timeout 1s; proxy_buffering off;", "falls-silent")),
    Case("nginx-502", "server_error", _nginx("", None)),
)


def _dropped6(net: Net) -> None:
    net.serve("well", 80)
    net.names(RIGHT, f"--address=/{HOST}/{SERVER6}")
    net.rules("meta nfproto ipv6 tcp dport 80 drop")


def run_one(case: Case) -> Outcome:
    """Make a case's net, let the client look from inside it, and remove everything."""
    with opened() as net:
        case.make(net)
        asked = (
            ["deepkit", "doctor", "--target", case.url, "--json"]
            if case.more is None
            else ["tests.lab.inside", json.dumps({"base_url": case.url, **case.more})]
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


def run(cases: Sequence[Case] = CASES, on_outcome: Callable[[Outcome], None] | None = None) -> list[Outcome]:
    """Run cases, a few at once, each in namespaces of its own."""

    def one(case: Case) -> Outcome:
        outcome = run_one(case)
        if on_outcome is not None:
            on_outcome(outcome)
        return outcome

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, cases))
