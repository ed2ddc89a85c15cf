"""Measure the diagnosis of pasted texts on labelled reports.

    python tools/accuracy.py CORPUS.jsonl

Each line holds `symptom`, `cause`, and where known `http_status`, `surface`, `client`; `causes` lists every
cause that is right where an expert could not tell them apart. The refusals that DeepKit calls
session_context_corrupted and many trackers an invalid request count under either name (see BROKEN_HISTORY).
Prints how often the right cause came first, without and with the reports that are labelled
`other`, every wrong SHOWN, and the misses. Exit status 1 when any SHOWN was wrong.
"""

import json
import sys
from collections import Counter
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from deepkit.checks import Text
from deepkit.diagnosis import diagnose
from deepkit.probes.text import read_text
from deepkit.records import Diagnosis, Evidence, Settings, State

STATES: tuple[State, ...] = ("SHOWN", "LIKELY", "POSSIBLE", "INSUFFICIENT")
BROKEN_HISTORY = frozenset({"session_context_corrupted", "invalid_request"})
"""The 400 about reasoning that was not sent back, or the order of turns: one message, labelled with either name."""
HISTORY = frozenset({"thinking_back", "history_order", "history_unanswered", "history_empty_turn"})
"""The wordings of that message."""


def right_causes(report: Mapping[str, Any], signals: Collection[str]) -> set[str]:
    """Return the causes that a label takes for right."""
    causes = set(report.get("causes") or [report["cause"]])
    broken = bool(causes & BROKEN_HISTORY) and bool(HISTORY.intersection(signals))
    return causes | BROKEN_HISTORY if broken else causes


def judged(report: Mapping[str, Any]) -> tuple[Diagnosis, bool]:
    """Diagnose one report as `deepkit explain` would, and tell whether that is right."""
    known = {name: report.get(name) for name in ("http_status", "surface", "client")}
    seen = read_text(report["symptom"], **known)
    found = diagnose(
        Evidence((seen,), settings=Settings(surface="web" if known["surface"] == "web" else "api"))
    )
    signals = seen.facts.signals if isinstance(seen.facts, Text) else ()
    causes = right_causes(report, signals)
    nothing = "other" in causes and found.verdict in ("no_error", "inconclusive")
    return found, nothing or found.verdict in causes


def miss(report: Mapping[str, Any], found: Diagnosis) -> str:
    """Say in one line what was wanted, and what was said by which rule."""
    by = "".join(f" ({one.state} {one.cause} by {one.rules[0]})" for one in found.accusations[:1])
    wanted = f"{report.get('id', '?')}: {report['cause']} but said {found.verdict}{by}"
    return f"{wanted}: {report['symptom'][:120]!r}"


def share(name: str, hits: list[bool]) -> str:
    """Write a share as a count and in per cent."""
    return f"{name}{sum(hits)}/{len(hits)} = {sum(hits) / max(1, len(hits)):.1%}"


def main(path: str) -> int:
    """Print the measures for one file of labelled reports."""
    reports = [json.loads(line) for line in Path(path).read_text("utf-8").splitlines() if line.strip()]
    every = [(report, *judged(report)) for report in reports]
    found, hits = [(report, one) for report, one, _ in every], [hit for *_, hit in every]
    states = Counter(
        (one.accusations[0].state, hit) for (_, one), hit in zip(found, hits, strict=True) if one.accusations
    )
    usual = [hit for report, hit in zip(reports, hits, strict=True) if report["cause"] != "other"]
    print(share("without other: ", usual), share("with other:    ", hits), sep="\n")
    for state in STATES:
        print(f"  {state}: {states[state, True]} right, {states[state, False]} wrong")
    print(f"wrong SHOWN: {states['SHOWN', False]}")
    print(*(miss(*one) for one, hit in zip(found, hits, strict=True) if not hit), sep="\n")
    return 1 if states["SHOWN", False] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
