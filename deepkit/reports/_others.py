"""The other forms of a report: an executed notebook without widget state, and Markdown."""

import json
import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from deepkit.reports._content import Part, Shown

_MARK = re.compile(r"<!--figure-(\d+)-->")


def _foot(foot: Sequence[tuple[str, str]]) -> str:
    rows = "\n".join(
        f"| {name} | {escape(words, quote=False).replace('|', chr(92) + '|')} |" for name, words in foot
    )
    return f"### About this report\n\n| | |\n| --- | --- |\n{rows}"


def _display(data: Mapping[str, str]) -> dict[str, Any]:
    return {"output_type": "display_data", "data": dict(data), "metadata": {}}


def _outputs(one: Shown) -> list[dict[str, Any]]:
    if one.failed:
        lines = one.text.splitlines() or ["failed"]
        name, _, value = lines[-1].partition(": ")
        return [{"output_type": "error", "ename": name or "Error", "evalue": value, "traceback": lines}]
    html = _MARK.sub("", one.html).strip()
    bare = not re.sub(r"<[^>]+>", "", html).strip() and "<img" not in html
    # Pictures become outputs of their own: hosts that drop images inside HTML still show these.
    pictures = [_display({"image/svg+xml": f.still, "text/plain": f.alt}) for f in one.figures if f.still]
    if bare and pictures:
        return pictures
    return [_display({"text/plain": one.text, **({} if bare else {"text/html": html})}), *pictures]


def as_notebook(parts: Sequence[Part], foot: Sequence[tuple[str, str]]) -> str:
    """Write a report as a notebook (nbformat 4.5): HTML, pictures and text, no widget state, no plotly data."""
    cells: list[dict[str, Any]] = []
    for number, part in enumerate(parts):
        cell: dict[str, Any] = {"id": f"c{number}", "metadata": {}, "source": part.source}
        if part.kind == "code":
            shown = [out for one in part.shown for out in _outputs(one)]
            cells.append({**cell, "cell_type": "code", "execution_count": None, "outputs": shown})
        else:
            cells.append({**cell, "cell_type": "markdown"})
    cells.append({"id": "about", "cell_type": "markdown", "metadata": {}, "source": _foot(foot)})
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    whole = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _fenced(text: str) -> str:
    ticks = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", text)), default=0))
    return f"{ticks}text\n{text.rstrip()}\n{ticks}"


def as_markdown(parts: Sequence[Part], foot: Sequence[tuple[str, str]]) -> str:
    """Write a report as Markdown: prose, what was shown as text, and each figure in a sentence."""
    blocks: list[str] = []
    for part in parts:
        if part.kind != "code":
            blocks.append(part.source)
            continue
        if not part.run:
            blocks.append("*This cell was not reached.*")
        for one in part.shown:
            alone = {figure.alt for figure in one.figures} >= {one.text}
            if one.text and not alone:
                blocks.append(_fenced(one.text))
            blocks += [
                f"*Figure: {escape(' '.join(figure.alt.split()), quote=False)}*" for figure in one.figures
            ]
    return "\n\n".join([*blocks, _foot(foot)]) + "\n"
