"""The sandbox in its thread: started when opened, gone when closed."""

import asyncio
import threading
from types import TracebackType
from typing import TYPE_CHECKING, Any

from deepkit.errors import DeepkitError
from deepkit.extras import extra
from deepkit.records import Settings, Target, Timeouts
from deepkit.sandbox.scenario import Scenario, scenario_named

if TYPE_CHECKING:
    from deepkit.sandbox.world import World

START_S = 30.0
"""How long the start may take, in seconds; it needs a fraction of one."""
STOP_S = 10.0


class Sandbox:
    """A running sandbox in a daemon thread with an event loop of its own.

    Args:
        scenario: What is wrong.
        port: Port of the API; 0 takes a free one.
        seed: Seed of everything that chance decides.

    Raises:
        UsageError: When the port cannot be had.
    """

    def __init__(self, scenario: Scenario, *, port: int = 0, seed: int = 0) -> None:
        with extra("sandbox"):
            from deepkit.sandbox.world import World  # the servers' libraries load only when one is opened

        self.scenario, self.seed = scenario, seed
        self._world = World(scenario, port, seed)
        self._ready, self._closing = threading.Event(), threading.Lock()
        self._failed: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._body, name="deepkit-sandbox", daemon=True)
        self._thread.start()
        if not self._ready.wait(START_S) or self._failed is not None:
            self.close()
            message = "The sandbox could not be started; nothing of it is left running."
            raise DeepkitError(message) from self._failed
        self.target: Target = self._world.target()

    @property
    def settings(self) -> Settings:
        """What a user in this scenario starts with."""
        return Settings(surface=self.scenario.surface, timeouts=Timeouts(*self.scenario.client.timeouts))

    @property
    def faults(self) -> tuple[str, ...]:
        """Errors of the sandbox itself; none, unless it has a bug."""
        return self._world.faults

    def info(self) -> dict[str, Any]:
        """Return the addresses for other clients, as JSON values; the key is good for this sandbox only."""
        target = self.target
        return {
            "base_url": target.base_url,
            "web_url": target.web_url,
            "status_url": target.status_url,
            "dns": {"system": target.system_dns, "fresh": list(target.fresh_dns)},
            "proxies": dict(self._world.proxies),
            "ca": target.ca_file,
            "api_key": target.key.reveal() if target.key else None,
            "scenario": self.scenario.name,
            "seed": self.seed,
        }

    def close(self) -> None:
        """Stop everything; more than once does no harm."""
        with self._closing:
            loop, stop = self._loop, self._stop
            if self._thread.is_alive() and loop is not None and stop is not None:
                loop.call_soon_threadsafe(stop.set)
            self._thread.join(STOP_S)
            self._world.release()

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _body(self) -> None:
        try:
            asyncio.run(_lifetime(self, self._world))
        except BaseException as error:
            self._failed = error
        finally:
            self._ready.set()

    def _opened(self, loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
        self._loop, self._stop = loop, stop
        self._ready.set()


async def _lifetime(box: Sandbox, world: "World") -> None:
    stop = asyncio.Event()
    try:
        await world.start()
        box._opened(asyncio.get_running_loop(), stop)
        await stop.wait()
    finally:
        await world.stop()


def open_sandbox(scenario: str = "rush_hour", *, port: int = 0, seed: int = 0) -> Sandbox:
    """Start a sandbox and return once it serves.

    Args:
        scenario: Name of a scenario; `scenarios()` lists them.
        port: Port of the API; 0 takes a free one.
        seed: Seed of everything that chance decides in it.

    Returns:
        The sandbox, a context manager that closes it.

    Raises:
        UnknownNameError: When there is no such scenario.
        UsageError: When the port cannot be had.
    """
    return Sandbox(scenario_named(scenario), port=port, seed=seed)
