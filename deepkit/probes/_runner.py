"""Target, Settings -> Evidence: every check that can be made, side by side, each with its own end.

To add a probe: write the facts of its checks in `deepkit/checks/`, then `deepkit/probes/<layer>.py` with
`CHECKS` (the names of its observations) and `probe(context)`, an asynchronous generator of observations,
and add the module to `PROBES`.
"""

import asyncio
import contextlib
from collections.abc import Callable, Collection
from dataclasses import replace
from time import perf_counter, time
from typing import Protocol

from deepkit.checks import BY_CHECK, Facts
from deepkit.errors import UnknownNameError
from deepkit.loops import run
from deepkit.probes import (
    account,
    alternatives,
    chat,
    conversation,
    dns,
    http,
    local,
    local_net,
    path,
    proxy,
    routes,
    status,
    tcp,
    tls,
    web,
)
from deepkit.probes._context import Context, Observations
from deepkit.records import Budget, Evidence, Observation, Outcome, Settings, Target
from deepkit.transport import Meter
from deepkit.transport.failures import FaultError
from deepkit.transport.resolve import literal

__all__ = ["CHECKS", "PROBES", "probe", "probe_async"]

DEADLINE_S = 20.0
"""Most time for one run, in seconds."""
CONCURRENT = 16
"""Probes that run at once; questions to the model are bounded further, see Context.gate."""


class Probe(Protocol):
    """A module of one layer."""

    @property
    def CHECKS(self) -> tuple[str, ...]:  # noqa: N802
        """Names of the observations that it yields."""

    def probe(self, context: Context) -> Observations:
        """Yield the layer's observations as they become known."""


PROBES: tuple[Probe, ...] = (
    local_net,
    dns,
    tcp,
    tls,
    http,
    account,
    chat,
    conversation,
    web,
    status,
    routes,
    alternatives,
    proxy,
    local,
    path,
)
CHECKS: tuple[str, ...] = tuple(name for one in PROBES for name in one.CHECKS)


async def probe_async(
    target: Target,
    settings: Settings,
    *,
    meter: Meter | None = None,
    only: Collection[str] | None = None,
    deadline_s: float = DEADLINE_S,
    on_observation: Callable[[Observation], None] | None = None,
) -> Evidence:
    """Make every check on a target; the awaitable twin of `probe`."""
    if only is not None and (unknown := set(only) - set(CHECKS)):
        raise UnknownNameError("check", min(unknown), CHECKS)
    used = meter or Meter(Budget(requests=60))
    before, at, began = used.requests, time(), perf_counter()
    context = Context(
        target.under(settings),
        replace(settings, assume=frozenset()),
        used,
        began + deadline_s,
        target.stand_ins,
    )
    found: dict[str, Observation] = {}
    _load(context)

    def take(seen: Observation) -> None:
        if (only is None or seen.check in only) and seen.check not in found:
            found[seen.check] = seen
            if on_observation is not None:
                on_observation(seen)

    wanted = [one for one in PROBES if only is None or set(only) & set(one.CHECKS)]
    slots = asyncio.Semaphore(CONCURRENT)
    try:
        async with asyncio.TaskGroup() as group:
            for one in wanted:
                group.create_task(_one(one, context, take, slots))
    finally:
        await context.close()
    ordered = tuple(found[name] for one in PROBES for name in one.CHECKS if name in found)
    return Evidence(ordered, target.name, settings, used.requests - before, at, perf_counter() - began)


def _load(context: Context) -> None:
    """Load what the probes need before anything is timed: an import holds the loop up."""
    import dns.message
    import psutil  # noqa: F401

    if context.target.base_url.startswith("https:"):
        import cryptography.x509  # noqa: F401
    with contextlib.suppress(FaultError):  # an address that cannot be used is every check's to tell
        if not literal(context.host):  # an address is looked up nowhere
            import dns.asyncquery
            import dns.resolver  # noqa: F401


async def _one(
    one: Probe, context: Context, take: Callable[[Observation], None], slots: asyncio.Semaphore
) -> None:
    """Run one probe to its end, its failure or the deadline; what it owes becomes check_failed."""
    told: set[str] = set()
    failure, at, began = None, time(), perf_counter()
    async with slots:
        observations = one.probe(context)
        try:
            async with asyncio.timeout_at(asyncio.get_running_loop().time() + context.ends - perf_counter()):
                async for seen in observations:
                    told.add(seen.check)
                    take(seen)
            reason = "the check ended without a result"
        except TimeoutError:
            failure, reason = "deadline", "the check was not over when its time was up"
        except FaultError as error:
            failure, reason = error.failure, str(error)
        except Exception as error:
            reason = f"the check itself broke: {type(error).__name__}"
        finally:
            await observations.aclose()
    for name in one.CHECKS:
        if name not in told:
            outcome: Outcome = "fault" if failure == "bad_address" else "check_failed"
            facts = BY_CHECK.get(name, Facts)()
            take(Observation(name, outcome, failure, facts, reason, at, perf_counter() - began))


def probe(
    target: Target,
    settings: Settings,
    *,
    meter: Meter | None = None,
    only: Collection[str] | None = None,
    deadline_s: float = DEADLINE_S,
    on_observation: Callable[[Observation], None] | None = None,
) -> Evidence:
    """Make every check on a target, side by side.

    Args:
        target: Whom to look at.
        settings: How the user's client behaves; the checks obey it.
        meter: Counts every request; one with 60 requests unless given.
        only: Names of the checks to make; all unless given.
        deadline_s: Most time for all of them, in seconds.
        on_observation: Called with each observation as it arrives, from DeepKit's own thread.

    Returns:
        The evidence, in the order of CHECKS.

    Raises:
        UnknownNameError: When `only` names a check that there is none of.
    """
    return run(
        probe_async(
            target, settings, meter=meter, only=only, deadline_s=deadline_s, on_observation=on_observation
        )
    )
