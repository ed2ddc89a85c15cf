"""Foreign HTML, Markdown and pictures that cannot act: parsed by nh3, and only what is on a list stays."""

import base64
import binascii
import re
import struct
from collections.abc import Iterator
from html.parser import HTMLParser

import nh3

TAGS = frozenset({
    "a", "abbr", "b", "blockquote", "br", "caption", "cite", "code", "col", "colgroup", "dd", "del",
    "details", "div", "dl", "dt", "em", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr",
    "i", "img", "ins", "kbd", "li", "mark", "ol", "p", "pre", "q", "s", "samp", "small", "span", "strong",
    "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "time", "tr", "u", "ul", "var",
})  # fmt: skip
DROPPED = frozenset({
    "embed", "iframe", "math", "noscript", "object", "script", "style", "template", "title",
})  # fmt: skip
"""Tags that vanish with all that stands in them; of other unknown tags the text stays."""
ATTRIBUTES = {
    "*": {"class", "title", "lang", "role", "aria-label", "style"},
    "a": {"href", "target"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "details": {"open"},
    "ol": {"start"},
}
STYLES = frozenset({
    "background-color", "border", "border-bottom", "border-collapse", "border-left", "border-radius",
    "border-right", "border-top", "color", "cursor", "display", "font-family", "font-size", "font-style",
    "font-weight", "line-height", "list-style", "margin", "margin-bottom", "margin-left", "margin-right",
    "margin-top", "max-width", "min-width", "padding", "padding-bottom", "padding-left", "padding-right",
    "padding-top", "text-align", "text-decoration", "vertical-align", "white-space", "width",
})  # fmt: skip
"""Nothing here takes an element out of the flow of the page."""
LINKS = frozenset(("http", "https", "mailto"))
SHAPES = frozenset({
    "circle", "clipPath", "defs", "desc", "ellipse", "g", "line", "path", "polygon", "polyline", "rect",
    "svg", "text", "title", "tspan",
})  # fmt: skip
_LOOKS = frozenset({
    "aria-label", "cx", "cy", "d", "dominant-baseline", "dx", "dy", "fill", "fill-opacity", "font-family",
    "font-size", "font-weight", "height", "opacity", "points", "preserveAspectRatio", "r", "role", "rx",
    "ry", "stroke", "stroke-dasharray", "stroke-linecap", "stroke-linejoin", "stroke-opacity",
    "stroke-width", "text-anchor", "transform", "viewBox", "width", "x", "x1", "x2", "xmlns", "y", "y1",
    "y2",
})  # fmt: skip
PICTURES = (
    "data:image/png;base64,",
    "data:image/jpeg;base64,",
    "data:image/gif;base64,",
    "data:image/webp;base64,",
)
_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8"
_DRAWN = frozenset({
    b"IDAT", b"IEND", b"IHDR", b"PLTE", b"acTL", b"cHRM", b"fcTL", b"fdAT", b"gAMA", b"pHYs", b"sRGB",
    b"tRNS",
})  # fmt: skip


def safe_html(text: str) -> str:
    """Return HTML without anything that acts, fetches, or covers the page.

    Args:
        text: Any HTML.

    Returns:
        Well-formed HTML of TAGS; links elsewhere carry `rel`, pictures are packed inside.
    """
    return nh3.clean(
        text,
        tags=set(TAGS),
        clean_content_tags=set(DROPPED),
        attributes=ATTRIBUTES,
        attribute_filter=_attribute,
        url_schemes={*LINKS, "data"},
        filter_style_properties=set(STYLES),
        link_rel="noopener noreferrer nofollow",
    )


def safe_svg(text: str) -> str:
    """Return a drawing of shapes and words alone; nothing when there is none."""
    clean = nh3.clean(
        text,
        tags=set(SHAPES),
        clean_content_tags=set(DROPPED - {"title"}),
        attributes={tag: set(_LOOKS) for tag in SHAPES},
        attribute_filter=lambda _tag, _name, value: None if "url(" in value.lower() else value,
        link_rel=None,
    )
    begin = clean.find("<svg")
    if begin < 0:
        return ""
    drawing = clean[begin:]
    return (
        drawing
        if "xmlns" in drawing[:400]
        else drawing.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    )


def _attribute(tag: str, name: str, value: str) -> str | None:
    if name in ("href", "src"):
        if tag == "img":
            return _picture(value)
        return value if _scheme(value) in LINKS or value.startswith("#") else None
    if name == "style":
        return ";".join(one for one in value.split(";") if _harmless_style(one))
    return value


def _scheme(address: str) -> str:
    """Return the scheme of an address as a browser reads it, white space and control characters left out."""
    head, colon, _ = "".join(sign for sign in address if sign > " ").partition(":")
    return head.lower() if colon and not any(sign in head for sign in "/?#") else ""


def _harmless_style(declaration: str) -> bool:
    value = declaration.partition(":")[2].lower()
    return not ("url" in value or "\\" in value or "var" in value or re.search(r"-\s*[\d.]", value))


def _in_flow(declaration: str) -> bool:
    name = declaration.partition(":")[0].strip().lower()
    return not name or (name in STYLES and _harmless_style(declaration))


def _picture(source: str) -> str | None:
    """Return a packed picture without the texts inside it, or None."""
    for kind in PICTURES:
        if source.startswith(kind):
            packed = packed_picture(source[len(kind) :])
            return kind + packed if packed else None
    return None


def packed_picture(letters: str) -> str:
    """Return a picture in base64 without its comments and other texts; nothing when it is none."""
    try:
        raw = base64.b64decode("".join(letters.split()), validate=True)
    except (binascii.Error, ValueError):
        return ""
    if raw.startswith(_PNG):
        raw = _PNG + b"".join(_png_chunks(raw))
    elif raw.startswith(_JPEG):
        raw = _JPEG + b"".join(_jpeg_segments(raw))
    elif not raw.startswith((b"GIF8", b"RIFF")):
        return ""
    return base64.b64encode(raw).decode()


def _png_chunks(raw: bytes) -> Iterator[bytes]:
    at = len(_PNG)
    while at + 12 <= len(raw):
        (length,) = struct.unpack(">I", raw[at : at + 4])
        if raw[at + 4 : at + 8] in _DRAWN:
            yield raw[at : at + 12 + length]
        at += 12 + length


def _jpeg_segments(raw: bytes) -> Iterator[bytes]:
    at = 2
    while at + 4 <= len(raw) and raw[at] == 0xFF:
        mark, length = raw[at + 1], int.from_bytes(raw[at + 2 : at + 4])
        if mark == 0xDA:  # the picture itself, to the end
            yield raw[at:]
            return
        if mark not in (0xFE, *range(0xE1, 0xEE)):  # comments, Exif, XMP
            yield raw[at : at + 2 + length]
        at += 2 + length


class _Texts(HTMLParser):
    """The words of a page in their order, and the tags and attributes that are not on the lists."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.acts = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.acts |= tag not in TAGS
        for name, value in attrs:
            self.acts |= name.startswith("on") or name in ("srcdoc", "formaction")
            self.acts |= name == "style" and not all(map(_in_flow, (value or "").split(";")))
            if name in ("href", "src"):
                self.acts |= _scheme(value or "") not in ("", *LINKS)
        if tag in ("td", "th"):
            self.words.append(" | ")
        elif tag in (
            "br",
            "p",
            "div",
            "tr",
            "li",
            "pre",
            "table",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "dt",
            "dd",
        ):
            self.words.append("\n")

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def _parsed(html: str) -> _Texts:
    parser = _Texts()
    parser.feed(html)
    parser.close()
    return parser


def words_of(html: str) -> str:
    """Return the words of HTML as a reader sees them."""
    return "".join(_parsed(html).words)


def safe_markdown(source: str) -> str:
    """Return Markdown that shows nothing but words, lists, tables and links; what would act is shown as its text."""
    from nbconvert.filters.markdown_mistune import markdown2html_mistune

    if not _parsed(str(markdown2html_mistune(source))).acts:
        return source
    longest = max((len(run) for run in re.findall(r"`+", source)), default=0)
    ticks = "`" * max(3, longest + 1)
    return f"{ticks}text\n{source}\n{ticks}"


def page_of(markdown: str) -> str:
    """Return Markdown as HTML that cannot act."""
    from nbconvert.filters.markdown_mistune import markdown2html_mistune

    return safe_html(str(markdown2html_mistune(markdown)))
