"""`python -m tests.lab [REPORTS.jsonl]` runs both tiers and writes docs/accuracy.md.

`python -m tests.lab --record NAME...` keeps what scenarios gave as golden cases (tests/diagnosis/cases); without
a name it writes the conclusions of the kept cases again.
"""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from tests.diagnosis import golden
from tests.lab import netns, network_namespaces
from tests.lab.accuracy_page import share, written
from tests.lab.loopback import HANGS, PAIRS, SINGLE, Result, run

ROOT = Path(__file__).parents[2]
REPORTS_S = 300.0


def reports(path: str) -> list[tuple[str, str, str]]:
    """Measure labelled reports with tools/accuracy.py and return the rows."""
    done = subprocess.run(
        [sys.executable, "tools/accuracy.py", path],
        capture_output=True, text=True, cwd=ROOT, timeout=REPORTS_S, check=False,
    )  # fmt: skip
    lines = dict(line.split(":", 1) for line in done.stdout.splitlines() if ":" in line)
    counted = {
        name: [int(n) for n in lines[name].split("=")[0].split("/")]
        for name in ("without other", "with other")
    }
    n = counted["with other"][1]
    what = f"{n} labelled public reports (not part of the project)"
    return [
        (f"{what}, cause first, without `other`", "at least 95 %", share(*counted["without other"])),
        ("- with `other`", "", share(*counted["with other"])),
        ("- wrong SHOWN", "0", lines["wrong SHOWN"].strip()),
    ]


def progress(one: Result) -> None:
    """Print one line of the table."""
    mark = "ok  " if one.right or one.scenario.family in ("pairs", "hangs") else "MISS"
    print(f"{mark} {one.scenario.name:<42} {one.first:<28} {one.took_s:5.2f} s")  # noqa: T201


def record(names: list[str]) -> None:
    """Run scenarios of either tier and keep what they gave.

    Args:
        names: Their names; without any, only the conclusions of all kept cases are written again.
    """
    if not names:
        for folder in golden.CASES:
            golden.conclude(folder)
        return
    for one in run([s for s in SINGLE if s.name in names]):
        golden.write(one.scenario.name, one.evidence)
    told = [replace(one, more=one.more or {}) for one in network_namespaces.CASES if one.name in names]
    for outcome in network_namespaces.run(told):
        golden.write(f"net-{outcome.case.name}", outcome.checkup["evidence"])


def main(words: list[str]) -> None:
    """Run everything."""
    if words[:1] == ["--record"]:
        record(words[1:])
        return
    more = reports(words[0]) if words else []
    results = run((*SINGLE, *PAIRS, *HANGS), progress)
    lacks = netns.missing()
    outcomes = [] if lacks else network_namespaces.run()
    page = written(results, outcomes, more, lacks)
    (ROOT / "docs" / "accuracy.md").write_text(page, encoding="utf-8")
    print(page)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1:])
