"""The HTTP status in a text that spells it in any of a dozen dialects."""

import re

_REASONS = (
    r"bad request|unauthorized|payment required|insufficient balance|forbidden|not found|method not allowed|"
    r"request timeout|payload too large|request entity too large|unprocessable|too many requests|"
    r"internal server error|not implemented|bad gateway|service (?:temporarily )?unavailable|gateway time-?out|"
    r"client error|server error|response\b|"
    r"authentication fails|model not exist|ok from (?:post|get)|moved permanently|found$"
)
_N = (
    r"(?P<n>20[0-8]|30[0-8]|4[01]\d|42[1-689]|431|451|499|50\d|51[01]|52[0-79]|530)"
    r"(?!\.\d)"  # not the beginning of an address
)
_NOT_HTTP = re.compile(
    r"TransferEncodingError: 400, message=|tunnel (?:connection )?failed[:,]? (?:response )?\d{3}|"
    r"HTTP code \d{3} from proxy|proxy response \(\d{3}\)",
    re.IGNORECASE,
)
"""aiohttp numbers its own parser's error like a status; a proxy's answer to CONNECT is not the server's."""
_CLASSES = {
    "NotFoundError": 404,
    "PermissionDeniedError": 403,
    "UnprocessableEntityError": 422,
    "RateLimitError": 429,
    "BadRequestError": 400,
}
"""Exceptions of the OpenAI SDKs that stand for one status; litellm uses some of the names for others."""
_PHRASES = {
    "bad request": 400, "unauthorized": 401, "payment required": 402, "forbidden": 403, "not found": 404,
    "method not allowed": 405, "unprocessable entity": 422, "too many requests": 429,
    "internal server error": 500, "bad gateway": 502, "service unavailable": 503, "gateway timeout": 504,
}  # fmt: skip
"""Reason phrases (RFC 9110, 15) that stand for their status where a client prints nothing else."""
_ALONE = re.compile(
    rf"(?:error|exception|failed|failure)\W{{1,4}}(?P<phrase>{'|'.join(_PHRASES)})\s*(?:$|[.\[({{]|at\b|caused by\b)",
    re.IGNORECASE,
)
_SPOKEN = re.compile(
    r"(?<![\w.,:/=#-])(?<!of )(?<!line )(?<!page )(?<!port )(?<!than )(?<!after )(?<!about )(?<!max )"
    r"(?P<n>40[0-4]|422|429|50[0-4])s?(?![\da-rt-z_.,:/%-])"
    r"(?! ?(?:m?s|sec\w*|minutes?|tokens?|bytes?|[km]b|chars?|characters|words|lines|requests|times|users|messages)\b)"
    r"(?! ?[个条字秒元次毫多万人])|(?<=[\u4e00-\u9fff])(?P<zh>40[0-4]|429|50[0-4])(?![\d.%]| ?[个条字秒元次毫多万人])",
    re.IGNORECASE,
)
"""A bare number in a short sentence, the last resort: "keeps saying 503"."""
_SHORT = 120
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\bHTTP/\d(?:\.\d)?[\" ]+{_N}\b",
        rf"\b(?:error|status|http|response|exit)[ _-]?(?:code|status)?[\"']?\s*[:=(\[]?\s*[\"'`]?{_N}\b",
        (
            r"\b(?:status[_ ]?code|statusCode|httpStatus(?:Code)?|http_code|error[_ ]code)[\"']?"
            rf"\s*(?:is|of|was|[:=])?\s*[\"']?{_N}\b"
        ),
        rf"\"code\":\s*\"?{_N}\"?\s*[,}}]",
        rf"\(?(?:HTTP|DeepSeek|API|OpenAI|deepseek api)\s*(?:error|status|错误)?\s*[:(]?\s*{_N}\b",
        rf"(?:状态码?|错误码?|状态错误|返回码|响应码|错误代码)\s*(?:是|为)?\s*[:：=\[(]?\s*{_N}(?![\da-z])",
        rf"(?:报错?|返回|显示|提示|出现)(?:了|的是|都是)?\s?[:：]?\s?(?:http\s?)?{_N}(?![\da-z]|\s*[个条字秒元次毫])",
        rf"(?<![\d.]){_N}\s?(?:错误|报错|异常)",
        rf"\[{_N}\]",
        rf"\|\s*{_N}\s*\|\s*[\d.]+",
        rf"\b{_N}[:\s`'\"(-]{{1,4}}(?:{_REASONS})",
        rf"(?:status|错误|error|failed|failure|失败)[^\d]{{0,24}}\b{_N}\b(?!\s*(?:ms|s\b|tokens|bytes|chars))",
        rf"^\W{{0,3}}{_N}\b(?![\d.,/]|\s*(?:ms|tokens|bytes))",
        r"[.:;)\]]\s(?P<n>40[0-5]|413|422|429|50[0-4])\W{0,3}$",
        rf"<title>\s*{_N}\b",
        rf"\b(?:got|gets?|returned|returns|received|answered|gave|threw|throws) (?:an? )?(?:HTTP )?{_N}\b",
    )
)


def statuses(text: str) -> list[int]:
    """List the HTTP statuses that a text names, in the order in which they stand there.

    Args:
        text: Text on one line.

    Returns:
        Numbers from 200 to 599, each once.
    """
    text = _NOT_HTTP.sub(" ", text)
    seen: dict[int, int] = {}
    for name, number in _CLASSES.items():
        at = text.find(name)
        if at >= 0 and not text[max(0, at - 1) : at].isalnum() and "litellm" not in text:
            seen[number] = at
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            number = int(match["n"])
            at = match.start("n")
            seen[number] = min(seen.get(number, at), at)
    alone = None if seen else _ALONE.search(text)
    if alone:
        return [_PHRASES[alone["phrase"].lower()]]
    spoken = None if seen or len(text) > _SHORT else _SPOKEN.search(text)
    if spoken:
        return [int(spoken["n"] or spoken["zh"])]
    return sorted(seen, key=lambda number: seen[number])


def decisive(found: list[int], given: int | None) -> int | None:
    """Choose the one status that the report is about.

    Args:
        found: What `statuses` listed.
        given: The status that was known apart from the text.

    Returns:
        The given one, else the first error, else the first success.
    """
    if given is not None:
        return given
    errors = [number for number in found if number >= 400]
    return errors[0] if errors else (found[0] if found else None)
