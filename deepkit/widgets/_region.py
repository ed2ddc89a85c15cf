"""A place on a page for results: plain HTML that is updated in place, and stands in the saved notebook."""

import os
import threading
from typing import Any

import anywidget
import traitlets
from IPython.display import DisplayHandle, display

from deepkit.views.html import plain

REPLACES = """function render({ model, el }) {
  const draw = () => { el.innerHTML = model.get("html"); };
  model.on("change:html", draw);
  draw();
}
export default { render };"""


class Mirror(anywidget.AnyWidget):
    """HTML as a widget, for hosts that do not update an output once its cell has ended (Voila).

    Traits:
        html: What is shown.
    """

    _esm = REPLACES
    html = traitlets.Unicode().tag(sync=True)

    def __init__(self, html: str) -> None:
        super().__init__(html=html)


class Region:
    """One output. It may be shown once; `update` follows from any thread."""

    def __init__(self) -> None:
        self.html = ""
        self._shown: DisplayHandle | Mirror | None = None
        self._lock = threading.Lock()

    def show(self, html: str) -> None:
        """Put the region on the page."""
        with self._lock:
            self.html = html
            if in_voila():
                self._shown = Mirror(html)
                display(self._shown)  # type: ignore[no-untyped-call]
            else:
                self._shown = display(bundle(html), raw=True, display_id=True)  # type: ignore[no-untyped-call]

    def update(self, html: str) -> None:
        """Show something else in the same place; nothing happens when it is the same."""
        with self._lock:
            if html == self.html or self._shown is None:
                return
            self.html = html
            if isinstance(self._shown, Mirror):
                self._shown.html = html
            else:
                self._shown.update(bundle(html), raw=True)


def bundle(html: str) -> dict[str, str]:
    """Return an output: HTML, and its words for readers that show none."""
    return {"text/html": html, "text/plain": plain(html)}


def in_voila() -> bool:
    """Tell whether the page is served by Voila, which draws plain outputs once."""
    return os.environ.get("SERVER_SOFTWARE", "").lower().startswith("voila")


class Output:
    """Anything that is HTML on a page and words elsewhere: what `Card`, `FixCard` and `OffPeak` are.

    Args:
        html: The whole output.
    """

    def __init__(self, html: str) -> None:
        self.html = html

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return bundle(self.html)

    def __repr__(self) -> str:
        return plain(self.html)
