"""One of the lab's own servers as a process: `python -m tests.lab.serve FACE PORT [HOST]`."""

import asyncio
import contextlib
import signal
import sys

from tests.lab import doors
from tests.lab.answers import BUSY
from tests.lab.replies import DONE, WORDS, Face, chat, delta, error, models, stream
from tests.lab.replies import body as answer

OPEN = models("deepseek-flash")
_LATE = stream(*WORDS, then=(2.0, b"", "hang"))
FACES: dict[str, Face] = {
    "well": Face(bare=OPEN, models=OPEN),
    "busy": chat(BUSY, bare=OPEN, models=OPEN),
    "falls-silent": Face(stream=(_LATE,), bare=OPEN, models=OPEN),
    "slow-words": Face(
        stream=(stream(*WORDS[:1], *[delta("a ")] * 20, delta("", finish="stop"), DONE),),
        bare=OPEN,
        models=OPEN,
    ),
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
