"""From a word on the command line to a Target: the sandbox, a provider by name, or a base URL.

Keys come from the environment only: DEEPKIT_API_KEY, or the provider's own variable.
DEEPKIT_ROUTES names proxies to compare: "tokyo=http://user:pass@host:3128,office=socks5://host:1080".
A proxy that the environment names is the way taken, as the official client takes it; the direct way is compared.
"""

import os
import re
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from deepkit.errors import UnknownNameError, UsageError
from deepkit.extras import require
from deepkit.facts import Provider, data_path, providers
from deepkit.records import Route, Secret, Settings, Target, Timeouts
from deepkit.sandbox import open_sandbox, scenarios
from deepkit.transport.conversations import Conversation
from deepkit.transport.proxy_rules import DIRECT, Place, decisions
from deepkit.transport.system_proxy import system_proxy

LIVE_SETTINGS = Settings(timeouts=Timeouts(connect=5.0, first_byte=20.0, idle=15.0, total=30.0))
"""Patience of one live attempt: the tiny questions of a check-up take a second or two when all is well."""
ENVIRONMENT = "environment"
"""Name of the route that the machine's own proxy settings make."""


@dataclass(frozen=True, slots=True)
class Case:
    """A target ready to be asked, the settings its user starts with, and the sandbox's scenario if it is one."""

    target: Target
    settings: Settings
    scenario: str | None = None


def check_target(target: str, *, scenario: str | None = None) -> None:
    """Refuse a target or scenario that cannot be used, before anything is started.

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
    live_target(target)


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
    if target != "sandbox":
        live = live_target(target)
        own = next((one.name for one in live.routes if one.name == ENVIRONMENT), LIVE_SETTINGS.route)
        yield Case(live, replace(LIVE_SETTINGS, route=own))
        return
    with open_sandbox(scenario or "rush_hour", seed=seed) as box:
        yield Case(box.target, box.settings, box.scenario.name)


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
    ways = {one.name: one for one in (*target.routes, *routes)}
    if conversation is None:
        return replace(target, routes=tuple(ways.values()))
    model = conversation.model or target.model
    return replace(target, routes=tuple(ways.values()), conversation=conversation.messages, model=model)


def live_target(name: str) -> Target:
    """Return the target that a provider's name or a base URL means, with the key from the environment.

    Args:
        name: A name of data/providers.toml, or an http:// or https:// address.

    Returns:
        The target; its key is None when the environment has none.

    Raises:
        UsageError: When it is neither.
    """
    known = {one.name: one for one in providers()}
    base_url = known[name].base_url if name in known else _checked_url(name, sorted(known))
    provider = known.get(name) or _provider_at(base_url, known.values())
    if "{" in base_url:
        message = f"{name} has an address of your own; give that base URL instead of the name."
        raise UsageError(message)
    host = urlsplit(base_url).hostname or ""
    return Target(
        name=provider.name if provider else "custom",
        base_url=base_url.rstrip("/"),
        web_url=provider.web_url if provider else None,
        status_url=provider.status_url if provider else None,
        key=_key(provider),
        model=provider.models[0] if provider and provider.models else "deepseek-flash",
        fresh_dns=() if _is_local(host) else _resolvers(),
        routes=() if _is_local(host) else (*_environment_route(base_url), *_routes()),
        alternatives=tuple(_alternatives(known.values(), but=provider)),
        live=not _is_local(host),
    )


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


def _provider_at(url: str, known: Iterable[Provider]) -> Provider | None:
    host = urlsplit(url).hostname
    return next((one for one in known if urlsplit(one.base_url).hostname == host), None)


def _key(provider: Provider | None) -> Secret | None:
    names = ["DEEPKIT_API_KEY", provider.key_variable if provider else None]
    return next((Secret(os.environ[name]) for name in names if name and name in os.environ), None)


def _alternatives(known: Iterable[Provider], but: Provider | None) -> Iterator[Target]:
    for one in known:
        variable = one.key_variable
        if (
            one is but
            or not one.models
            or variable is None
            or not os.environ.get(variable)
            or "{" in one.base_url
        ):
            continue
        yield Target(
            name=one.name, base_url=one.base_url, key=Secret(os.environ[variable]), model=one.models[0]
        )


def _environment_route(base_url: str) -> Iterator[Route]:
    """Yield the proxy that the official client would take from the environment and the system's settings."""
    parts = urlsplit(base_url)
    place = Place(parts.scheme, parts.hostname or "", parts.port)
    way = decisions(place, os.environ, system_proxy())["httpx2"]
    proxy = re.sub(r"^socks5h://", "socks5://", way if "://" in way else f"http://{way}")
    if way != DIRECT and _usable(proxy):
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


def _is_local(host: str) -> bool:
    return host == "localhost" or host.startswith("127.") or host == "::1"
