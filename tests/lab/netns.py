"""Two network namespaces with a cable between them: a user's machine and the internet, made and removed by a test."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

TOOLS = {
    "ip": "iproute2",
    "nft": "nftables",
    "dnsmasq": "dnsmasq-base",
    "squid": "squid",
    "nginx": "nginx-light",
    "microsocks": "microsocks",
}
"""Each tool with the Debian package that brings it."""
USER, SERVER, NOBODY = "10.77.0.2", "10.77.0.1", "10.77.0.99"
USER6, SERVER6 = "fd77::2", "fd77::1"
HOST = "api.lab.example"
ROOT = Path(__file__).parents[2]
MITMDUMP = ROOT / ".cache" / "mitmproxy" / "bin" / "mitmdump"
"""mitmproxy cannot stand beside this project's own libraries; `make test` gives it an environment of its own."""
STEP_S, READY_S = 60.0, 120.0
_NUMBERS = count()


def missing() -> str:
    """Name what this machine lacks for the tier; empty when nothing is."""
    lacks = [package for tool, package in TOOLS.items() if shutil.which(tool) is None]
    if not MITMDUMP.exists():
        lacks.append("mitmproxy (make test installs it)")
    if not Path("/dev/net/tun").exists():
        lacks.append("/dev/net/tun")
    if not sys.platform.startswith("linux"):
        lacks.append("Linux")
    elif os.geteuid() != 0:
        lacks.append("root")
    elif not lacks and _try(["ip", "netns", "add", name := f"dklab-try-{os.getpid()}"]):
        lacks.append("the right to make network namespaces")
    elif not lacks:
        _try(["ip", "netns", "del", name])
    return ", ".join(lacks)


def _try(words: Sequence[str]) -> int:
    return subprocess.run(words, capture_output=True, timeout=STEP_S, check=False).returncode


@dataclass
class Net:
    """One pair of namespaces.

    Args:
        user: Name of the namespace in which the client runs.
        server: Name of the one in which all servers run.
        folder: For the servers' files.
    """

    user: str
    server: str
    folder: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def spawn(self, *words: str) -> subprocess.Popen[bytes]:
        """Start a program in the server's namespace; it ends with the net."""
        log = (self.folder / f"log-{len(self.processes)}").open("wb")
        with log:
            process = subprocess.Popen(
                ["ip", "netns", "exec", self.server, *words],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=ROOT,
            )  # fmt: skip
        self.processes.append(process)
        return process

    def serve(self, behaviour: str, port: int, *, host: str = "") -> None:
        """Start one of this lab's own servers."""
        self.spawn(
            sys.executable, "-m", "tests.lab.server_process", behaviour, str(port), *([host] if host else [])
        )
        self.await_port(port)

    def await_port(self, port: int, *, udp: bool = False) -> None:
        """Wait until something listens on a port of the server's namespace; whatever was started last should."""
        wanted, ends = f":{port:04X}", time.monotonic() + READY_S
        state = "07" if udp else "0A"
        while time.monotonic() < ends and self.processes[-1].poll() is None:
            rows = [line.split() for line in self._sockets("udp" if udp else "tcp").splitlines()]
            if any(len(row) > 3 and row[1].endswith(wanted) and row[3] == state for row in rows):
                return
            time.sleep(0.03)  # the tool says nowhere else that it is ready
        logs = "\n".join(path.read_text(errors="replace")[-500:] for path in self.folder.glob("log-*"))
        message = f"nothing listens on port {port}: {logs}"
        raise TimeoutError(message)

    def _sockets(self, kind: str) -> str:
        """Return the kernel's list, as the process started last sees it once it is in the namespace."""
        home = Path(f"/proc/{self.processes[-1].pid}")
        with contextlib.suppress(OSError):  # it has just ended
            if (home / "ns" / "net").stat().st_ino == Path("/run/netns", self.server).stat().st_ino:
                return "".join((home / "net" / name).read_text() for name in (kind, f"{kind}6"))
        return ""

    def link(self, **what: float) -> None:
        """Put a slow or lossy line in the cable's place; see `tests.lab.link`. Call it before all else."""
        self.inside("ip", "link", "del", "s0")
        log = self.folder / f"log-{len(self.processes)}"
        self.spawn(sys.executable, "-m", "tests.lab.link", json.dumps({"user": self.user, **what}))
        ends = time.monotonic() + READY_S
        while "ready" not in log.read_text():
            if time.monotonic() > ends:
                message = f"the line does not stand: {log.read_text()[-500:]}"
                raise TimeoutError(message)
            time.sleep(0.05)

    def inside(self, *words: str) -> str:
        """Run a program to its end in the server's namespace."""
        return _run("ip", "netns", "exec", self.server, *words)

    def rules(self, *lines: str, hook: str = "input") -> None:
        """Load nftables rules into the server's namespace; "type:hook:priority" makes a chain of another type."""
        kind, _, rest = hook.partition(":")
        where, _, priority = rest.partition(":")
        chain = (
            f"type {kind} hook {where} priority {priority};"
            if rest
            else f"type filter hook {hook} priority 0;"
        )
        text = "\n".join(["table inet lab {", "chain one {", chain, *lines, "}", "}", ""])
        path = self.folder / "rules.nft"
        path.write_text(text)
        self.inside("nft", "-f", str(path))

    def names(self, *options: str, port: int = 53) -> None:
        """Start dnsmasq as the user's name server, or another on another port."""
        self.spawn(
            "dnsmasq", "--keep-in-foreground", "--no-resolv", "--no-hosts", "--conf-file=/dev/null", "--user=root",
            "--pid-file", f"--port={port}", f"--listen-address={SERVER}", "--bind-interfaces", *options,
        )  # fmt: skip
        self.await_port(port, udp=True)


def _run(*words: str) -> str:
    done = subprocess.run(words, capture_output=True, timeout=STEP_S, check=False)
    if done.returncode:
        message = f"{' '.join(words)}: {done.stderr.decode(errors='replace')[-400:]}"
        raise OSError(message)
    return done.stdout.decode(errors="replace")


@contextmanager
def opened() -> Iterator[Net]:
    """Make the two namespaces and the cable; everything is removed at the end, whatever happened."""
    base = f"dklab-{os.getpid()}-{next(_NUMBERS)}"
    with TemporaryDirectory(prefix="deepkit-net-") as folder, contextlib.ExitStack() as stack:
        net = Net(f"{base}-u", f"{base}-s", Path(folder))
        Path(folder).chmod(0o755)  # squid and nginx give up root's rights
        for name in (net.user, net.server):
            etc = Path("/etc/netns") / name
            stack.callback(_forget, etc)
            etc.mkdir(parents=True)
            (etc / "resolv.conf").write_text(f"nameserver {SERVER}\n")
            _run("ip", "netns", "add", name)
            stack.callback(_try, ["ip", "netns", "del", name])
        stack.callback(_end, net)
        cable = f"link add u0 netns {net.user} type veth peer name s0 netns {net.server}"
        _run("ip", *cable.split())
        for name, device, address, sixth in (
            (net.user, "u0", USER, USER6), (net.server, "s0", SERVER, SERVER6),
        ):  # fmt: skip
            _run("ip", "-n", name, "addr", "add", f"{address}/24", "dev", device)
            _run("ip", "-n", name, "-6", "addr", "add", f"{sixth}/64", "dev", device, "nodad")
            _run("ip", "-n", name, "link", "set", "lo", "up")
            _run("ip", "-n", name, "link", "set", device, "up")
        yield net


def _forget(etc: Path) -> None:
    shutil.rmtree(etc, ignore_errors=True)
    with contextlib.suppress(OSError):
        etc.parent.rmdir()  # only when nothing else is in it


def _end(net: Net) -> None:
    for process in net.processes:
        process.terminate()
    for process in net.processes:
        try:
            process.wait(3)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(3)
