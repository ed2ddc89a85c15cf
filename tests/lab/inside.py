"""A check-up in a namespace, of a target that the command line cannot describe: `python -m tests.lab.inside JSON`.

JSON: `base_url`, and where wanted `fresh_dns` ["host:port"] and `proxy` (the user's own way).
"""

import json
import os
import sys
from dataclasses import replace

from deepkit.records import Route, Secret, Target
from deepkit.targets import LIVE_SETTINGS
from deepkit.triage import doctor


def main(text: str) -> None:
    """Look, and print the check-up's JSON."""
    asked = json.loads(text)
    key = Secret(os.environ["DEEPKIT_API_KEY"])
    target = Target("custom", asked["base_url"], key=key, fresh_dns=tuple(asked.get("fresh_dns", ())))
    settings = LIVE_SETTINGS
    if "proxy" in asked:
        target = replace(target, routes=(Route("office", asked["proxy"]),))
        settings = replace(settings, route="office")
    print(json.dumps(doctor(target, settings=settings).as_json(), default=str))  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1])
