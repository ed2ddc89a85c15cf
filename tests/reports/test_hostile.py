"""Foreign HTML, Markdown and pictures in a report are shown and never act, in each of its three forms."""

import base64
import json
import struct
import time
import zlib
from html.parser import HTMLParser
from pathlib import Path

import pytest

from deepkit.reports import FORMATS, _written, preview, save
from deepkit.reports._about import About
from deepkit.reports._sanitise import packed_picture, safe_html, safe_markdown, safe_svg
from deepkit.triage import explain
from deepkit.views import fix_card
from deepkit.views.html import practice
from tests.reports.conftest import KEY
from tests.views.cases import measured

HOSTILE = (
    "<script>alert(1)</script>",
    "<me<script></script>ta http-equiv=refresh content='0;url=https://evil.example'>",
    "<style>body{display:none}</style>",
    "<a style='position:fixed;inset:0;z-index:9999' href='https://evil.example'>x</a>",
    "<a style='POSITION : fixed;margin:-9999px' href='https://evil.example'>x</a>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href=' jAvA&#115;cript&colon;alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='vbscript:x'>x</a>",
    "<a href='java\tscript:alert(1)'>x</a>",
    "<img src=x onerror=alert(1)>",
    "<img src='https://evil.example/p.png'>",
    "<img src='data:image/svg+xml,<svg onload=alert(1)>'>",
    "<svg><script>alert(1)</script></svg>",
    "<svg onload=alert(1)><a xlink:href='javascript:x'><text>x</text></a></svg>",
    "<math><mi xlink:href='javascript:x'>x</mi></math>",
    "<iframe srcdoc='<script>x</script>'></iframe>",
    "<form action='https://evil.example'><button formaction='javascript:x'>x</button></form>",
    "<base href='https://evil.example/'>",
    "<link rel=stylesheet href='https://evil.example/x.css'>",
    "<details open ontoggle=alert(1)>x</details>",
    "<div style='background:url(https://evil.example/x)'>x</div>",
    "<template><script>x</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<!--><script>alert(1)</script>-->",
    "<p id=plotly-packed name=body>x</p>",
)
TAME = ("http:", "https:", "mailto:", "#")


class _Acting(HTMLParser):
    """What of a page acts, fetches or covers."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in (
            "script",
            "style",
            "meta",
            "iframe",
            "object",
            "embed",
            "base",
            "link",
            "form",
            "template",
            "math",
        ):
            self.found.append(tag)
        values = {name: (value or "").strip().lower() for name, value in attrs}
        for name, value in values.items():
            style = name == "style" and any(one in value for one in ("position", "url", "-9", "inset"))
            link = name == "href" and not value.startswith(TAME)
            fetched = name == "src" and not value.startswith("data:image/")
            if name.startswith("on") or name in ("id", "name", "srcdoc") or style or link or fetched:
                self.found.append(f"{tag} {name}={value}")
        if (
            tag == "a"
            and values.get("href", "#").startswith("http")
            and "noopener" not in values.get("rel", "")
        ):
            self.found.append("link without rel")


def acting(html: str) -> list[str]:
    """Return what acts in a piece of HTML."""
    reader = _Acting()
    reader.feed(html)
    return reader.found


class Page:
    """An output whose HTML, text or picture somebody else chose."""

    def __init__(self, **data: str) -> None:
        self.data = {kind.replace("_", "/"): value for kind, value in data.items()}


def written(output: Page, out: Path) -> tuple[Path, ...]:
    """The report of a notebook with that output, in all forms."""
    shown = {"output_type": "display_data", "data": output.data, "metadata": {}}
    cell = {"cell_type": "code", "source": "", "outputs": [shown], "execution_count": 1}
    about = About("A look", "sandbox", "rush_hour", 0, time.time(), 0.0, None)
    return _written({"cells": [cell]}, about, out, "hostile", FORMATS, None).paths


@pytest.mark.parametrize("html", HOSTILE)
def test_hostile_html_cannot_act(html: str) -> None:
    """Whatever is tried, cleaned HTML holds nothing that acts; cleaning it again changes nothing."""
    clean = safe_html(f"<p>before</p>{html}<p>after</p>")
    assert acting(clean) == []
    assert "<p>before</p>" in clean
    assert safe_html(clean) == clean


def test_reports_of_hostile_output_cannot_act(tmp_path: Path) -> None:
    """In the page and in the exported notebook nothing acts; in Markdown no raw HTML stands outside a fence."""
    view = Page(text_html="".join(HOSTILE), text_plain="<script>alert(1)</script>")
    paths = {one.suffix: one for one in written(view, tmp_path)}
    main = paths[".html"].read_text().split('<main class="dk">')[1].split("</main>")[0]
    assert [one for one in acting(main) if not one.startswith("h2 id=")] == []
    for cell in json.loads(paths[".ipynb"].read_text())["cells"]:
        for out in cell.get("outputs", ()):
            assert acting("".join(out["data"].get("text/html", ""))) == []
    outside = "".join(paths[".md"].read_text().split("```")[::2])
    assert "<script" not in outside


@pytest.mark.parametrize(
    "markdown",
    [
        "[x](javascript:alert(1))",
        "<script>x</script>",
        "![x](data:text/html,x)",
        "<b onclick=x>y</b>",
        "[a]: vbscript:x\n\n[a]",
        "<div style='position:fixed'>x</div>",
    ],
)
def test_markdown_that_would_act_is_shown_as_text(markdown: str) -> None:
    """Prose with a script, a handler or a link that runs is fenced."""
    assert safe_markdown(markdown).startswith("```")
    tame = "# Title\n\nSome *words*, `a < b`, [a link](https://x.example) and <br> a line.\n\n| a | b |\n| - | - |\n| 1 | 2 |"
    assert safe_markdown(tame) == tame


def test_our_own_html_passes() -> None:
    """Tables, folds, links and colours of DeepKit's own views are kept, but for the parts that only a style draws."""
    clean = safe_html(fix_card("backoff", measured()))
    for piece in ("<details", "<summary>", 'class="dk-good"', 'target="_blank"', "<ol>"):
        assert piece in clean
    assert "background-color" in safe_html(practice("x"))


def test_an_attribute_cannot_be_left(tmp_path: Path) -> None:
    """A picture's words and letters cannot break out of the tag that is made for them."""
    view = Page(image_png='AAAA" onerror="alert(1)', text_plain='"><script>alert(1)</script>')
    paths = {one.suffix: one for one in written(view, tmp_path)}
    main = paths[".html"].read_text().split('<main class="dk">')[1].split("</main>")[0]
    assert [one for one in acting(main) if not one.startswith("h2 id=")] == []


def test_a_secret_that_a_tag_divides_goes(tmp_path: Path) -> None:
    """A key whose halves stand in two elements, or behind entities, is in no form of the report."""
    for html in (
        f"<b>{KEY[:17]}</b><i>{KEY[17:]}</i>",
        "".join(f"&#{ord(one)};" for one in KEY),
        f"<td>{KEY[:9]}<!-- -->{KEY[9:]}</td>",
    ):
        for path in written(Page(text_html=html, text_plain="x"), tmp_path):
            text = path.read_text()
            assert KEY[:17] not in text
            assert KEY[17:] not in text


def test_pictures_lose_their_texts() -> None:
    """Comments and text chunks of a PNG are dropped, the picture stays; what is no picture is left out."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    start = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    end = chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")
    packed = base64.b64encode(start + chunk(b"tEXt", b"Comment\0" + KEY.encode()) + end).decode()
    assert base64.b64decode(packed_picture(packed)) == start + end
    assert packed_picture(base64.b64encode(b"<svg onload=x>").decode()) == ""
    jpeg = b"\xff\xd8\xff\xfe\x00\x06ABCD\xff\xda\x00\x02xyz\xff\xd9"
    assert (
        base64.b64decode(packed_picture(base64.b64encode(jpeg).decode()))
        == b"\xff\xd8\xff\xda\x00\x02xyz\xff\xd9"
    )


def test_a_drawing_keeps_its_shapes_alone() -> None:
    """Scripts, handlers, foreign objects and links of a drawing go; lines and words stay."""
    drawn = safe_svg(
        "<svg viewBox='0 0 9 9' onload='x()'><script>x</script><path d='M0 0L9 9' stroke='url(https://e.example)'/>"
        "<foreignObject><iframe src=x></iframe></foreignObject><a href='https://e.example'><text x='1'>hi</text></a></svg>"
    )
    assert 'viewBox="0 0 9 9"' in drawn
    assert "hi</text>" in drawn
    assert acting(drawn) == []
    assert "e.example" not in drawn


def test_the_preview_says_what_saving_removes(tmp_path: Path) -> None:
    """Before anything is written, the list of what would go is there, and saving takes out no less."""
    case = explain(f"Error code: 401 - invalid key {KEY} at http://10.0.0.7/v1")
    page = save(case, out=tmp_path)[1]
    assert KEY not in page
    assert all(count > 0 for _, count in preview(case))
