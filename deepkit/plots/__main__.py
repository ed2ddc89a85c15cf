"""Draws the gallery: every figure from small built-in records, into ./gallery.html."""

from pathlib import Path

import plotly.graph_objects as go

from deepkit.plots import before_after, causes, hours, latency, retry_outcomes
from deepkit.records import Accusation, Diagnosis, Evidence, Observation, Sample, Trial


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
            Observation("dns.system", "ok", facts={"elapsed_s": 0.021}),
            Observation("tcp", "ok", facts={"connects": [{"connect_s": 0.034}]}),
            Observation("tls", "ok", facts={"handshake_s": 0.071}),
            Observation("chat.stream", "ok", facts={"headers_s": 0.12, "answer_s": 0.41, "end_s": 1.3}),
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
    ]


def main(out: Path = Path("gallery.html")) -> None:
    """Write the gallery as one page that opens offline."""
    pages = [one.to_html(full_html=False, include_plotlyjs=i == 0) for i, one in enumerate(gallery())]
    out.write_text("<!doctype html><meta charset='utf-8'>" + "".join(pages), encoding="utf-8")


if __name__ == "__main__":
    main()
