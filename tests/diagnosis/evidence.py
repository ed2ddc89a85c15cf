"""Random evidence: every check with the facts of its record, each there or missing, in any combination."""

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass, replace
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from deepkit.checks import BY_CHECK, Wait
from deepkit.probes import CHECKS
from deepkit.records import FAILURES, Evidence, Observation, Settings
from deepkit.schema import Like, Longest, Parts, Within

failures = st.sampled_from(sorted(FAILURES))
maybe_failure = st.none() | failures
small = st.integers(0, 12)
seconds = st.sampled_from([0.0, 0.01, 0.25, 1.0, 5.0, 20.0])
statuses = st.sampled_from([200, 302, 400, 401, 402, 403, 404, 405, 408, 413, 429, 431, 451, 500, 503, 511])
addresses = st.lists(st.sampled_from(["203.0.113.7", "203.0.113.8", "2001:db8::7"]), max_size=3, unique=True)
messages = st.sampled_from([
    "", "Service is too busy. We advise users to temporarily switch to alternative LLM API service providers.",
    "Rate limit: your current concurrency is 31, which exceeds your concurrency limit of 30", "Insufficient Balance",
    "Model Not Exist", "This model's maximum context length is 131072 tokens", "Content Exists Risk", "Loading model",
    "upstream error", "Authentication Fails, Your api key: ****0000 is invalid", "Internal Server Error",
    "An assistant message with tool_calls must be followed by tool messages", "country not supported",
])  # fmt: skip
SENSIBLE: dict[str, st.SearchStrategy[Any]] = {
    "address": st.sampled_from(["203.0.113.7:443", "[2001:db8::7]:443", "127.0.0.1:8080"]),
    "addresses": addresses.map(tuple),
    "search_addresses": addresses.map(tuple),
    "block_page": st.sampled_from(["cloudflare", "captive_portal"]),
    "busy_text": messages,
    "clock_offset_s": st.sampled_from([0.1, -400.0, 1e6]),
    "cookie_bytes": st.sampled_from([0, 9_000, 20_000]),
    "error_message": messages,
    "failure": failures,
    "failures": st.dictionaries(failures, st.integers(1, 6), max_size=3),
    "family": st.sampled_from([4, 6]),
    "finish_reason": st.sampled_from(["stop", "length", "content_filter", "insufficient_system_resource"]),
    "kind": st.sampled_from(["chat", "session", "page", "asset"]),
    "issuer": st.sampled_from(["", "Corp Root", "DigiCert"]),
    "location": st.sampled_from(["https://login.portal.test/", "https://api.test/", "http://["]),
    "name": st.sampled_from(["direct", "tokyo", "together"]),
    "sequence": st.lists(maybe_failure, max_size=3).map(tuple),
    "served_by": st.sampled_from(["deepseek", "vllm", "litellm", "openrouter", "siliconflow"]),
    "waited_for": st.sampled_from([Wait.SILENT_NAME_SERVER, Wait.TWO_SILENT_NAME_SERVERS]),
}
"""Values of facts, where those of their kind alone would hardly ever mean anything."""


def _of_kind(name: str, hint: Any) -> st.SearchStrategy[Any]:
    """Values of a fact: by its name where that says more than its type hint."""
    if name in SENSIBLE:
        return SENSIBLE[name]
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _bounded(name, inner[0], inner[1])
    if origin in (Union, UnionType):
        return _of_kind(name, next(one for one in inner if one is not NoneType))
    if origin is tuple:
        return st.lists(_of_kind("", inner[0]), max_size=2).map(tuple)
    if origin is Mapping:
        return st.dictionaries(st.sampled_from(["a", "b"]), _of_kind("", inner[1]), max_size=2)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(list(hint))
    if is_dataclass(hint):
        return record(hint)
    return {bool: st.booleans(), float: seconds, int: small, str: st.just("a")}[hint]


def _bounded(name: str, hint: Any, bound: Within | Longest | Like) -> st.SearchStrategy[Any]:
    if isinstance(bound, Longest):
        return st.sampled_from(["a", "b"])
    if isinstance(bound, Like):
        return st.from_regex(bound.pattern, fullmatch=True)
    if hint is float:
        return seconds
    return statuses if name == "status" or name.endswith("_status") else small


@cache
def record(kind: Any) -> st.SearchStrategy[Any]:
    """Records of a class; a field that has a default is there or missing."""
    hints = get_type_hints(kind, include_extras=True)
    given = {one.name: _maybe(one, _of_kind(one.name, hints[one.name])) for one in _measured(kind)}
    return st.builds(kind, **given).map(_consistent)


def _measured(kind: Any) -> tuple[Field[Any], ...]:
    return tuple(one for one in fields(kind) if one.name != "unreadable")


def _maybe(one: Field[Any], values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    if one.default is not MISSING:
        return st.just(one.default) | values | values  # rather there than missing
    return values if one.default_factory is MISSING else st.builds(one.default_factory) | values


def _consistent(found: Any) -> Any:
    """The record with its counts large enough for their parts: reading refuses others."""
    rules: tuple[Parts, ...] = getattr(found, "parts", ())
    for rule in reversed(rules):  # the parts of a part come after it
        whole, least = getattr(found, rule.whole), sum(_size(getattr(found, name)) for name in rule.names)
        if whole is not None and whole < least:
            found = replace(found, **{rule.whole: least})
    return found


def _size(part: Any) -> int:
    if isinstance(part, tuple):
        return len(part)
    return sum(part.values()) if isinstance(part, Mapping) else part or 0


def observations(check: str) -> st.SearchStrategy[Observation]:
    """Observations of one check."""
    return st.builds(
        Observation,
        st.just(check),
        st.sampled_from(["ok", "fault", "partial", "not_checked", "check_failed"]),
        maybe_failure,
        record(BY_CHECK[check]),
        st.just("a reason"),
        st.just(1.7e9),
        seconds,
    )


@st.composite
def evidences(draw: st.DrawFn) -> Evidence:
    """Evidence of some checks, in any order."""
    kinds = draw(
        st.sampled_from([CHECKS, CHECKS, CHECKS, ("har",)])
    )  # measured and pasted are never one case
    names = draw(st.lists(st.sampled_from(kinds), max_size=8, unique=True))
    seen = tuple(draw(observations(name)) for name in names)
    surface, route = draw(st.sampled_from(["api", "api", "web"])), draw(st.sampled_from(["direct", "tokyo"]))
    target = draw(st.sampled_from(["", "sandbox", "deepseek", "openrouter", "custom"]))
    return Evidence(seen, target, Settings(surface, route), 3, 1.7e9, 2.0)
