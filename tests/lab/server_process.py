"""One of the lab's own servers as a process: `python -m tests.lab.server_process BEHAVIOUR PORT [HOST]`."""

import asyncio
import contextlib
import signal
import sys

from tests.lab.replies import BUSY, Behaviour, body, chat, error, models, stream
from tests.lab.servers import Server
from tests.servers import DONE, STREAM_END, WORDS, chunk, delta, serving

OPEN = models("deepseek-flash")
_END = (chunk(delta("", finish="stop")), chunk(DONE), STREAM_END)
_LATE = stream(*WORDS, then=(2.0, b"", "hang"))
_SLOW = stream(*WORDS[:1], then=tuple(step for _ in range(8) for step in (0.25, chunk(delta("a ")))) + _END)
_THINKS = stream(*WORDS[:1], then=(3.0, chunk(delta("a ")), *_END))
BEHAVIOURS: dict[str, Behaviour] = {
    "well": Behaviour(bare=OPEN, models=OPEN),
    "busy": chat(BUSY, bare=OPEN, models=OPEN),
    "falls-silent": Behaviour(stream=(_LATE,), bare=OPEN, models=OPEN),
    "slow-words": Behaviour(
        stream=(stream(*WORDS[:1], *[delta("a ")] * 20, delta("", finish="stop"), DONE),),
        bare=OPEN,
        models=OPEN,
    ),
    "takes-two-seconds": Behaviour(stream=(_SLOW,), bare=OPEN, models=OPEN),
    "thinks-three-seconds": Behaviour(stream=(_THINKS,), bare=OPEN, models=OPEN),
    "portal": Behaviour(every=body(302, "", location="http://login.hotel.example/portal")),
    "login-page": Behaviour(
        every=body(200, "<html><title>Hotel guest wifi</title>captive portal: log in</html>", "text/html")
    ),
    "bad-key": Behaviour(
        every=error(401, "Authentication Fails, Your api key: ****89ab is invalid", "authentication_error")
    ),
}


async def main(behaviour: str, port: int, hosts: tuple[str, ...]) -> None:
    """Serve until told to end."""
    over = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, over.set)
    async with contextlib.AsyncExitStack() as stack:
        server = Server(BEHAVIOURS[behaviour])
        await stack.enter_async_context(serving(server.serve, hosts=hosts, port=port))
        await over.wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), tuple(sys.argv[3:]) or ("0.0.0.0", "::")))
