"""A labelled trouble as data, and the servers and target that it is made of."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, Literal

from deepkit.records import Route, Secret, Settings, Target, Timeouts
from deepkit.sandbox.impairments import LossyLine
from deepkit.sandbox.relay import Listener
from tests.lab.certificates import HOST, Roots
from tests.lab.name_server import NameServer
from tests.lab.proxy import Proxy
from tests.lab.replies import WELL, Behaviour, Reply
from tests.lab.servers import HANDLERS, Server
from tests.servers import black_hole, bound, refused_port, serving, serving_datagrams

KEY = "sk-lab0123456789abcdef0123456789ab"
DEAD = "127.0.0.77"
"""An address of loopback where nobody listens."""
PATIENT = Timeouts(connect=1.0, first_byte=3.0, idle=2.5, total=5.0)
QUICK = Timeouts(connect=0.8, first_byte=1.0, idle=0.8, total=2.0)


@dataclass(frozen=True)
class Network:
    """How one gets to the server.

    Args:
        tls: Kind of certificate (see certificates); "" is plain HTTP to the number 127.0.0.1.
        server: "behaviour" answers as the behaviour says; else a name of servers.HANDLERS, "refused" or "hole".
        speaks: "right", or "other": TLS where plain HTTP is asked for, and the reverse.
        dns: The system's name server: "", "nxdomain", "servfail", "silent", "stale", "lossy".
        fresh: Other name servers: "good", "same" (as the system's), "none".
        sixth: The name's IPv6 address: "" none, "refused", "hole", "good".
        proxy: The user's own way goes through a proxy that is this; "" goes directly.
        control: Another route, through a proxy that works and avoids what is wrong with the direct one.
        lossy: A line that loses packets leads to the server.
    """

    tls: str = ""
    server: str = "behaviour"
    speaks: Literal["right", "other"] = "right"
    dns: str = ""
    fresh: Literal["good", "same", "none"] = "good"
    sixth: str = ""
    proxy: str = ""
    control: bool = False
    lossy: bool = False


@dataclass(frozen=True)
class Scenario:
    """One labelled trouble.

    Args:
        name: The identifier.
        cause: The true cause, or "healthy".
        behaviour: What the server says.
        network: How one gets there.
        also: Further causes that are truly there; a pair must be found together.
        provider: The target's name.
        path: Path of the API's base.
        model: The model asked for.
        key: The user's key, None without.
        status: What the status page says; None is no page.
        conversation: The user's failing messages.
        deadline_s: Most time for the whole check-up, in seconds.
        timeouts: The client's patience.
        family: Which tier's table the scenario belongs to.
    """

    name: str
    cause: str
    behaviour: Behaviour = WELL
    network: Network = Network()
    also: tuple[str, ...] = ()
    provider: str = "deepseek"
    path: str = ""
    model: str = "deepseek-flash"
    key: str | None = KEY
    status: Reply | None = None
    conversation: tuple[Mapping[str, Any], ...] = ()
    deadline_s: float = 7.0
    timeouts: Timeouts = QUICK
    family: str = "answers"

    @property
    def truth(self) -> frozenset[str]:
        """Every cause that is truly there."""
        return frozenset({self.cause, *self.also}) - {"healthy"}


@asynccontextmanager
async def opened(one: Scenario, roots: Roots) -> AsyncIterator[tuple[Target, Settings]]:
    """Start a scenario's servers; yields whom to ask and how."""
    async with AsyncExitStack() as stack:
        port = await _server(stack, one, roots)
        named = bool(one.network.tls or one.network.dns or one.network.sixth)
        scheme = "https" if one.network.tls else "http"
        target = Target(
            name=one.provider,
            base_url=f"{scheme}://{HOST if named else '127.0.0.1'}:{port}{one.path}",
            key=Secret(one.key) if one.key is not None else None,
            model=one.model,
            ca_file=roots.public,
            system_ca_file=roots.machine,
            conversation=one.conversation,
            live=False,
        )
        target = await _names(stack, one.network, target)
        if one.status is not None:
            page = await stack.enter_async_context(serving(Server(Behaviour(every=one.status)).serve))
            target = replace(target, status_url=f"http://127.0.0.1:{page}/api")
        settings = Settings(timeouts=one.timeouts)
        routes: list[Route] = []
        if one.network.proxy:
            routes.append(Route("office", await _proxy(stack, one.network.proxy, port)))
            settings = replace(settings, route="office")
        if one.network.control:
            routes.append(Route("phone", await _proxy(stack, "good", await _sound(stack, one, roots))))
        yield replace(target, routes=tuple(routes)), settings


async def _server(stack: AsyncExitStack, one: Scenario, roots: Roots) -> int:
    network = one.network
    if network.server == "refused":
        return stack.enter_context(refused_port())
    if network.server == "hole":
        return stack.enter_context(black_hole())
    handler = HANDLERS.get(network.server) or Server(one.behaviour).serve
    wants_tls = bool(network.tls) if network.speaks == "right" else not network.tls
    context = roots.contexts[network.tls or "good"] if wants_tls and network.server == "behaviour" else None
    hosts = ("127.0.0.1", "::1") if network.sixth == "good" else ("127.0.0.1",)
    port = await stack.enter_async_context(serving(handler, tls=context, hosts=hosts))
    if network.sixth == "hole":
        stack.enter_context(black_hole("::1", port))
    if network.lossy:
        return await _listen(stack, LossyLine(port, seed=3))
    return port


async def _sound(stack: AsyncExitStack, one: Scenario, roots: Roots) -> int:
    """A server without the trouble, where the control route ends."""
    context = roots.contexts["good"] if one.network.tls else None
    return await stack.enter_async_context(serving(Server(Behaviour()).serve, tls=context))


async def _listen(stack: AsyncExitStack, listener: Listener) -> int:
    (sock,) = bound(("127.0.0.1",))
    await listener.start(sock)
    stack.push_async_callback(listener.stop)
    return int(sock.getsockname()[1])


async def _proxy(stack: AsyncExitStack, kind: str, port: int) -> str:
    if kind == "refused":
        return f"http://127.0.0.1:{stack.enter_context(refused_port())}"
    if kind == "hole":
        return f"http://127.0.0.1:{stack.enter_context(black_hole())}"
    return f"http://127.0.0.1:{await _listen(stack, Proxy(kind, port))}"


async def _names(stack: AsyncExitStack, network: Network, target: Target) -> Target:
    right = ("127.0.0.1", "::1") if network.sixth else ("127.0.0.1",)
    fault = network.dns if network.dns in ("nxdomain", "servfail", "silent") else ""
    own = (DEAD,) if network.dns == "stale" else right
    drop = {"lossy": 0.5}.get(network.dns, 0.35 if network.lossy else 0.0)  # a bad line loses datagrams, too
    system = await stack.enter_async_context(serving_datagrams(NameServer(own, fault, drop).answer))
    if network.fresh == "none":
        return replace(target, system_dns=system)
    other = NameServer(own, fault, drop) if network.fresh == "same" else NameServer(right)
    fresh = await stack.enter_async_context(serving_datagrams(other.answer))
    return replace(target, system_dns=system, fresh_dns=(fresh,))
