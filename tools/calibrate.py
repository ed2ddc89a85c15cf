"""Fit how often readings of pasted texts are right, and check it on reports held back.

    python tools/calibrate.py --fit A.jsonl --fit ALL.jsonl:even --check B.jsonl --check ALL.jsonl:odd [--write]

Each line of a file holds `id`, `symptom`, `cause` (or `causes`, all that are right), and where known
`http_status`, `surface`, `client`; ":even" and ":odd" take the reports whose number is such. Prints the bins of
the fit, the expected calibration error on the reports held back and a reliability table in Markdown;
`--present` adds them to the counts of the table that is there, `--write` puts the table into
data/calibration.toml. `--keep OUT.jsonl` keeps how the reports of
`--fit` came out, without their texts: taken before anything is learnt from them, such outcomes
are what a later fit wants, and `--fit` and `--check` read them too. The reports are no part of the project.
"""

import argparse
import json
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from accuracy import right_causes

from deepkit.checks import Text
from deepkit.diagnosis import diagnose
from deepkit.diagnosis._calibrate import LEAST, bin_of
from deepkit.facts import calibration, data_path
from deepkit.probes.text import read_text
from deepkit.records import Diagnosis, Evidence, Settings

PRIOR = 10
"""Cases at its state's share with which a bin starts; a bin of no more than these says what its state says."""
STATES = ("INSUFFICIENT", "POSSIBLE", "LIKELY", "SHOWN")
BANDS = ((0.0, 0.5), (0.5, 0.7), (0.7, 0.8), (0.8, 0.9), (0.9, 0.95), (0.95, 1.0))

Count = dict[str, list[bool]]


def reports(source: str) -> list[dict[str, Any]]:
    """Read a file of labelled reports, or one half of it."""
    path, _, half = source.partition(":")
    rows = [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines() if line.strip()]
    if not half:
        return rows
    return [row for row in rows if int(re.sub(r"\D", "", row["id"])) % 2 == (half == "odd")]


def judged(report: Mapping[str, Any]) -> tuple[Diagnosis, set[str]]:
    """Diagnose one report as `deepkit explain` would; return with it the causes that are right."""
    surface = report.get("surface")
    seen = read_text(
        report["symptom"],
        http_status=report.get("http_status"),
        surface=surface,
        client=report.get("client"),
    )
    found = diagnose(Evidence((seen,), settings=Settings(surface="web" if surface == "web" else "api")))
    signals = seen.facts.signals if isinstance(seen.facts, Text) else ()
    return found, right_causes(report, signals)


def outcome(row: Mapping[str, Any]) -> dict[str, Any]:
    """Say how one report came out: the bin, whether the first cause was right, and the later ones."""
    if "bin" in row:
        return dict(row)
    found, right = judged(row)
    ranked = found.accusations
    return {
        "id": row["id"],
        "bin": bin_of(ranked) if ranked else None,
        "right": bool(ranked) and ranked[0].cause in right,
        "later": [one.cause in right for one in ranked[1:]],
    }


def count(rows: Iterable[Mapping[str, Any]]) -> tuple[Count, Count]:
    """Sort the outcomes by bin of the first cause and by its state, and by place of the later ones."""
    first: Count = defaultdict(list)
    later: Count = defaultdict(list)
    for one in rows:
        if one["bin"] is None:
            continue
        first[one["bin"]].append(one["right"])
        first[one["bin"].split("/")[0]].append(one["right"])
        for place, hit in enumerate(one["later"], start=2):
            later[str(min(place, 3))].append(hit)
    return first, later


def add_present(first: Count, later: Count) -> None:
    """Add the counts of the bundled table, whose reports are not at hand any more."""
    present = calibration()
    for counts, known in ((first, present.first), (later, present.later)):
        for name, odds in known.items():
            counts[name] += [True] * odds.right + [False] * (odds.n - odds.right)


def laplace(hits: Sequence[bool]) -> float:
    """Return the frequency with one right and one wrong case added."""
    return (sum(hits) + 1) / (len(hits) + 2)


def by_state(first: Count) -> dict[str, float]:
    """Fit one probability a state, a stronger state never below a weaker one.

    Pools neighbours that stand in the wrong order (Ayer et al. 1955, Ann. Math. Stat. 26:641).
    """
    blocks: list[tuple[list[str], float, int]] = []
    for state in (one for one in STATES if first.get(one)):
        blocks.append(([state], laplace(first[state]), len(first[state])))
        while len(blocks) > 1 and blocks[-2][1] > blocks[-1][1]:
            (low, p, n), (high, q, m) = blocks[-2], blocks[-1]
            blocks[-2:] = [([*low, *high], (p * n + q * m) / (n + m), n + m)]
    return {state: p for states, p, _ in blocks for state in states}


def table(first: Count, later: Count) -> str:
    """Write the fitted table as TOML."""
    states = by_state(first)
    lines = [
        "# How often the readings of pasted texts were right; fitted by tools/calibrate.py on labelled public",
        "# reports that are no part of the project. A bin: state / what was read / whether another cause is in play.",
        f"date = {datetime.now(UTC).date().isoformat()}",
        f"n = {sum(len(first[state]) for state in states)}  # readings; a report that was learnt from may stand twice",
        f"how = \"isotonic over states, Laplace's rule; a bin starts with {PRIOR} cases at its state's share\"",
        "",
        "[first]",
    ]
    for name, hits in sorted(first.items()):
        share = states[name.split("/")[0]]
        chance = share
        if "/" in name and len(hits) > PRIOR:
            chance = min((sum(hits) + PRIOR * share) / (len(hits) + PRIOR), (len(hits) + 1) / (len(hits) + 2))
        lines.append(f'"{name}" = {{ n = {len(hits)}, right = {sum(hits)}, probability = {chance:.3f} }}')
    lines += ["", "[later]"]
    for name, hits in sorted(later.items()):
        lines.append(
            f'"{name}" = {{ n = {len(hits)}, right = {sum(hits)}, probability = {laplace(hits):.3f} }}'
        )
    return "\n".join(lines) + "\n"


def wilson(right: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson 1927, J. Am. Stat. Assoc. 22:209)."""
    if not n:
        return 0.0, 1.0
    share = right / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def reliability(rows: Iterable[Mapping[str, Any]]) -> tuple[float, str]:
    """Compare what was promised with what came: expected calibration error and a Markdown table."""
    said: dict[tuple[float, float], list[tuple[float, bool]]] = defaultdict(list)
    first = calibration().first
    for row in rows:
        one = outcome(row)
        odds = first.get(one["bin"] or "")
        if odds is not None and odds.n >= LEAST:
            chance = odds.probability
            band = next(
                band
                for band in BANDS
                if band[0] <= chance <= band[1] and (chance < band[1] or band[1] == 1.0)
            )
            said[band].append((chance, one["right"]))
    total = sum(len(pairs) for pairs in said.values())
    error, lines = (
        0.0,
        ["| said | reports | mean said | right | 95 % interval |", "| --- | --- | --- | --- | --- |"],
    )
    for band, pairs in sorted(said.items()):
        mean, right = sum(p for p, _ in pairs) / len(pairs), sum(hit for _, hit in pairs)
        error += len(pairs) / total * abs(mean - right / len(pairs))
        low, high = wilson(right, len(pairs))
        lines.append(
            f"| {band[0]:.0%} to {band[1]:.0%} | {len(pairs)} | {mean:.1%} | {right} = {right / len(pairs):.1%} "
            f"| {low:.0%} to {high:.0%} |"
        )
    return error, "\n".join(lines)


def main() -> None:
    """Fit, check, and write where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--fit", action="append", default=[])
    parser.add_argument("--check", action="append", default=[])
    parser.add_argument("--present", action="store_true", help="add to the counts of the present table")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--keep", type=Path)
    asked = parser.parse_args()
    if asked.fit:
        seen = [outcome(row) for source in asked.fit for row in reports(source)]
        if asked.keep:
            asked.keep.write_text("".join(json.dumps(one) + "\n" for one in seen), encoding="utf-8")
        first, later = count(seen)
        if asked.present:
            add_present(first, later)
        fitted = table(first, later)
        print(fitted)
        if asked.write:
            data_path("calibration.toml").write_text(fitted, encoding="utf-8")
    if asked.check:
        rows = [row for source in asked.check for row in reports(source)]
        error, lines = reliability(rows)
        print(f"held back: {len(rows)} reports, expected calibration error {error:.3f}\n\n{lines}")


if __name__ == "__main__":
    main()
