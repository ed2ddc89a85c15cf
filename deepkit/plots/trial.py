"""Figures of a trial: what the fix changed, and what retrying cost."""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

import plotly.graph_objects as go

from deepkit.plots._shared import AFTER, ARMS, BEFORE, FAILED, TEXT, WAITED, figure, note, seconds, share
from deepkit.records import Sample, Trial


def before_after(trial: Trial) -> go.Figure:
    """Show what a fix changed: success with its Wilson interval, and each answer's times.

    Args:
        trial: A trial of one fix.

    Returns:
        A figure with two panels. Left: the share of questions answered, one bar an arm. Right: the
        time to the first token and to the end of each question, failures as crosses, medians as lines.
    """
    traces: list[Any] = []
    sides = {"before": trial.before, "after": trial.after}
    for place, (arm, label, colour) in enumerate(ARMS):
        traces.append(_success_bar(sides[arm], place, label, colour))
        mine = [one for one in trial.samples if one.arm == arm]
        for group, field in enumerate(("first_token_s", "total_s")):
            traces += _time_strip(mine, field, 2.4 * group + place, label, colour)
    words = [f"{label}: {share(sides[arm])}" for arm, label, _ in ARMS]
    titles = [("Questions answered", 0.17), ("First word after", 0.62), ("Whole answer after", 0.88)]
    ticks = ["without", "with"]
    return figure(
        traces,
        height=290,
        alt=f"{trial.fix}: {'; '.join(words)}. {trial.because}",
        xaxis={"domain": [0, 0.34], "range": [-0.6, 1.6], "tickvals": [0, 1], "ticktext": ticks},
        yaxis={"range": [0, 118], "tickvals": [0, 50, 100], "ticktext": ["0 %", "50 %", "100 %"]},
        xaxis2={
            "domain": [0.47, 1],
            "range": [-0.7, 4.1],
            "tickvals": [0, 1, 2.4, 3.4],
            "ticktext": ticks * 2,
            "anchor": "y2",
        },
        yaxis2={"anchor": "x2", "rangemode": "tozero", "title": {"text": "s"}},
        annotations=[note(text, x, 1.13, "center") for text, x in titles],
        margin={"l": 60, "r": 15, "t": 40, "b": 35},
    )


def _success_bar(summary: Mapping[str, Any], place: int, label: str, colour: str) -> go.Bar:
    value = 100 * (summary.get("success") or 0.0)
    low, high = summary.get("success_low"), summary.get("success_high")
    known = low is not None and high is not None
    text = f"{summary.get('ok', 0)} of {summary.get('n', 0)}"
    return go.Bar(
        x=[place],
        y=[value],
        name=label,
        marker={"color": colour, "opacity": 0.85},
        text=[text],
        textposition="inside" if value > 25 else "none",
        insidetextanchor="start",
        textfont={"color": "#ffffff"},
        customdata=[text],
        hovertemplate=f"{label}: %{{customdata}}<extra></extra>",
        width=[0.7],
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [max(0.0, 100 * (high or 0) - value) if known else 0],
            "arrayminus": [max(0.0, value - 100 * (low or 0)) if known else 0],
            "color": TEXT,
            "thickness": 1.5,
            "width": 6,
        },
    )


def _time_strip(samples: Sequence[Sample], field: str, centre: float, label: str, colour: str) -> list[Any]:
    """One column of points: circles are answers, crosses failures, the line is the answers' median."""
    found: list[Any] = []
    for good in (True, False):
        points = [
            (i, one) for i, one in enumerate(samples) if one.ok is good and getattr(one, field) is not None
        ]
        if not points:
            continue
        spread = [centre + 0.22 * ((i * 0.618) % 1 - 0.5) * 2 for i, _ in points]  # a fixed, even scatter
        mark = {
            "symbol": "circle" if good else "x",
            "size": 7,
            "opacity": 0.75,
            "color": colour if good else FAILED,
        }
        values = [float(getattr(one, field)) for _, one in points]
        words = ["answered" if good else str(one.failure or "failed") for _, one in points]
        found.append(
            go.Scatter(
                x=spread,
                y=values,
                mode="markers",
                marker=mark,
                name=label,
                xaxis="x2",
                yaxis="y2",
                customdata=words,
                hovertemplate=f"{label}: %{{y:.3f}} s, %{{customdata}}<extra></extra>",
            )
        )
        if good:
            middle = median(values)
            line = {"color": colour, "width": 3}
            found.append(
                go.Scatter(
                    x=[centre - 0.34, centre + 0.34],
                    y=[middle, middle],
                    mode="lines",
                    line=line,
                    xaxis="x2",
                    yaxis="y2",
                    hoverinfo="skip",
                    name=f"median {label}",
                )
            )
    return found


def retry_outcomes(samples: Sequence[Sample]) -> go.Figure:
    """Show each question in the order asked: how long it asked, how long it waited, how it ended.

    Args:
        samples: Questions, as in `Trial.samples`.

    Returns:
        A figure with one column a question. The lower part is time spent asking, the upper part
        time spent waiting between attempts; a cross marks a question that stayed unanswered.
    """
    order = [f"{number}" for number in range(1, len(samples) + 1)]
    total = [float(one.total_s or 0.0) for one in samples]
    waited = [min(float(one.waited_s), whole) for one, whole in zip(samples, total, strict=True)]
    asked = [whole - pause for whole, pause in zip(total, waited, strict=True)]
    labels = {arm: label for arm, label, _ in ARMS}
    words = [
        f"{labels[one.arm]}, {one.attempts} attempt{'s' if one.attempts != 1 else ''}, "
        f"{'answered' if one.ok else one.failure or 'failed'}"
        for one in samples
    ]
    hover = "question %{x}: %{y:.2f} s %{meta}<br>%{customdata}<extra></extra>"
    colours = [AFTER if one.arm == "after" else BEFORE for one in samples]
    bars = [
        go.Bar(
            x=order,
            y=asked,
            name="asking",
            meta="asking",
            marker={"color": colours},
            customdata=words,
            hovertemplate=hover,
        ),
        go.Bar(
            x=order,
            y=waited,
            base=asked,
            name="waiting",
            meta="waiting",
            marker={"color": WAITED},
            customdata=words,
            hovertemplate=hover,
        ),
    ]
    top = max(total, default=0.0) or 1.0
    lost = [place for place, one in enumerate(samples) if not one.ok]
    crosses = go.Scatter(
        x=[order[place] for place in lost],
        y=[total[place] + 0.06 * top for place in lost],
        mode="markers",
        marker={"symbol": "x", "size": 8, "color": FAILED},
        customdata=[words[place] for place in lost],
        hovertemplate="question %{x}<br>%{customdata}<extra></extra>",
        name="not answered",
    )
    attempts = sum(one.attempts for one in samples)
    good = sum(one.ok for one in samples)
    pause = seconds(sum(waited))
    alt = f"{len(samples)} questions took {attempts} attempts and {pause} of waiting; {good} were answered."
    return figure(
        [*bars, crosses],
        height=280,
        alt=alt,
        barmode="overlay",
        xaxis={"type": "category", "title": {"text": "question, in the order asked"}, "nticks": 16},
        yaxis={"title": {"text": "s"}, "range": [0, 1.15 * top]},
        annotations=[
            note("orange: asking without the fix · blue: asking with it · yellow: waiting · ✕: not answered")
        ],
    )
