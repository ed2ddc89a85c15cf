"""Draws the gallery: every figure from small built-in records, into ./gallery.html."""

from pathlib import Path

import plotly.graph_objects as go

from deepkit.checks import ChatStream, Connect, DnsSystem, Tcp, Tls
from deepkit.cluster import Cluster, Standing, Table, Timeline
from deepkit.cluster.contest import Side
from deepkit.plots import (
    attempts,
    before_after,
    causes,
    collapse,
    hours,
    latency,
    over_time,
    retry_outcomes,
    standings,
    waiting_times,
)
from deepkit.records import Accusation, Diagnosis, Evidence, Observation, Policy, Sample, Trial
from deepkit.redaction.files import write_whole


def gallery() -> list[go.Figure]:
    """Return one figure of each kind, drawn from made-up records."""
    samples = tuple(
        Sample(
            "after" if i % 2 else "before",
            bool(i % 2) or i % 6 == 0,
            None if i % 2 else "http_503",
            0.3 + 0.02 * i if i % 2 or i % 6 == 0 else None,
            0.6 + 0.1 * (i % 5),
            1 + (i % 3),
            0.2 * (i % 3),
            float(i),
            i // 2,
        )
        for i in range(24)
    )
    before = {"n": 12, "ok": 4, "success": 1 / 3, "success_low": 0.14, "success_high": 0.61}
    after = {"n": 12, "ok": 12, "success": 1.0, "success_low": 0.76, "success_high": 1.0}
    trial = Trial("backoff", "helped", "4 of 12 became 12 of 12.", 12, 40, before, after, samples, 26.8)
    evidence = Evidence(
        (
            Observation("dns.system", "ok", facts=DnsSystem(elapsed_s=0.021)),
            Observation("tcp", "ok", facts=Tcp(connects=(Connect("203.0.113.7:443", connect_s=0.034),))),
            Observation("tls", "ok", facts=Tls(handshake_s=0.071)),
            Observation("chat.stream", "ok", facts=ChatStream(headers_s=0.12, answer_s=0.41, end_s=1.3)),
        )
    )
    found = Diagnosis(
        "server_overloaded",
        "provider",
        (
            Accusation("server_overloaded", "SHOWN", ("3 of 4 answers were 503 with DeepSeek's own body",)),
            Accusation("packet_loss", "POSSIBLE"),
            Accusation("dns_failure", "RULED_OUT"),
        ),
    )
    return [
        before_after(trial),
        retry_outcomes(samples),
        latency(evidence),
        causes(found),
        hours("Europe/Berlin"),
        *of_a_cluster(),
    ]


def of_a_cluster() -> list[go.Figure]:
    """Return the figures of a cluster under load, drawn from made-up records."""
    cluster = Cluster(4, 8, 3.6, 1.0, capacity=((20.0, 0), (30.0, 4)))
    rows = tuple(
        {
            "policy": "full_jitter", "load": load, "seed": 0, "mean_wait": wait, "time_to_success": wait + 1.4,
            "attempts_per_request": 1 + wait / 2, "success": 1 - wait / 8,
            "errors": {"mean_wait": 0.03, "time_to_success": 0.05, "attempts_per_request": 0.04, "success": 0.01},
        }
        for load, wait in ((0.5, 0.1), (0.8, 0.4), (1.0, 0.9), (1.2, 1.4))
    )  # fmt: skip
    films = {"one retry": _film(0.0), "no retries": _film(3.6)}
    costs = ((2.0, 2.6, True), (2.9, 2.2, True), (1.4, 9.0, False))
    table = tuple(
        Standing(name, Policy(), _side(mine), _side(all_of_us), 0.0, fair, mine)
        for name, (mine, all_of_us, fair) in zip(("full_jitter", "guide_ladder", "spam"), costs, strict=True)
    )
    return [
        waiting_times(Table(rows, (), 0), Cluster(4, 8, 3.6, 1.0), here=1.0),
        attempts(Table(rows, (), 0), here=1.0),
        over_time(films["one retry"], cluster),
        collapse(films, cluster),
        standings(table),
    ]


def _side(cost_s: float) -> Side:
    return Side(0.9, cost_s, 1.4, cost_s, 0.9 * cost_s, 1.1 * cost_s)


def _film(later: float) -> Timeline:
    time = tuple(float(at) for at in range(1, 61))
    good = tuple(3.6 if at <= 20 else 0.0 if at <= 30 else later for at in time)
    sent = tuple(3.6 if at <= 20 else 7.2 for at in time)
    flat = (0.0,) * 60
    return Timeline(time, (3.6,) * 60, sent, good, flat, flat, flat, flat, flat, complete=True)


def main(out: Path = Path("gallery.html")) -> None:
    """Write the gallery as one page that opens offline."""
    pages = [one.to_html(full_html=False, include_plotlyjs=i == 0) for i, one in enumerate(gallery())]
    write_whole(out, "<!doctype html><meta charset='utf-8'>" + "".join(pages))


if __name__ == "__main__":
    main()
