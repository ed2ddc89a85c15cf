"""The live page of RetryLab: one small module of script that shows what it is sent and computes nothing."""

from pathlib import Path

import anywidget
import traitlets

HERE = Path(__file__).parent


class Panel(anywidget.AnyWidget):
    """Controls, a picture and a few sentences.

    The page sends messages: {"do": "ask"} with "values" by name, "width" of the picture in pixels and "at",
    a name of the move; and {"do": "reset"}, "compare", "stop" or "use".

    Traits:
        form: The controls and what each offers; set once.
        shown: What the page shows: "picture" (SVG), "alt", "said", "note", "code", "values" with their words,
            "unused" names, and "at", the move that it answers.
        contest: The tournament: "running", "picture", "alt", "said", "use" (the winner's name).
    """

    _esm = HERE / "retrylab.js"
    _css = HERE / "retrylab.css"
    form = traitlets.Dict().tag(sync=True)
    shown = traitlets.Dict().tag(sync=True)
    contest = traitlets.Dict().tag(sync=True)
