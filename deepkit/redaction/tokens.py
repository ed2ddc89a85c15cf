"""Keys by their shape: a published prefix, or letters and digits without any sense.

What a label or its own prefix says is an id (a trace id, a commit, a digest) is kept: support needs it.
"""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from deepkit.facts import read_toml
from deepkit.redaction.opaque import is_opaque

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Source:
    """Formats of keys from one public document: prefix, and how many characters follow at least."""

    source: str
    date: date
    prefixes: Mapping[str, int]


@cache
def sources() -> tuple[Source, ...]:
    """Return the published formats of keys."""
    return read_toml("secrets.toml", dict[str, tuple[Source, ...]])["sources"]


@cache
def _formats() -> tuple[tuple[str, int], ...]:
    return tuple((prefix, least) for one in sources() for prefix, least in one.prefixes.items())


_RUN = re.compile(r"[A-Za-z0-9_+/-]{16,}={0,2}")
_BODY = re.compile(r"[\w~+/=-]*(?:\.[\w~+/=-]+)*", re.ASCII)
_A_WORD = re.compile(r"(?=[a-f]{0,5}[g-z])[a-z]{6}")
_SHAPES = (
    ("hooks.slack", re.compile(r"(?<=hooks\.slack\.com/)\w+/[\w/]{30,}", re.ASCII)),
    (":AA", re.compile(r"(?<!\d)\d{8,10}:AA[\w-]{30,}", re.ASCII)),  # Telegram
    ("Q~", re.compile(r"(?<![\w~.])[\w~.]{3}\dQ~[\w~.-]{31,34}", re.ASCII)),  # Azure, a client's secret
    (".", re.compile(r"(?<![\w.])[MNO][\w-]{22,27}\.[\w-]{6}\.[\w-]{27,40}", re.ASCII)),  # Discord
    ("asic ", re.compile(r"(?<=[Bb]asic )[A-Za-z0-9+/]{8,}={0,2}")),
    ("_mmk", re.compile(r"\b[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk\b")),
    ("A3-", re.compile(r"\bA3-[A-Z0-9]{6}-[A-Z0-9-]{20,40}\b")),
    ("SK", re.compile(r"\bSK[0-9a-f]{32}\b")),  # Twilio
    (".", re.compile(r"(?<![\w.])[0-9a-f]{32}\.[A-Za-z0-9]{16}(?![\w.])", re.ASCII)),  # Zhipu
    ("t1.", re.compile(r"(?<![\w.])t1\.[\w-]+={0,2}\.[\w-]{80,}={0,2}", re.ASCII)),
    ("-us", re.compile(r"\b[0-9a-f]{32}-us\d{1,2}\b")),
)
_ID_PREFIX = re.compile(
    r"(?:chatcmpl|cmpl|resp|req|msg|run|call|toolu|thread|asst|file|batch|gen|chat|trace|span|event|evt|conv|vs|fc|rs|"
    r"ft|ftjob|msgbatch|request|img|upload|step|item|turn|obs|pod|job|task|run|srv|trc|rid|as_req|sha1|sha256|sha384|sha512|md5|h1|go|"
    r"0x)[-_:](?=[A-Za-z0-9-]{6})|00-[0-9a-f]{32}-"
)
_ALONE = (
    r"trace|span|traceparent|commit|revision|sha-?\d*|md5|digest|checksum|integrity|fingerprint|etag|ray|uuid|guid|hash|"
    r"ref|reference|rid|logid|reqid|thumbprint|blob|tree|parent|build|image|serial|nonce|hmac|crc\d*|b3|cid|subresource"
)
_WITH_ID = (
    r"request|req|trace|span|parent|correlation|conversation|message|msg|chat|completion|response|resp|run|thread|call|"
    r"tool|job|batch|event|error|incident|task|operation|op|log|invocation|transaction|tx|reference|ref|support|ticket|"
    r"case|debug|build|activity|instance|pod|node|container|image|deployment|unique|query|delivery|process|workflow|"
    r"execution|step|generation|gen|upstream|x|amz|amzn|ms|tt|ds|cf|acs|fly|vercel|railway|render|b3|sentry|root|"
    r"anfrage|vorgangs|solicitud|requête|demande|richiesta|запроса|файл|file|object|model|adapter|resource|index|"
    r"请求|追踪|跟踪|链路|日志|会话|消息|任务|リクエスト|トレース|요청"
)
_LABEL = re.compile(
    rf"(?:(?<![A-Za-z])(?:{_ALONE})|(?<![A-Za-z])(?:[\w-]{{0,40}}[_.\s-])?(?:{_WITH_ID})?[\s_.-]?(?:ids?|no|number|identifier|标识|编号)"
    rf"|(?:{_WITH_ID})(?:ids?|标识|号)|id de \w+|identifiant(?: de \w+)?|x-\w[\w-]*-ray|Root)"
    r"(?:\\{0,4}[\"'`]|&quot;|\*\*|\])?\s*(?:(?:header\s*)?(?:[:=#：~]|is|was|->|→|为|是)\s*)?(?:\\{0,4}[\"'`(\[<]|&quot;|W/\"|\()*\s*$",
    re.IGNORECASE,
)
_KEY_ID = re.compile(
    r"(?:key|client|user|account|session|secret|tenant|token|s|customer|org|organi[sz]ation|project)[\s_-]?id\W*$",
    re.IGNORECASE,
)
_FILE = re.compile(
    r"\.(?:m?js|css|map|woff2?|ttf|svg|png|jpe?g|webp|gif|ico|wasm|json|html?|whl|tar|gz|zip|lock|py|txt|log|har)\b"
)
_PUBLIC = re.compile(
    r"-----BEGIN (?:CERTIFICATE|PUBLIC KEY|CERTIFICATE REQUEST|X509 CRL)-----.*?(?:-----END|\Z)", re.DOTALL
)
_ID_FIELD = re.compile(
    r"(?:^|[_-])(?:ids?|uuid|guid|sha\d+|md5|digest|fingerprint|etag|commit|hash|ray|trace|span|traceparent|checksum|rid)$|[a-z]I[dD]s?$"
)
_NO_ID_FIELD = re.compile(r"(?:key|client|session|secret|token|access)_?id$", re.IGNORECASE)


def is_id_field(name: str) -> bool:
    """Tell whether a field of this name holds ids that a provider's support asks for."""
    return bool(_ID_FIELD.search(name)) and not _NO_ID_FIELD.search(name)


def published(text: str) -> Iterator[Span]:
    """Yield the places of keys with a published prefix or shape."""
    for prefix, least in _formats():
        at = text.find(prefix)
        while at >= 0:
            before = text[at - 1 : at]
            if not (before.isascii() and before.isalnum()) and before not in ("_", "-"):
                body = _BODY.match(text, at + len(prefix))
                end = body.end() if body else at
                if end - at - len(prefix) >= least and _random(text[at:end], prefix):
                    yield at, end
            at = text.find(prefix, at + 1)
    for mark, pattern in _SHAPES:
        if mark in text:
            for match in pattern.finditer(text):
                if mark != "asic " or _login(match[0]):
                    yield match.span()


def _random(run: str, prefix: str) -> bool:
    body = run[len(prefix) :]
    return (
        is_opaque(body)
        or is_opaque(run)
        or (any(s.isdigit() for s in body) and any(s.isalpha() for s in body) and not _A_WORD.search(body))
    )


def unlabelled(text: str) -> Iterator[Span]:
    """Yield the places of random runs that nothing says are ids."""
    public = [match.span() for match in _PUBLIC.finditer(text)] if "-----BEGIN" in text else []
    for match in _RUN.finditer(text):
        begin, end = match.span()
        if any(first <= begin < last for first, last in public):
            continue
        yield from _opaque_parts(text, match[0], begin, end)


def _opaque_parts(text: str, run: str, begin: int, end: int) -> Iterator[Span]:
    if "/" not in run and "+" not in run:
        if is_opaque(run.rstrip("=")) and not _kept(text, run, begin, end):
            yield begin, end
        return
    pieces = [(piece.start(), piece[0]) for piece in re.finditer(r"[^/+]+", run)]
    packed = not any(_wordlike(piece) for _, piece in pieces) or "+" in run
    if packed and is_opaque(run.replace("/", "").replace("+", "").rstrip("=")):
        if not _kept(text, run, begin, end):
            yield begin, end
        return
    for at, piece in pieces:
        if is_opaque(piece.rstrip("=")) and not _kept(text, piece, begin + at, begin + at + len(piece)):
            yield begin + at, begin + at + len(piece)


def _wordlike(piece: str) -> bool:
    return bool(
        re.fullmatch(
            r"v\d{1,4}|(?:api|chat|raw|www|src|lib|usr|opt|etc|var|tmp|mnt|[A-Za-z]{4,})(?:[-_.][A-Za-z0-9]+)*",
            piece,
        )
    ) and not is_opaque(piece)


def _kept(text: str, run: str, begin: int, end: int) -> bool:
    """Tell whether a random run is an id, a file's name, a picture or packed words."""
    if (
        _ID_PREFIX.match(run)
        or _FILE.match(text, end)
        or text[max(0, begin - 7) : begin].lower() == "base64,"
    ):
        return True
    before = text[max(0, begin - 64) : begin]
    if before.endswith(("@sha256:", "/tree/", "/blob/", "/commit/", "/raw/", "/resolve/")) or (
        _LABEL.search(before) and not _KEY_ID.search(before)
    ):
        return True
    return _prose(run)


def _prose(run: str) -> bool:
    """Tell whether base64 holds words: a text, and no login."""
    raw = _unpacked(run)
    return (
        raw is not None and " " in raw.strip() and sum(s.isalpha() or s == " " for s in raw) > 0.8 * len(raw)
    )


def _login(run: str) -> bool:
    raw = _unpacked(run)
    return raw is not None and ":" in raw


@cache
def _alphabet() -> frozenset[str]:
    return frozenset(chr(code) for code in range(32, 127)) | {"\n", "\t", "\r"}


def _unpacked(run: str) -> str | None:
    letters = run.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        raw = base64.b64decode(letters + "=" * (-len(letters) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        return None
    return raw if _alphabet().issuperset(raw) else None
