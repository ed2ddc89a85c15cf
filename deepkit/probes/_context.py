"""What the probes of one run share: the target, the settings, the meter, and answers asked for once."""

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from statistics import median
from time import perf_counter, time
from typing import Any, TypeVar
from urllib.parse import SplitResult

from deepkit.checks import Answered, Facts, checked
from deepkit.records import Observation, Outcome, Policy, Settings, Target
from deepkit.transport import Exchange, Meter, send
from deepkit.transport.configured import Configured, configured
from deepkit.transport.request import checked_base
from deepkit.transport.resolve import Answer, ask_server, in_thread, literal, system_addresses
from deepkit.transport.served_by import trace_of

T = TypeVar("T")
A = TypeVar("A", bound=Answered)
Observations = AsyncGenerator[Observation, None]
"""What a probe yields: each observation as it becomes known."""

LIVE_QUESTIONS = 1
QUESTIONS = 6
"""Concurrent questions: 1 live, 6 in the sandbox."""
MARGIN_S = 0.3
"""What a question leaves of the run's time for writing up what it found, in seconds."""
LOOKUP_S = 6.0
"""Least patience with this machine's own lookup: one name server that is silent costs 5 s, and is to be seen."""


@dataclass
class Context:
    """One run.

    Args:
        target: Whom to look at; the assumed changes have been applied.
        settings: How the user's client behaves, without the assumed changes.
        meter: Counts every request.
        ends: When the run must be over, by perf_counter.
        stand_ins: The target's stand-ins, for probes that use one as a control.
    """

    target: Target
    settings: Settings
    meter: Meter
    ends: float
    stand_ins: Mapping[str, Target] = field(default_factory=dict)
    rng: random.Random = field(default_factory=lambda: random.Random(0))

    def __post_init__(self) -> None:
        self._shared: dict[str, asyncio.Task[Any]] = {}
        self.gate = asyncio.Semaphore(LIVE_QUESTIONS if self.target.live else QUESTIONS)

    @property
    def left_s(self) -> float:
        """Seconds that a question may still take."""
        return max(0.05, self.ends - perf_counter() - MARGIN_S)

    @property
    def base(self) -> SplitResult:
        """The API's address, split.

        Raises:
            FaultError: bad_address.
        """
        return checked_base(self.target.base_url)

    @property
    def host(self) -> str:
        """The API's host."""
        return self.base.hostname or ""

    @property
    def port(self) -> int:
        """The API's port."""
        return self.base.port or (443 if self.base.scheme == "https" else 80)

    def single(self) -> Settings:
        """The user's settings for one question by itself: the API, no retry, no failover, within the time left."""
        limits = self.settings.timeouts
        return replace(
            self.settings,
            surface="api",
            policy=Policy(),
            failover=(),
            history="fresh",
            timeouts=replace(limits, total=min(limits.total, self.left_s)),
        )

    async def once(self, name: str, work: Callable[[], Awaitable[T]]) -> T:
        """Do something once in a run; whoever comes later waits for the same result."""
        if name not in self._shared:
            self._shared[name] = asyncio.ensure_future(work())
        result: T = await asyncio.shield(self._shared[name])
        return result

    async def close(self) -> None:
        """End what is shared and still running."""
        for task in self._shared.values():
            task.cancel()
        await asyncio.gather(*self._shared.values(), return_exceptions=True)

    async def system_dns(self) -> Answer:
        """What the user's machine gets for the API's host."""
        patience = self.settings.timeouts.connect
        if self.target.live:
            patience = max(patience, LOOKUP_S)
        return await self.once(
            "system_dns",
            lambda: system_addresses(self.host, self.target, timeout_s=min(patience, self.left_s)),
        )

    async def configured(self) -> Configured:
        """Which servers this machine asks; what stands in for its resolver, where something does."""
        if self.target.system_dns:
            return Configured((self.target.system_dns,))
        if not self.target.live or literal(self.host):
            return Configured()
        return await self.once("configured", lambda: in_thread(configured))

    async def asked(self, servers: Sequence[str], host: str) -> list[Answer]:
        """Ask each of some servers for a name, side by side."""
        bound = min(self.settings.timeouts.connect, self.left_s)
        tried = (ask_server(one, host, timeout_s=bound, ca_file=self.target.ca_file) for one in servers)
        return list(await asyncio.gather(*tried))

    async def fresh_dns(self) -> list[Answer]:
        """What each of the target's other servers says."""
        return await self.once("fresh_dns", lambda: self.asked(self.target.fresh_dns, self.host))

    async def gateway(self) -> Exchange:
        """GET /models without the key: does the API's front answer at all?"""
        return await self.once("gateway", lambda: self.get("/models", with_key=False))

    async def models(self) -> Exchange:
        """GET /models with the key."""
        return await self.once("models", lambda: self.get("/models", with_key=True))

    async def get(self, path: str, *, with_key: bool) -> Exchange:
        """Send one GET under the user's settings."""
        settings = self.single()
        return await send(self.target, settings, self.meter, "GET", path, with_key=with_key)


class Stopwatch:
    """Makes the observations of one probe; each says when it began and how long it took."""

    def __init__(self) -> None:
        self._at, self._began = time(), perf_counter()

    def saw(
        self, facts: Facts, outcome: Outcome, reason: str = "", *, failure: str | None = None
    ) -> Observation:
        """Return the observation of the check that these facts belong to."""
        return Observation(
            facts.check, outcome, failure, facts, reason, self._at, perf_counter() - self._began
        )

    def not_checked(self, facts: type[Facts], reason: str) -> Observation:
        """Return an observation that says why a check was not made."""
        return self.saw(facts(), "not_checked", reason)


def middle(values: Iterable[float | None]) -> float | None:
    """Return the median of what was measured."""
    known = [value for value in values if value is not None]
    return median(known) if known else None


def answered(record: type[A], told: Exchange, **more: Any) -> A:
    """Read what an exchange says of an answer's outside into a record of facts.

    Args:
        record: The class of the check's facts.
        told: The exchange.
        more: Further fields that the server filled.

    Returns:
        The facts; what cannot be read is named in them.
    """
    assert more.keys() <= {one.name for one in fields(record)}, f"{record.__name__}: {sorted(more)}"
    outside = {
        "status": told.status,
        "address": told.address,
        "error_message": told.error_message,
        "error_type": told.error_type,
        "body_kind": told.body_kind,
        "block_page": told.block_page,
        "trace_id": trace_of(told.headers),
        "detail": told.detail or None,
        "key_sent": told.key_sent,
        "other_key": told.other_key,
    }
    return checked(record, outside | more)
