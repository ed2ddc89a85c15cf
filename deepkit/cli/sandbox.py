"""The first line of stdout gives the addresses. Exit status 0."""

import argparse
import signal
import threading

from deepkit.cli._parser import Parser, add_json, add_seed, note, put_json, say, whole


def add_options(parser: Parser) -> None:
    """Add what this command takes."""
    parser.add_argument(
        "-s", "--scenario", default="rush_hour", help="which trouble to look like; rush_hour unless given"
    )
    parser.add_argument(
        "--port",
        type=whole(0, 65535),
        default=0,
        metavar="P",
        help="port of the API; a free one unless given",
    )
    add_json(parser)
    parser.add_argument("--list", action="store_true", dest="listing", help="list the scenarios and stop")
    add_seed(parser)


def run(options: argparse.Namespace) -> int:
    """Carry it out and return the exit status."""
    if options.listing:
        return _list(as_json=options.as_json)
    from deepkit.sandbox import open_sandbox

    stop = threading.Event()
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):  # Windows has no SIGHUP
            signal.signal(getattr(signal, name), lambda *_: stop.set())
    with open_sandbox(options.scenario, port=options.port, seed=options.seed) as box:
        info = box.info()
        if options.as_json:
            put_json(info, own=True)
        else:
            places = f"{info['base_url']}  web {info['web_url']}  status {info['status_url']}"
            say(f"{places}  key {info['api_key']}", own=True)
            note("Stop it with Ctrl+C.")
        while not stop.wait(0.5):
            pass
    return 0


def _list(*, as_json: bool) -> int:
    from deepkit.sandbox import scenarios

    rows = [{"name": s.name, "title": s.title, "cause": s.cause, "fixes": list(s.fixes)} for s in scenarios()]
    if as_json:
        put_json(rows, own=True)
    else:
        say("\n".join(f"{r['name']:<30} {r['cause']:<26} {', '.join(r['fixes'])}" for r in rows), own=True)
    return 0
