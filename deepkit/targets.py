"""From a word on the command line to a Target: the sandbox, a provider by name, or a base URL.

Keys come from the environment only: DEEPKIT_API_KEY, or the provider's own variable. The key of another
provider is used only when the user names that provider for this run.
DEEPKIT_ROUTES names proxies to compare: "tokyo=http://user:pass@host:3128,office=socks5://host:1080".
A proxy that the environment names is used, as the official client uses it; the direct route is compared.
"""

import asyncio
import os
import re
import socket
import threading
import tomllib
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from deepkit.errors import UnknownNameError, UsageError
from deepkit.extras import require
from deepkit.facts import Provider, data_path, providers, tariff
from deepkit.records import Budget, Route, Secret, Settings, Target, Timeouts
from deepkit.sandbox import open_sandbox, scenarios
from deepkit.transport.backend import proxy_of
from deepkit.transport.conversations import Conversation
from deepkit.transport.key_travel import is_loopback, is_private, withheld
from deepkit.transport.proxy_rules import DIRECT, Destination, decisions
from deepkit.transport.resolve import literal
from deepkit.transport.system_proxy import system_proxy

LIVE_SETTINGS = Settings(timeouts=Timeouts(connect=5.0, first_byte=20.0, idle=15.0, total=30.0))
"""Patience of one live attempt: the tiny questions of a check-up take a second or two when all is well."""
ENVIRONMENT = "environment"
"""Name of the route that the machine's own proxy settings make."""
LOOKUP_S = 5.0
"""How long the lookup of a plain http:// target's name may take before the run starts, in seconds."""


@dataclass(frozen=True, slots=True)
class Case:
    """A target ready to be asked, the settings its user starts with, and the sandbox's scenario if it is one."""

    target: Target
    settings: Settings
    scenario: str | None = None


def check_target(target: str, *, scenario: str | None = None) -> None:
    """Refuse a target or scenario that cannot be used, before anything is started, built or measured.

    Raises:
        UsageError: With one sentence that says what to do.
    """
    if target == "sandbox":
        if scenario is not None and scenario not in (known := [one.name for one in scenarios()]):
            raise UnknownNameError("scenario", scenario, known)
        require("uvicorn", extra="sandbox")
        return
    if scenario is not None:
        message = f"--scenario belongs to the sandbox; leave it out for {target}, or use --target sandbox."
        raise UsageError(message)
    base_url, _ = _found(target)
    if not is_loopback(urlsplit(base_url).hostname or ""):
        tuple(_routes())


@contextmanager
def open_target(target: str | Target, *, scenario: str | None = None, seed: int = 0) -> Iterator[Case]:
    """Open what a target's name means; a sandbox is started here and stopped again.

    Args:
        target: "sandbox", a provider's name, a base URL, or a Target that is used as it is.
        scenario: The sandbox's scenario; "rush_hour" unless named.
        seed: Seed of the sandbox.

    Yields:
        The case.

    Raises:
        UsageError: When the name, the address or the scenario cannot be used.
    """
    if isinstance(target, Target):
        yield Case(target, LIVE_SETTINGS if target.live else Settings())
        return
    check_target(target, scenario=scenario)
    if target == "sandbox":
        with open_sandbox(scenario or "rush_hour", seed=seed) as box:
            yield Case(box.target, box.settings, box.scenario.name)
    else:
        yield _live_case(target)


@asynccontextmanager
async def open_target_async(
    target: str | Target, *, scenario: str | None = None, seed: int = 0
) -> AsyncIterator[Case]:
    """Open what a target's name means; the awaitable twin of `open_target`.

    A live target is built in a thread: it reads the system's proxy settings, which may take a second, and
    the loop may be measuring something else.
    """
    if isinstance(target, Target) or target == "sandbox":
        with open_target(target, scenario=scenario, seed=seed) as case:
            yield case
    else:
        check_target(target, scenario=scenario)
        yield await asyncio.to_thread(_live_case, target)


def _live_case(name: str) -> Case:
    return case_of(live_target(name))


def case_of(target: Target) -> Case:
    """Return a live target with its user's settings: over the environment's proxy, where there is one."""
    own = next((one.name for one in target.routes if one.name == ENVIRONMENT), LIVE_SETTINGS.route)
    return Case(target, replace(LIVE_SETTINGS, route=own))


def with_own(
    target: Target, *, routes: Iterable[Route] = (), conversation: Conversation | None = None
) -> Target:
    """Return a target with what a user brings along.

    Args:
        target: Whom to ask.
        routes: More ways to compare; one of a known name replaces it.
        conversation: The user's failing conversation, and the model that it names.

    Returns:
        The changed copy.
    """
    known = {one.name: one for one in (*target.routes, *routes)}
    if conversation is None:
        return replace(target, routes=tuple(known.values()))
    model = conversation.model or target.model
    return replace(target, routes=tuple(known.values()), conversation=conversation.messages, model=model)


def live_target(name: str, *, alternatives: Iterable[str] = (), send_key_in_clear: bool = False) -> Target:
    """Return the target that a provider's name or a base URL means, with the key from the environment.

    Args:
        name: A name of data/providers.toml, or an http:// or https:// address.
        alternatives: Names of other providers that may be asked too, each with the key of its own variable.
        send_key_in_clear: Send the key even where anybody on the way can read it.

    Returns:
        The target; its key is None when the environment has none.

    Raises:
        UsageError: When it is neither, or an alternative cannot be asked.
    """
    base_url, provider = _found(name)
    host = urlsplit(base_url).hostname or ""
    key, reached = _key(provider), _reached(base_url)
    here = bool(reached) and all(map(is_loopback, reached))
    private = bool(reached) and all(map(is_private, reached))
    return Target(
        name=provider.name if provider else "custom",
        base_url=base_url.rstrip("/"),
        web_url=provider.web_url if provider else None,
        status_url=provider.status_url if provider else None,
        key=key,
        model=provider.models[0] if provider and provider.models else "deepseek-flash",
        fresh_dns=() if private else _resolvers(),
        routes=() if here else (*_environment_route(base_url), *_routes()),
        alternatives=tuple(_alternative(one, provider) for one in alternatives),
        live=not here,
        private=private and literal(host) is None,
        key_in_clear=send_key_in_clear,
    )


def _reached(base_url: str) -> tuple[str, ...]:
    """Return the addresses that a plain http:// target leads to; others are not looked up before they are asked."""
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    if literal(host) or parts.scheme == "https":
        return (host,) if literal(host) else ("127.0.0.1",) if host == "localhost" else ()
    return ("127.0.0.1",) if host == "localhost" else system_lookup(host)


def system_lookup(host: str) -> tuple[str, ...]:
    """Return what this machine's resolver says of a name; nothing where it fails or takes too long."""
    found: list[str] = []

    def look_up() -> None:
        with suppress(OSError, UnicodeError):
            found.extend(str(one[4][0]) for one in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM))

    thread = threading.Thread(
        target=look_up, name="deepkit-lookup", daemon=True
    )  # a hung one holds up nobody
    thread.start()
    thread.join(LOOKUP_S)
    return tuple(dict.fromkeys(found))


def before_the_start(case: Case, budget: Budget) -> tuple[str, ...]:
    """Say before a run who will be asked, what it may cost, and whether the key stays here.

    Args:
        case: The target and its settings.
        budget: The most that the run may spend.

    Returns:
        Sentences for people.
    """
    target = case.target
    others = ", ".join(one.name for one in target.alternatives)
    also = f", one question each to {others}, which you named" if others else ""
    lines = [f"Asked: {urlsplit(target.base_url).hostname}{also}. Cost: {_cost(target, budget)}."]
    if why := withheld(target, proxy_of(target, case.settings.route)):
        lines.append(why)
    return tuple(lines)


def _cost(target: Target, budget: Budget) -> str:
    """Say what a run may cost: by DeepSeek's price list where it is asked, else in tokens."""
    tokens = f"at most {budget.tokens} tokens of output"
    prices = [one.output for one in tariff().prices if one.model == target.model] if target.live else []
    if target.name != "deepseek" or not prices:
        return tokens
    return f"{tokens} ({max(prices) * budget.tokens / 1e6:.3f} USD by the price list) and the short questions"


def _found(name: str) -> tuple[str, Provider | None]:
    """Return the base URL that a word means, and the provider it is one of."""
    known = {one.name: one for one in providers()}
    base_url = known[name].base_url if name in known else _checked_url(name, sorted(known))
    if "{" in base_url:
        message = f"{name} has an address of your own; give that base URL instead of the name."
        raise UsageError(message)
    host = urlsplit(base_url).hostname
    at_host = (one for one in known.values() if urlsplit(one.base_url).hostname == host)
    return base_url, known.get(name) or next(at_host, None)


def _checked_url(text: str, known: list[str]) -> str:
    try:
        parts = urlsplit(text.strip())
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable:
        names = ", ".join(["sandbox", *known])
        message = (
            f"{text!r} is neither a known target nor an address; write https://HOST/... or one of: {names}"
        )
        raise UsageError(message)
    if parts.username or parts.password:
        message = "The address carries a user name or password; take it out and set DEEPKIT_API_KEY instead."
        raise UsageError(message)
    return text.strip()


def _key(provider: Provider | None) -> Secret | None:
    names = ["DEEPKIT_API_KEY", provider.key_variable if provider else None]
    return next((Secret(os.environ[name]) for name in names if name and name in os.environ), None)


def _alternative(name: str, asked: Provider | None) -> Target:
    """Return another provider that the user named for this run.

    Raises:
        UsageError: When it is unknown, is the target itself, has no address, or its key is not set.
    """
    known = {one.name: one for one in providers() if one.models and "{" not in one.base_url}
    if name not in known:
        raise UnknownNameError("provider", name, known)
    one = known[name]
    if one == asked:
        message = f"{name} is asked anyway; --alternatives names other providers."
        raise UsageError(message)
    key = os.environ.get(one.key_variable or "")
    if not key:
        message = f"To ask {name} too, set its key in {one.key_variable}."
        raise UsageError(message)
    return Target(name=one.name, base_url=one.base_url, key=Secret(key), model=one.models[0])


def _environment_route(base_url: str) -> Iterator[Route]:
    """Yield the proxy that the official client would take from the environment and the system's settings."""
    parts = urlsplit(base_url)
    place = Destination(parts.scheme, parts.hostname or "", parts.port)
    taken = decisions(place, os.environ, system_proxy())["httpx2"]
    proxy = re.sub(r"^socks5h://", "socks5://", taken if "://" in taken else f"http://{taken}")
    if taken != DIRECT and _usable(proxy):
        yield Route(ENVIRONMENT, proxy)


def _routes() -> Iterator[Route]:
    for part in filter(None, (p.strip() for p in os.environ.get("DEEPKIT_ROUTES", "").split(","))):
        yield read_route(part, "DEEPKIT_ROUTES")


def read_route(text: str, given_as: str = "--route") -> Route:
    """Read a route: its name, and the address of its proxy.

    Args:
        text: "NAME=http://HOST:PORT", https or socks5 likewise.
        given_as: Where the text was given, for the error.

    Returns:
        The route.

    Raises:
        UsageError: When the address cannot be used; it is not repeated, since it may hold a password.
    """
    name, _, proxy = text.partition("=")
    if not name.strip() or not _usable(proxy.strip()):
        message = f"{given_as}: {name!r} has no proxy address; write NAME=http://HOST:PORT or socks5://..."
        raise UsageError(message)
    return Route(name.strip(), proxy.strip())


def _usable(proxy: str) -> bool:
    try:
        parts = urlsplit(proxy)
        return parts.scheme in ("http", "https", "socks5") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return False


def _resolvers() -> tuple[str, ...]:
    listed = tomllib.loads(data_path("resolvers.toml").read_text(encoding="utf-8"))["resolvers"]
    return tuple(one["address"] for one in listed)
