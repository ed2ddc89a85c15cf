"""Whatever a user pastes, as one line of readable text.

Errors arrive as UTF-16 from PowerShell, as cp936 from a Chinese console, decoded with the
wrong table, wrapped by a terminal in the middle of a word, coloured, and as JSON inside
JSON. Each wrapping that is taken off here is one that no pattern has to know.
"""

import codecs
import re
import unicodedata

MOST_BYTES = 1_000_000
"""Longest text that is read at all, in bytes."""
MOST_CHARACTERS = 40_000
"""Longest text that is searched whole; of a longer one the beginning, the end, and lines that tell of trouble."""
HEAD, TAIL, LINE = 8_000, 16_000, 1_000
"""Characters kept of the beginning, of the end, and of any one line between."""

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ANSI = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]{0,200}(?:\x07|\x1b\\)|[@-_])")
_FRAMES = re.compile(r"[\u2500-\u259f\u2800-\u28ff]+")
_ESCAPED = re.compile(r"(?<!\\)\\+u([0-9a-fA-F]{4})")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_TELLING = re.compile(
    r"error|exception|fail|refus|denied|time ?d? ?-?out|reset|\\b[45]\\d\\d\\b|错误|失败|超时|繁忙|不足",
    re.IGNORECASE,
)
_QUOTES = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "\u00a0": " ", "\u200b": "", "\ufeff": ""})
_ODD = re.compile(
    r"[\u00c0-\u00ff][\u0080-\u00bf]|[\u00c0-\u00ff\u0100-\u017f\u0192\u02c6\u02dc\u2013-\u2122]{2}|[鏈锛璇銆鍔瓒缃璐妯]"
)


def decode(raw: bytes) -> tuple[str, str]:
    """Turn bytes of unknown encoding into text.

    Args:
        raw: The bytes as they were pasted or saved.

    Returns:
        The text, and the name of the encoding it was read with.
    """
    for mark, name in _BOMS:
        if raw.startswith(mark):
            return raw.decode(name, "replace"), name.removesuffix("-sig")
    zeros = raw[:4000].count(0)
    if zeros > len(raw[:4000]) // 4:  # UTF-16 without its mark: every second byte of English is zero
        name = "utf-16-le" if raw[1:4000:2].count(0) >= raw[0:4000:2].count(0) else "utf-16-be"
        return raw.decode(name, "replace"), name
    for name in ("utf-8", "gb18030"):
        try:
            return raw.decode(name), name
        except UnicodeDecodeError as problem:
            if name == "utf-8" and problem.start > len(raw) - 4:  # cut in the middle of the last letter
                return raw.decode(name, "ignore"), name
    # Windows' own Western table knows only 251 of 256 bytes; the rest is replaced.
    return raw.decode("cp1252", "replace"), "cp1252"


def repair(text: str) -> str:
    """Undo the decoding of UTF-8 with a wrong table ("æœåŠ¡å™¨", "鏈嶅姟鍣").

    Args:
        text: Text that may have been read with cp1252, Latin-1 or gb18030.

    Returns:
        The repaired text, or an empty one when nothing shows such damage.
    """
    if not _ODD.search(text):
        return ""
    best, most = "", 1
    for table in ("cp1252", "latin-1", "gb18030"):
        # What the wrong table cannot spell was damaged on the way; its neighbours still read.
        fixed = text.encode(table, "ignore").decode("utf-8", "ignore")
        letters = len(_CHINESE.findall(fixed))
        if letters > most and not _ODD.search(fixed):
            best, most = fixed, letters
    return best


def shorten(text: str) -> str:
    """Return the text; of one that is too long its beginning, its end, and the lines that tell of trouble.

    Args:
        text: Decoded text of any length.

    Returns:
        At most about MOST_CHARACTERS of it, in its order.
    """
    if len(text) <= MOST_CHARACTERS:
        return text
    head, middle, tail = text[:HEAD], text[HEAD:-TAIL], text[-TAIL:]
    telling: list[str] = []
    room = MOST_CHARACTERS - HEAD - TAIL
    for line in reversed(middle.splitlines()):  # the last trouble is the one that was reported
        if room <= 0:
            break
        if _TELLING.search(line[:LINE]):
            telling.append(line[:LINE])
            room -= len(telling[-1]) + 1
    return "\n".join([head, *reversed(telling), tail])


def unwrap(text: str) -> str:
    """Take off colours, frames, escapes and odd widths, keeping the lines.

    Args:
        text: Decoded text.

    Returns:
        Text in which a JSON body inside a log line reads like one beside it.
    """
    text = _FRAMES.sub(" ", _ANSI.sub("", text))
    text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    text = unicodedata.normalize("NFKC", text).translate(_QUOTES)
    text = re.sub(r"(?<!\\)\\+([\"'/`])", r"\1", text)
    return re.sub(r"(?<!\\)\\+[nrt]", "\n", text).encode("utf-8", "replace").decode("utf-8")


def flat(text: str) -> str:
    """Return the text on one line, its runs of blanks made one."""
    return re.sub(r"\s+", " ", text).strip()


def joined(text: str) -> str:
    """Return the text with its lines joined without a blank, for words that a terminal broke."""
    return re.sub(r"[ \t]*\n[ \t]*", "", text) if "\n" in text else ""
