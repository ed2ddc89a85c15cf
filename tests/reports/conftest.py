"""A notebook of a few cells, run once for all tests of this folder."""

import json
from pathlib import Path
from typing import Any

import pytest

from deepkit.reports import ReportFiles, report

KEY = "sk-0123456789abcdef0123456789abcdef"
ACTIVE = (
    '<b onclick=x()>bold</b><script>fetch("https://example.org")</script>'
    '<img src="https://example.org/a.png">'
)
CELLS = (
    ("markdown", "# A small report\n\nWith *prose*, <script>alert(1)</script> and `code`.\n\n## Numbers"),
    ("code", f"print('key {KEY} at 192.168.7.9 in /home/ada/work')"),
    ("code", "import plotly.graph_objects as go\ngo.Figure(go.Scatter(y=[1, 3, 2]), layout={'title': 'asked 10.1.2.3'})"),
    ("code", f"from IPython.display import HTML\nHTML({ACTIVE!r})"),
    ("code", "import ipywidgets\nipywidgets.IntText(3, description='n')"),
    ("code", "import os\nprint(os.environ['DEEPKIT_TARGET'], os.environ['DEEPKIT_SCENARIO'], os.environ['DEEPKIT_SEED'])"),
)  # fmt: skip


def write_notebook(path: Path, cells: tuple[tuple[str, str], ...]) -> Path:
    """Write a notebook of these cells."""
    body: list[dict[str, Any]] = []
    for number, (kind, source) in enumerate(cells):
        extra = {"execution_count": None, "outputs": []} if kind == "code" else {}
        body.append({"id": f"c{number}", "cell_type": kind, "metadata": {}, "source": source, **extra})
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    whole = {"cells": body, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(whole), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> ReportFiles:
    """The report of the small notebook in all three forms."""
    folder = tmp_path_factory.mktemp("small")
    return report(write_notebook(folder / "small.ipynb", CELLS), out=folder / "out", seed=5, timeout_s=60)
