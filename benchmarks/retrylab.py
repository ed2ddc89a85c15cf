"""From moving a control to the drawn figure, in JupyterLab in Chromium, for 100,000 requests a move.

Beside RetryLab stand two peers that show the same simulated figure in the same page: plotly's
FigureWidget (batch_update) and a plotly figure in an Output widget (replaced).
"""

import json
import socket
import statistics
import tempfile
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Page

from tests.browser import watched
from tests.notebooks.serving import lab, run_all

MOVES, DRAG = 40, 60
LIMIT_MS = 100.0
SCRIPT = Path(__file__).with_suffix(".js")
OURS = "from deepkit.widgets import RetryLab\nlab = RetryLab('rush_hour')\nlab.show();"
PEERS = """
import ipywidgets, plotly.graph_objects as go
from deepkit.widgets._snapshots import film_snapshot
from deepkit.widgets._latest_worker import LatestWorker
from deepkit.widgets._control_values import values_named
from deepkit.widgets._view import figure_json

def drawn(load):
    figure = film_snapshot(values_named('rush_hour').changed({'load': load}), 100_000).figure
    figure.layout.meta = {**figure.layout.meta, 'load': load}
    return figure

live, stage = go.FigureWidget(drawn(1.2)), ipywidgets.Output()

def batch(load, overtaken):
    new = drawn(load)
    with live.batch_update():
        for old, one in zip(live.data, new.data):
            old.x, old.y = one.x, one.y
        live.update_layout(xaxis_range=new.layout.xaxis.range, yaxis_range=new.layout.yaxis.range, meta=new.layout.meta)

def replaced(load, overtaken):
    data = {'application/vnd.plotly.v1+json': figure_json(drawn(load)), 'text/plain': 'figure'}
    stage.outputs = ({'output_type': 'display_data', 'data': data, 'metadata': {}},)

def peer(name, work, view):
    worker, slider = LatestWorker(work), ipywidgets.FloatSlider(value=1.2, min=0.1, max=2.0, step=0.05)
    slider.observe(lambda change: worker.ask(change['new']), 'value')
    box = ipywidgets.VBox([slider, view])
    box.add_class(name)
    return box

replaced(1.2, None)
ipywidgets.VBox([peer('dk-figurewidget', batch, live), peer('dk-output', replaced, stage)])
"""


def spoken(name: str, times: list[float]) -> float:
    """Print the median, the worst and the nine tenths of some times in milliseconds; return the median."""
    ordered = sorted(times)
    middle, tenth = statistics.median(ordered), ordered[int(0.9 * len(ordered))]
    within = sum(one <= LIMIT_MS for one in ordered)
    print(
        f"{name:<46} median {middle:5.0f} ms, 90 % {tenth:5.0f}, worst {ordered[-1]:5.0f}, "
        f"{within} of {len(ordered)} within {LIMIT_MS:.0f} ms"
    )
    return middle


def choose(page: Page, view: str) -> None:
    """Choose what RetryLab shows, and wait for it."""
    page.locator(f".dk-tabs input[value={view}]").check()
    page.wait_for_timeout(300)
    page.locator(".dk-stage .dk-picture[data-done='1']").wait_for(timeout=60_000)


def measure(page: Page) -> None:
    """Move the controls and print how long it took."""
    page.locator(".dk-stage .dk-picture[data-done='1']").wait_for(timeout=120_000)
    page.evaluate(SCRIPT.read_text())
    ours = 0.0
    for view, name, words in (
        ("time", "load", "load, over time"),
        ("waiting", "load", "load, waiting times"),
        ("waiting", "queue", "waiting places, waiting times (curve anew)"),
        ("attempts", "load", "load, attempts"),
    ):
        choose(page, view)
        times = page.evaluate("([name, n]) => dk.moves(name, n)", [name, MOVES])
        middle = spoken(f"RetryLab: {words}", times)
        ours = ours or middle
    choose(page, "time")
    drawn, last = page.evaluate("([name, n]) => dk.drag(name, n)", ["load", DRAG])
    print(
        f"a drag of {DRAG} events, one a frame: {drawn} pictures, the last one {last:.0f} ms after its event"
    )
    for place, words in (
        ("dk-figurewidget", "FigureWidget, batch_update"),
        ("dk-output", "Output, figure replaced"),
    ):
        times = page.evaluate("([place, n]) => dk.peer(place, n)", [place, MOVES])
        middle = spoken(f"peer: {words}", times)
        print(f"    {middle / ours:.2f} times RetryLab's median for the same figure")


def main() -> None:
    """Print the figures."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    with tempfile.TemporaryDirectory() as name, lab(Path(name), port) as base, watched(height=2600) as seen:
        cells = [new_code_cell(OURS), new_code_cell(PEERS)]  # type: ignore[no-untyped-call]
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        nbformat.write(new_notebook(cells=cells, metadata=kernel), Path(name) / "moves.ipynb")  # type: ignore[no-untyped-call]
        run_all(seen.page, base, "moves.ipynb")
        seen.page.locator(".dk-output .js-plotly-plot").wait_for(timeout=120_000)
        measure(seen.page)
        seen.page.screenshot(path=Path(tempfile.gettempdir()) / "retrylab-moves.png")
        if seen.complaints:
            print("the console said:", json.dumps(seen.complaints[:3]))


if __name__ == "__main__":
    main()
