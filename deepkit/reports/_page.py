"""Any executed notebook as a page: its prose, its code folded, what it showed."""

import base64
from collections.abc import Sequence
from html import escape

from deepkit.reports._about import About
from deepkit.reports._content import MARK, Figure, Part, Shown
from deepkit.reports._html import document
from deepkit.reports._sanitise import page_of
from deepkit.views.html import card, esc, label, table
from deepkit.views.picture import without_stills


def _figure(figure: Figure) -> str:
    code = base64.b64encode(figure.still.encode()).decode()
    image = f'<img alt="{escape(figure.alt)}" src="data:image/svg+xml;base64,{code}">'
    return f"<figure>{image}</figure>" if figure.still else f"<p>{escape(figure.alt)}</p>"


def _shown(one: Shown) -> str:
    if one.failed:
        return f'<div class="shown alarm" role="alert"><pre>{escape(one.text)}</pre></div>'
    body = one.html or f"<pre>{escape(one.text)}</pre>"
    for number, figure in enumerate(one.figures):
        body = body.replace(MARK.format(number), _figure(figure))
    return f'<div class="shown">{body}</div>'


def _part(part: Part) -> str:
    if part.kind == "prose":
        return page_of(part.source)
    if part.kind == "raw":
        return f"<pre>{escape(part.source)}</pre>"
    code = f"<details><summary>code</summary><pre>{escape(part.source)}</pre></details>"
    late = "" if part.run else "<p>This cell was not reached.</p>"
    return (code if part.source else "") + late + "".join(_shown(one) for one in part.shown)


def page(parts: Sequence[Part], about: About, foot: Sequence[tuple[str, str]]) -> str:
    """Write a notebook as one HTML page.

    Args:
        parts: The redacted notebook.
        about: What the report is about.
        foot: Pairs of name and words for the foot.

    Returns:
        The page.
    """
    why = f"A cell failed: {escape(about.failure or '')}. What ran before it is complete."
    failed = f'<p class="alarm" role="alert">{why}</p>'
    rows = table(("", ""), [(esc(name), esc(words)) for name, words in foot])
    body = [
        failed if about.failure else "",
        *(_part(part) for part in parts),
        card(label("About this report"), rows),
    ]
    return document(about.title, without_stills("\n".join(body)))
