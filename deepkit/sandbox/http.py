"""One HTTP server for all sites: the port that a request came in on says which site it is for."""

import asyncio
import contextlib
import itertools
import socket
from collections.abc import Mapping

import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.types import Receive, Scope, Send

from deepkit.sandbox.api import not_found
from deepkit.sandbox.failure_modes import CutError
from deepkit.sandbox.relay import deaf, turns
from deepkit.sandbox.site import LiveSite

MOST_FAULTS = 20
TICK_S, END_S = 0.1, 1.0
"""How often the server looks at its clock, and how long a cancelled answer may take to end, in seconds."""
SILENT = 60
"""A log level above all others: a cut connection is meant here and must not be reported."""


class _PromptServer(uvicorn.Server):
    """uvicorn, ended when it is told to: its own loop looks every 0.1 s and then waits for 0.1 s more."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._ends = asyncio.Event()

    def end(self) -> None:
        """Leave the main loop."""
        self._ends.set()

    async def main_loop(self) -> None:
        """Tick as uvicorn does, for its Date header, until the end."""
        for tick in itertools.count():
            if await self.on_tick(tick % 10):
                return
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ends.wait(), TICK_S)
                return

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End every connection and every answer, whoever waits for it."""
        for server in self.servers:
            server.close()
        for one in sockets or []:
            one.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        answers = list(self.server_state.tasks)
        for answer in answers:
            answer.cancel()
        if answers:
            await asyncio.wait(answers, timeout=END_S)
        for left in list(self.server_state.connections):  # a client that reads nothing more
            if left.transport is not None:
                left.transport.abort()
        await turns()


class HttpServer:
    """A uvicorn server over sockets that are bound already.

    Args:
        sockets: Listening sockets.
        sites: Sites by port.
        routes: What every site serves.
    """

    def __init__(
        self, sockets: list[socket.socket], sites: Mapping[int, LiveSite], routes: list[Route]
    ) -> None:
        self._sockets, self._sites = sockets, sites
        self.faults: list[str] = []  # what went wrong in here, which a sandbox must never answer for
        self._router = Router(routes=routes, default=self._default)
        config = uvicorn.Config(
            self._app,
            interface="asgi3",
            proxy_headers=False,
            lifespan="off",
            ws="none",
            http="h11",
            loop="asyncio",
            log_config=None,
            log_level=SILENT,
            access_log=False,
            server_header=False,
            timeout_keep_alive=30,
            h11_max_incomplete_event_size=64 * 1024,
        )
        self._server = _PromptServer(config)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Return once every socket is served."""
        self._task = asyncio.create_task(self._server.serve(sockets=self._sockets))
        while not self._server.started:
            if self._task.done():
                await self._task
            await asyncio.sleep(0.001)

    async def stop(self) -> None:
        """End every connection, streams that are silent included."""
        await deaf(self._sockets)
        self._server.end()
        if self._task is not None:
            await self._task

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            scope["site"] = self._sites[scope["server"][1]]
            await self._router(scope, receive, send)
        except* (CutError, asyncio.CancelledError):
            pass  # uvicorn closes a connection whose answer was not completed
        except* Exception as group:
            self.faults += [repr(one) for one in group.exceptions][: MOST_FAULTS - len(self.faults)]
            raise

    async def _default(self, scope: Scope, receive: Receive, send: Send) -> None:
        response: Response = not_found(Request(scope).scope["site"])
        await response(scope, receive, send)
