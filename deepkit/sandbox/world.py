"""Everything that listens in one sandbox, and the target that leads to it."""

import contextlib
import errno
import socket
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

from deepkit.errors import UsageError
from deepkit.records import Profile, Route, Secret, Target
from deepkit.sandbox.accounts import Accounts
from deepkit.sandbox.api import Api
from deepkit.sandbox.conversations import conversation
from deepkit.sandbox.dns_server import HOSTS, ZONE, NameServer
from deepkit.sandbox.http import HttpServer
from deepkit.sandbox.impairments import LossyLine, Middlebox, TlsEnd
from deepkit.sandbox.profiles import profile
from deepkit.sandbox.proxies import REGIONS, RegionalProxy
from deepkit.sandbox.question import AGGREGATOR_MODELS
from deepkit.sandbox.relay import Listener
from deepkit.sandbox.scenario import Scenario, Site
from deepkit.sandbox.site import LiveSite
from deepkit.sandbox.status import BASE, StatusPage
from deepkit.sandbox.web import routes as web_routes

HOME = "127.0.0.1"
DEAD = "127.0.0.66"
"""An address of loopback where nothing listens: the stale record."""
DROPPED = 0.35
"""Share of UDP queries that the lossy line loses."""


def bound(port: int = 0) -> socket.socket:
    """Return a listening socket on loopback.

    Raises:
        UsageError: When the port cannot be had.
    """
    try:
        listening = socket.create_server((HOME, port), backlog=128)
    except (OSError, OverflowError) as error:
        taken = getattr(error, "errno", None) == errno.EADDRINUSE
        why = "is in use by another program" if taken else "cannot be opened"
        message = f"Port {port} {why}; choose another, or 0 for a free one."
        raise UsageError(message) from error
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else every small answer waits 40 ms
    listening.setblocking(False)
    return listening


class World:
    """The servers of one scenario. Ports are taken at once, served from `start` to `stop`.

    Args:
        scenario: What is wrong.
        port: Port of the API's entry; 0 takes a free one.
        seed: Seed of everything that chance decides.

    Raises:
        UsageError: When the port cannot be had.
    """

    def __init__(self, scenario: Scenario, port: int, seed: int) -> None:
        self.scenario, self.seed = scenario, seed
        self.accounts = Accounts(seed, short_in_use=scenario.client.account == "short")
        self._stack = contextlib.ExitStack()
        self._entry = self._listen(port)
        specs = {**scenario.sites, "status": Site()}
        if scenario.client.alternatives:
            specs["aggregator"] = Site(provider="aggregator")
        behind = scenario.client.entry != "direct"
        self._sockets = {
            name: self._entry if name == "main" and not behind else self._listen() for name in specs
        }
        self.sites = {name: LiveSite(name, spec, seed, self._port(name)) for name, spec in specs.items()}
        self._doors: list[tuple[Listener, socket.socket]] = []
        self._http: HttpServer | None = None
        self._make_entry()
        self._make_proxies()
        self._make_names()

    def _listen(self, port: int = 0) -> socket.socket:
        try:
            return self._stack.enter_context(bound(port))
        except UsageError:
            self._stack.close()
            raise

    def _port(self, site: str) -> int:
        return int(self._sockets[site].getsockname()[1])

    def _make_entry(self) -> None:
        self.entry_port = int(self._entry.getsockname()[1])
        self.ca_file: Path | None = None
        self.system_ca_file: Path | None = None
        self.allowlisted_port = self.entry_port
        entry, main = self.scenario.client.entry, self._port("main")
        if entry == "lossy":
            self._doors.append((LossyLine(main, self.seed), self._entry))
        elif entry != "direct":
            self._make_tls(main, intercepted=entry == "intercepted")

    def _make_tls(self, main: int, *, intercepted: bool) -> None:
        from deepkit.sandbox.authority import Authorities  # a quarter of a second that others need not wait

        folder = Path(self._stack.enter_context(TemporaryDirectory(prefix="deepkit-sandbox-")))
        trusted = Authorities(folder)
        self.ca_file, self.system_ca_file = trusted.ca_file, trusted.system_ca_file
        genuine = self._entry
        if intercepted:
            genuine = self._listen()
            self._doors.append((Middlebox(main, trusted.forged), self._entry))
        self.allowlisted_port = int(genuine.getsockname()[1])
        self._doors.append((TlsEnd(main, trusted.genuine), genuine))

    def _make_proxies(self) -> None:
        main = frozenset({self.entry_port, self._port("main")})
        others = frozenset({self._port(name) for name in self.sites} | {self.allowlisted_port}) - main
        self.proxies: dict[str, str] = {}
        for region in REGIONS:
            where = self.scenario.regions.get(region, "main")
            entrance = (
                None if where == "blocked" else self.entry_port if where == "main" else self._port(where)
            )
            listening = self._listen()
            self._doors.append((RegionalProxy(region, main, entrance, others), listening))
            self.proxies[region] = f"http://{HOME}:{listening.getsockname()[1]}"

    def _make_names(self) -> None:
        right = {f"{host}.{ZONE}": HOME for host in HOSTS}
        stale = {**right, **{f"{host}.{ZONE}": DEAD for host in ("api", "chat")}}
        entry = self.scenario.client.entry
        self.system_names = NameServer(
            stale if entry == "name" else right, drop=DROPPED if entry == "lossy" else 0.0, seed=self.seed
        )
        self.fresh_names = [NameServer(right) for _ in range(2)]

    async def start(self) -> None:
        """Serve everything."""
        by_port = {site.port: site for site in self.sites.values()}
        routes = [*Api(self.accounts).routes(), *StatusPage(self.scenario).routes(), *web_routes()]
        self._http = HttpServer(list(self._sockets.values()), by_port, routes)
        await self._http.start()
        for door, listening in self._doors:
            await door.start(listening)
        for server in (self.system_names, *self.fresh_names):
            await server.start(HOME)

    async def stop(self) -> None:
        """Stop everything; what was never started is only closed."""
        try:
            for server in (self.system_names, *self.fresh_names):
                await server.stop()
            for door, _ in self._doors:
                await door.stop()
            if self._http is not None:
                await self._http.stop()
        finally:
            self.release()

    @property
    def faults(self) -> tuple[str, ...]:
        """Errors of the sandbox itself; none, unless it has a bug."""
        return tuple(self._http.faults) if self._http else ()

    def release(self) -> None:
        """Give the ports and files back."""
        self._stack.close()

    def target(self) -> Target:
        """Return whom the scenario's user asks, with a stand-in for everything outside the process."""
        client, plain = self.scenario.client, self._target(self.entry_port)
        quiet = self._port("quiet") if "quiet" in self.sites else self.entry_port
        better = self._port("main") if client.entry == "lossy" else self.entry_port
        funded = Secret(self.accounts.keys["funded"])
        stand_ins = {
            "quiet_hour": self._target(quiet),
            "topped_up": replace(plain, key=funded),
            "working_key": replace(plain, key=funded),
            "clean_profile": replace(plain, profile=Profile(blocked=plain.profile.blocked)),
            "no_extensions": replace(plain, profile=replace(plain.profile, blocked=())),
            "better_line": replace(self._target(better), system_dns=self._steady_dns()),
            "allowlisted": self._target(self.allowlisted_port),
        }
        return replace(plain, stand_ins=MappingProxyType(stand_ins))

    def _steady_dns(self) -> str:
        lossy = self.scenario.client.entry == "lossy"
        return (self.fresh_names[0] if lossy else self.system_names).address

    def _target(self, port: int) -> Target:
        client = self.scenario.client
        named = client.entry in ("name", "intercepted")
        scheme = "https" if named else "http"
        api, chat = ("api.deepseek.test", "chat.deepseek.test") if named else (HOME, HOME)
        return Target(
            name="sandbox",
            base_url=f"{scheme}://{api}:{port}",
            web_url=f"{scheme}://{chat}:{port}/",
            status_url=f"http://{HOME}:{self._port('status')}{BASE}",
            key=Secret(self.accounts.keys[client.account]),
            model=client.model,
            ca_file=str(self.ca_file) if self.ca_file else None,
            system_ca_file=str(self.system_ca_file) if self.system_ca_file else None,
            system_dns=self.system_names.address,
            fresh_dns=tuple(one.address for one in self.fresh_names),
            routes=self._routes(),
            alternatives=self._alternatives(),
            conversation=conversation(client.conversation),
            profile=profile(client.profile),
            live=False,
        )

    def _routes(self) -> tuple[Route, ...]:
        if not self.scenario.regions:
            return ()
        return tuple(Route(name, self.proxies[name], *where) for name, where in REGIONS.items())

    def _alternatives(self) -> tuple[Target, ...]:
        if "aggregator" not in self.sites:
            return ()
        return (
            Target(
                name="aggregator",
                base_url=f"http://{HOME}:{self._port('aggregator')}/api/v1",
                key=Secret(self.accounts.keys["aggregator"]),
                model=AGGREGATOR_MODELS[0],
                live=False,
            ),
        )
