"""One of the lab's own servers as a process: `python -m tests.lab.serve FACE PORT [HOST]`."""

import asyncio
import contextlib
import signal
import sys

from tests.lab import doors
from tests.lab.replies import BUSY, DONE, LAST, WORDS, Face, chat, delta, error, models, piece, stream
from tests.lab.replies import body as answer

OPEN = models("deepseek-flash")
_END = (piece(delta("", finish="stop")), piece(DONE), LAST)
_LATE = stream(*WORDS, then=(2.0, b"", "hang"))
_SLOW = stream(*WORDS[:1], then=tuple(step for _ in range(8) for step in (0.25, piece(delta("a ")))) + _END)
_THINKS = stream(*WORDS[:1], then=(3.0, piece(delta("a ")), *_END))
FACES: dict[str, Face] = {
    "well": Face(bare=OPEN, models=OPEN),
    "busy": chat(BUSY, bare=OPEN, models=OPEN),
    "falls-silent": Face(stream=(_LATE,), bare=OPEN, models=OPEN),
    "slow-words": Face(
        stream=(stream(*WORDS[:1], *[delta("a ")] * 20, delta("", finish="stop"), DONE),),
        bare=OPEN,
        models=OPEN,
    ),
    "takes-two-seconds": Face(stream=(_SLOW,), bare=OPEN, models=OPEN),
    "thinks-three-seconds": Face(stream=(_THINKS,), bare=OPEN, models=OPEN),
    "portal": Face(every=answer(302, "", location="http://login.hotel.example/portal")),
    "login-page": Face(
        every=answer(200, "<html><title>Hotel guest wifi</title>captive portal: log in</html>", "text/html")
    ),
    "bad-key": Face(
        every=error(401, "Authentication Fails, Your api key: ****89ab is invalid", "authentication_error")
    ),
}


async def main(face: str, port: int, hosts: tuple[str, ...]) -> None:
    """Serve until told to end."""
    over = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, over.set)
    async with contextlib.AsyncExitStack() as stack:
        server = doors.Server(FACES[face])
        await stack.enter_async_context(doors.serving(server.serve, hosts=hosts, port=port))
        await over.wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), tuple(sys.argv[3:]) or ("0.0.0.0", "::")))
