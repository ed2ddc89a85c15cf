"""The last step: a button that writes the page as a report."""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import ipywidgets

from deepkit.errors import DeepkitError
from deepkit.widgets import _html as h
from deepkit.widgets._view import View, in_report


class SaveView(View):
    """A button and, after it was pressed, where the report lies.

    Args:
        save: Writes the report and returns the paths.
    """

    def __init__(self, save: Callable[[], Sequence[Path]]) -> None:
        super().__init__()
        self._save = save
        self.paths: tuple[Path, ...] = ()
        self.problem = ""
        self.thread: threading.Thread | None = None
        self.go = ipywidgets.Button(
            description="Save report", tooltip="Write what is on this page, secrets removed"
        )
        self.state = ipywidgets.HTML()
        self.go.on_click(lambda _: self.start())

    def start(self) -> None:
        """Begin to write in the background and return at once."""
        if self.thread is None or not self.thread.is_alive():
            self.go.disabled, self.state.value = True, "<span>Writing the report…</span>"
            self.thread = threading.Thread(target=self._write, name="deepkit-save", daemon=True)
            self.thread.start()

    def _write(self) -> None:
        try:
            self.paths, self.problem = tuple(self._save()), ""
        except (DeepkitError, OSError) as error:
            self.problem = f"The report was not written: {error}"
        finally:
            self.go.disabled = False
            self.state.value = self.html()
            self.refresh()

    def _build(self) -> ipywidgets.Widget:
        return ipywidgets.VBox([self.go, self.state])

    def html(self) -> str:
        """Return where the report lies."""
        if self.problem:
            return h.paragraph(h.badge("not saved", "bad"), h.esc(self.problem))
        if self.paths:
            return h.paragraph("Saved, with secrets removed:") + h.bullets(str(path) for path in self.paths)
        return h.paragraph("This page is a report." if in_report() else "No report was saved yet.")

    def text(self) -> str:
        """Return where the report lies as plain text."""
        return self.problem or ", ".join(str(path) for path in self.paths) or "No report was saved yet."
