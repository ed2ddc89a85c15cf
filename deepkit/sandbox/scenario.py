"""Scenarios as data: what is wrong, where, and which fixes truly help; read from `data/scenarios/*.toml`."""

import tomllib
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

import msgspec

from deepkit.errors import UnknownNameError
from deepkit.facts import data_path

Face = Literal[
    "healthy", "load", "station", "full", "keepalive", "blank", "silent", "no_resource", "down", "blocked"
]
Entry = Literal["direct", "name", "intercepted", "lossy"]
Account = Literal["funded", "short", "empty", "unknown"]


@dataclass(frozen=True, slots=True)
class Load:
    """The cluster behind a site, as `deepkit.cluster` runs it.

    Args:
        servers: Requests served at once.
        queue: Waiting places.
        arrival_rate: Other people's requests a second, at a factor of 1.
        service_s: Mean service time of theirs, in seconds.
        law: Law of the service time.
        hour: UTC hour whose share of the published node count scales the arrivals; None is a factor of 1.
        horizon_s: Length of the load's path, in seconds, after which it begins again.
    """

    servers: int
    queue: int
    arrival_rate: float
    service_s: float
    law: str = "erlang"
    hour: int | None = None
    horizon_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Site:
    """One listening server.

    Args:
        face: What it makes of a question.
        fail: Of each block of this many questions (second number) so many fail (first), shuffled by the seed.
        web: The face of the chat page, where it differs from the API's.
        load: The cluster behind face "load", or the station of face "station", whose servers and queue are
            really held by its own clients' requests.
        context: The longest context it takes, in tokens.
        provider: Who it claims to be: deepseek or aggregator.
    """

    face: Face = "healthy"
    fail: tuple[int, int] = (1, 1)
    web: Face | None = None
    load: Load | None = None
    context: int = 1_048_576
    provider: Literal["deepseek", "aggregator"] = "deepseek"


@dataclass(frozen=True, slots=True)
class Client:
    """What the scenario's user has and does.

    Args:
        account: Which account the key belongs to.
        model: The model asked for.
        conversation: The failing conversation: "", "long" or "broken".
        profile: The browser: "plain", "stale" or "blocker".
        entry: The way to the main site.
        alternatives: There is an aggregator to fail over to.
        timeouts: Bounds of one attempt in the scenario's compressed time: connect, first_byte, idle, total (s).
    """

    account: Account = "funded"
    model: str = "deepseek-flash"
    conversation: Literal["", "long", "broken"] = ""
    profile: Literal["plain", "stale", "blocker"] = "plain"
    entry: Entry = "direct"
    alternatives: bool = False
    timeouts: tuple[float, float, float, float] = (1.0, 1.5, 1.0, 2.5)


@dataclass(frozen=True, slots=True)
class Scenario:
    """A trouble with its true cause.

    Args:
        name: The identifier.
        title: One line.
        cause: One of `deepkit.causes`, or "healthy".
        fixes: Keys of the fixes that truly help here, best first.
        surface: What the user uses.
        story: What happens, in a few sentences.
        order: Place in the list.
        source: What in the world it is modelled on.
        sites: The servers by name; "main" always, "quiet" is the same at a quiet hour.
        regions: Which site (or "blocked") each regional proxy leads to; empty leads to main everywhere.
        client: The user.
        status: Component states on the status page: chat and api.
        incident: Title of the open incident, if the page has one.
    """

    name: str
    title: str
    cause: str
    fixes: tuple[str, ...]
    surface: Literal["api", "web"]
    story: str
    order: int = 0
    source: str = ""
    sites: dict[str, Site] = field(default_factory=lambda: {"main": Site()})
    regions: dict[str, str] = field(default_factory=dict)
    client: Client = Client()
    status: dict[str, str] = field(default_factory=dict)
    incident: str = ""

    def __hash__(self) -> int:
        return hash(self.name)


@cache
def scenarios() -> tuple[Scenario, ...]:
    """Return all scenarios in their order."""
    found = [_read(path.read_text(encoding="utf-8")) for path in data_path("scenarios").glob("*.toml")]
    return tuple(sorted(found, key=lambda one: (one.order, one.name)))


def scenario_named(name: str) -> Scenario:
    """Return the scenario of that name.

    Raises:
        UnknownNameError: When there is none.
    """
    known = {one.name: one for one in scenarios()}
    if name not in known:
        raise UnknownNameError("scenario", name, known)
    return known[name]


def _read(text: str) -> Scenario:
    return msgspec.convert(tomllib.loads(text), Scenario)
