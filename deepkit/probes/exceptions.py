"""An exception of an LLM client as text: what it says, what caused it, whom it asked, what came back.

Only what is already there is read: no stream is consumed, no header is taken but those that say who answered
and when to try again. Keys are removed where the text is read (`deepkit.probes.text`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from deepkit.vendors import speaker

MOST_LINKS = 12
"""Exceptions followed along causes and contexts; a longer chain is a loop or a retry's history."""
MOST_BODY = 4000
HEADERS = (
    "retry-after",
    "x-request-id",
    "x-ds-trace-id",
    "cf-ray",
    "server",
    "content-type",
    "x-should-retry",
)
LLM_CLIENTS = frozenset({
    "openai", "anthropic", "litellm", "langchain", "langchain_core", "langchain_openai", "langchain_deepseek",
    "langchain_community", "pydantic_ai", "instructor", "dspy", "ollama", "mistralai", "groq", "together", "cohere",
})  # fmt: skip
"""Packages that do nothing but ask language models."""
PATHS = ("/chat/completions", "/completions", "/v1/messages", "/api/generate", "/api/chat", "/v1/responses")
"""Paths that a general HTTP client asks only of a language model."""


@dataclass(frozen=True, slots=True)
class Said:
    """What an exception says: text, HTTP status, the client library, and whether it asked a language model."""

    text: str
    status: int | None
    client: str
    llm: bool


def read_exception(error: BaseException) -> Said:
    """Read an exception with all that caused it.

    Args:
        error: Raised by openai, httpx, httpx2, requests, litellm, langchain, pydantic-ai or anything else.

    Returns:
        Its text, the outermost first, as a log would show it.
    """
    chain = list(_chain(error))
    parts = [_part(one) for one in chain]
    packages = [type(one).__module__.split(".")[0] for one in chain]
    known = [one for one in packages if one in LLM_CLIENTS]
    urls = [url for one in chain if (url := _url(one))]
    return Said(
        "\n".join(dict.fromkeys(line for part in parts for line in part if line)),
        next((status for one in chain if (status := _status(one))), None),
        (known or packages)[0],
        bool(known)
        or any(map(_of_a_model, urls))
        or any(_names_a_vendor(str(one)) for one in chain if _network(one)),
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception, those of a group, and those behind it, each once."""
    waiting, seen = [error], set[int]()
    while waiting and len(seen) < MOST_LINKS:
        one = waiting.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        if isinstance(one, BaseExceptionGroup):
            waiting += one.exceptions
        behind = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
        waiting += [behind] if behind is not None else []


def _part(error: BaseException) -> list[str]:
    """Return the lines of one exception."""
    kind = type(error)
    name = (
        kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__.split('.')[0]}.{kind.__name__}"
    )
    lines = [f"{name}: {error}"[:MOST_BODY]]
    response = _get(error, "response")
    if url := _url(error):
        lines.append(f"{_get(_get(error, 'request'), 'method') or 'request to'} {url}")
    if status := _status(error):
        lines.append(f"HTTP status {status}")
    headers = _get(response, "headers")
    if isinstance(headers, Mapping):
        lines += [f"{name}: {headers[name]}" for name in HEADERS if name in headers]
    body = _get(error, "body") or _get(response, "text")
    if body and str(body) not in lines[0]:
        lines.append(str(body)[:MOST_BODY])
    return lines


def _get(thing: object, name: str) -> Any:
    """Return an attribute that may be a property which raises: a request never set, a stream not read."""
    try:
        return getattr(thing, name, None)
    except Exception:  # any library's own
        return None


def _status(error: BaseException) -> int | None:
    for holder in (error, _get(error, "response")):
        for name in ("status_code", "status"):
            value = _get(holder, name)
            if isinstance(value, int) and not isinstance(value, bool) and 100 <= value <= 599:
                return value
    return None


def _url(error: BaseException) -> str:
    for holder in (_get(error, "request"), _get(error, "response")):
        url = _get(holder, "url")
        if url:
            return str(url)
    return ""


def _of_a_model(url: str) -> bool:
    try:
        split = urlsplit(url)
        host = split.hostname or ""
    except ValueError:
        return False
    return speaker(host) is not None or split.path.rstrip("/").endswith(PATHS)


def _network(error: BaseException) -> bool:
    return isinstance(error, OSError) or type(error).__module__.split(".")[0] in (
        "httpx", "httpx2", "httpcore", "requests", "urllib3", "aiohttp",
    )  # fmt: skip


def _names_a_vendor(text: str) -> bool:
    """Tell whether the words of a network error name a vendor's host, as those of requests do."""
    hosts = text.replace("'", " ").replace('"', " ").replace("/", " ").replace(":", " ").split()
    return any("." in one and speaker(one.strip("(),")) is not None for one in hosts[:200])
