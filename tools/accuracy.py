"""Measure the diagnosis of pasted texts on labelled reports.

    python tools/accuracy.py CORPUS.jsonl

Each line holds `symptom`, `cause`, and where known `http_status`, `surface`, `client`.
Prints how often the right cause came first, without and with the reports that are labelled
`other`, every wrong SHOWN, and the misses. Exit status 1 when any SHOWN was wrong.
"""

import json
import sys
from collections import Counter
from pathlib import Path

from deepkit.diagnosis import diagnose
from deepkit.probes.text import read_text
from deepkit.records import Evidence, Settings


def main(path: str) -> int:
    """Print the measures for one file of labelled reports."""
    reports = [
        json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines() if line.strip()
    ]
    right: Counter[bool] = Counter()
    states: Counter[tuple[str, bool]] = Counter()
    wrong_shown, misses = [], []
    for report in reports:
        surface = report.get("surface")
        seen = read_text(
            report["symptom"],
            http_status=report.get("http_status"),
            surface=surface,
            client=report.get("client"),
        )
        found = diagnose(Evidence((seen,), settings=Settings(surface="web" if surface == "web" else "api")))
        first = found.accusations[0] if found.accusations else None
        hit = found.verdict == report["cause"]
        known = report["cause"] != "other"
        right[known] += hit
        if first is not None:
            states[first.state, hit] += 1
            if first.state == "SHOWN" and not hit:
                wrong_shown.append(report)
        if not hit:
            said = (
                f"{found.verdict} ({first.state} {first.cause} by {first.rules[0]})"
                if first
                else found.verdict
            )
            misses.append(
                f"{report.get('id', '?')}: {report['cause']} but said {said}: {report['symptom'][:120]!r}"
            )
    usual = sum(report["cause"] != "other" for report in reports)
    print(f"without other: {right[True]}/{usual} = {right[True] / max(1, usual):.1%}")
    print(
        f"with other:    {right[True] + right[False]}/{len(reports)} = {sum(right.values()) / max(1, len(reports)):.1%}"
    )
    for state in ("SHOWN", "LIKELY", "POSSIBLE", "INSUFFICIENT"):
        print(f"  {state}: {states[state, True]} right, {states[state, False]} wrong")
    print(f"wrong SHOWN: {len(wrong_shown)}")
    print("\n".join(misses))
    return 1 if wrong_shown else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
