"""The figures of docs/accuracy.md, and the page itself."""

from collections import Counter
from collections.abc import Iterable, Sequence

from deepkit.statistics import wilson
from tests.lab.loopback import HANGS, PAIRS, SINGLE, Result, wrongly_shown
from tests.lab.network_namespaces import Outcome
from tests.lab.withheld import one_less, withhold

FAMILIES = {
    "answers": "DeepSeek's own API answers badly",
    "other_providers": "resellers, gateways, servers of one's own",
    "routes": "DNS, TCP, TLS, proxies, block pages, portals, addresses",
    "well": "all is well, in many shapes",
}


def share(right: int, n: int) -> str:
    """Write a share with its Wilson interval (95 %)."""
    if not n:
        return "-"
    low, high = wilson(right, n)
    return f"{right}/{n} = {right / n:.1%} ({low:.1%} to {high:.1%})"


def rows_of(results: Sequence[Result]) -> list[tuple[str, str, str]]:
    """Return what was measured on loopback: measure, wanted, found."""
    by = {one.scenario.name: one for one in results}
    single, pairs = [by[one.name] for one in SINGLE], [by[one.name] for one in PAIRS]
    rows = [
        ("true cause first, loopback", "at least 95 %", share(sum(one.right for one in single), len(single)))
    ]
    for family, words in FAMILIES.items():
        some = [one for one in single if one.scenario.family == family]
        rows.append((f"- {words}", "", share(sum(one.right for one in some), len(some))))
    rows.append(("verdict names it (SHOWN or LIKELY)", "", share(_named(single), len(single))))
    rows.append(("wrong SHOWN, loopback", "0", str(sum(bool(one.wrong_shown) for one in (*single, *pairs)))))
    less = [(one, left) for one in (*single, *pairs) for _, left in one_less(one.evidence)]
    wrong = sum(bool(wrongly_shown(one.scenario, left)) for one, left in less)
    rows.append((f"wrong SHOWN with any one check absent or broken ({len(less)} diagnoses)", "0", str(wrong)))
    taken = [one for s in single if (one := withhold(s.evidence, s.scenario.cause)) is not None]
    open_ = sum(one.well and one.right_next for one in taken)
    rows.append(("deciding evidence withheld: left open, right next check", "all", share(open_, len(taken))))
    rows.append(
        ("two faults, both among the first three", "all", share(sum(one.both for one in pairs), len(pairs)))
    )
    late = max(one.overrun_s for one in results)
    rows.append(
        (
            f"longest overrun of a deadline ({len(HANGS)} endless servers among them)",
            "0.2 s",
            f"{late:+.3f} s",
        )
    )
    return rows


def _named(single: Iterable[Result]) -> int:
    return sum(one.diagnosis.verdict == one.scenario.cause for one in single)


def network_rows(outcomes: Sequence[Outcome]) -> list[tuple[str, str, str]]:
    """Return what was measured on a real network."""
    return [
        (
            "true cause first, real network",
            "at least 95 %",
            share(sum(o.right for o in outcomes), len(outcomes)),
        ),
        ("wrong SHOWN, real network", "0", str(sum(bool(o.wrong_shown) for o in outcomes))),
        (
            "longest overrun of a deadline, real network (hold-ups taken off)",
            "0.2 s",
            f"{max(o.overrun_s for o in outcomes):+.3f} s",
        ),
    ]


def causes_of(results: Sequence[Result], outcomes: Sequence[Outcome]) -> list[tuple[str, str, str]]:
    """Return, for each true cause, how often it stood first in each tier."""
    met = Counter(one.scenario.cause for one in results if one.scenario.family in FAMILIES)
    found = Counter(one.scenario.cause for one in results if one.scenario.family in FAMILIES and one.right)
    real, seen = Counter(o.case.cause for o in outcomes), Counter(o.case.cause for o in outcomes if o.right)
    return [
        (
            cause,
            f"{found[cause]}/{met[cause]}" if met[cause] else "",
            f"{seen[cause]}/{real[cause]}" if real[cause] else "",
        )
        for cause in sorted({*met, *real})
    ]


def table(head: tuple[str, str, str], rows: Iterable[tuple[str, str, str]]) -> str:
    """Write a Markdown table."""
    lines = [head, ("---", "---", "---"), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


PAGE = """# How often the diagnosis is right

Written by `python -m tests.lab [REPORTS.jsonl]`; do not edit by hand. Intervals are Wilson's, 95 %.

{figures}

**Reports** are public error reports with the cause that a person gave them; they are not part of the project. \
`tools/accuracy.py` measures any file of that form.

**Loopback** (`tests/lab/answers.py`, `other_providers.py`, `routes.py`, `pairs.py`, `hangs.py`): each scenario is a real server, \
name server, proxy or certificate on loopback with one known trouble, no rights needed. **Real network** \
(`tests/lab/network_namespaces.py`, `faults.py`, `link.py`): network namespaces with packet filter, name servers, HTTP and SOCKS \
proxies, a reverse proxy with TLS of a private authority, mitmproxy as gateway and as proxy, and a line that delays, \
shakes, swells, pauses, loses or swallows long packets; the client is the command line itself, or the same check-up as \
a program where the command line cannot say what the target is.

What these figures are not: a forecast. The scenarios were written together with the rules; what the first run of the \
lab found wrong was mended in the rules, and the figures are those of the mended rules on the same scenarios. First run: \
loopback 195/215 with 3 wrong SHOWN, real network 22/24 with none; one label was corrected \
(a server that closes on the first TLS message counts as a failed handshake). Then 24 cases of the real network were \
written before any rule was touched (mitmproxy, SOCKS, TLS, held streams, a forgetful router, lines): at first sight \
23/24 with 1 wrong SHOWN, a SOCKS proxy blamed for the server that refused it. A second run on a busy machine called two \
sound lines lossy (LIKELY), since the kernel counts a segment that was late as sent again. Both were mended. A third run called the line that pauses \
lossy (LIKELY, 5 of 6 repeats): its pauses were as long as a repetition. Connects repeat after a second and not sooner, \
and are now judged by that.

A check-up during which the machine held the program up has measured the machine; it is taken again, whatever it found \
(at most three times, the last one counts). A deadline's overrun contains such hold-ups; the tests take them off, the \
figure above does not.

## By cause

{causes}

## Misses

{misses}
"""


def written(
    results: Sequence[Result], outcomes: Sequence[Outcome], more: Iterable[tuple[str, str, str]], lacks: str
) -> str:
    """Return the page."""
    network = network_rows(outcomes) if outcomes else [("real network", "", f"not run here, lacks: {lacks}")]
    figures = table(("measure", "wanted", "found"), [*more, *rows_of(results), *network])
    missed = [f"- {r.scenario.name}: {r.scenario.cause}, found {r.first}" for r in results if _missed(r)]
    missed += [
        f"- {o.case.name}: {o.case.cause}, found {o.checkup['verdict']}" for o in outcomes if not o.right
    ]
    causes = table(("true cause", "loopback", "real network"), causes_of(results, outcomes))
    return PAGE.format(figures=figures, causes=causes, misses="\n".join(missed) or "None in this run.")


def _missed(one: Result) -> bool:
    return not one.right if one.scenario.family in FAMILIES else bool(one.scenario.cause) and not one.both
