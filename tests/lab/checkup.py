"""A check-up in a namespace, of a target that the command line cannot describe: `python -m tests.lab.checkup JSON`.

JSON: `base_url`, and where wanted `fresh_dns` ["host:port"], `proxy` (the user's own route), `ca_file` (roots that
the client brings along), `machine` (the machine's own store of roots), `trust`, `deadline_s`, and `timeouts`.
Prints the check-up's JSON with the `evidence`, and `overrun_s`, by how much it outlived its deadline, and for how long the machine held
it up: at most in any second (`held_s`) and in the last one (`held_at_end_s`).
"""

import asyncio
import json
import os
import sys
from dataclasses import replace
from time import perf_counter
from typing import Any

import msgspec

from deepkit.answers import document
from deepkit.probes import DEADLINE_S, probe_async
from deepkit.records import Route, Secret, Settings, Target, Timeouts
from deepkit.targets import LIVE_SETTINGS
from deepkit.transport import Meter
from deepkit.triage import CHECKUP_BUDGET, judge
from tests.lab.lag import Lag


def case(asked: dict[str, Any]) -> tuple[Target, Settings]:
    """Return whom to ask, and how."""
    key = Secret(os.environ["DEEPKIT_API_KEY"])
    routes = (Route("office", asked["proxy"]),) if "proxy" in asked else ()
    target = Target(
        "custom",
        asked["base_url"],
        key=key,
        ca_file=asked.get("ca_file"),
        fresh_dns=tuple(asked.get("fresh_dns", ())),
        routes=routes,
    )
    limits = Timeouts(**asked["timeouts"]) if "timeouts" in asked else LIVE_SETTINGS.timeouts
    settings = replace(LIVE_SETTINGS, timeouts=limits, trust=asked.get("trust", "default"))
    return target, replace(settings, route="office") if routes else settings


async def look(asked: dict[str, Any]) -> dict[str, Any]:
    """Make the check-up and time it."""
    target, settings = case(asked)
    deadline, lag = asked.get("deadline_s", DEADLINE_S), Lag()
    watch = asyncio.create_task(lag.watch())
    began = perf_counter()
    evidence = await probe_async(target, settings, meter=Meter(CHECKUP_BUDGET), deadline_s=deadline)
    ended = perf_counter()
    watch.cancel()
    await asyncio.gather(watch, return_exceptions=True)
    found = document(judge(evidence, target=target, settings=settings, scenario=None))
    timed = {
        "overrun_s": ended - began - deadline,
        "held_s": lag.worst(began, ended),
        "held_at_end_s": lag.held(ended - 1.0, ended),
    }
    return {**found, **timed, "evidence": msgspec.to_builtins(evidence)}


def main(text: str) -> None:
    """Look, and print the check-up's JSON."""
    asked = json.loads(text)
    if "machine" in asked:
        os.environ["SSL_CERT_FILE"] = asked["machine"]  # what OpenSSL takes for the machine's own store
    print(json.dumps(asyncio.run(look(asked)), default=str))  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1])
