"""The records of `data/providers.toml`, and the closed sets that their fields take."""

from dataclasses import dataclass
from datetime import date as Day  # noqa: N812 (the records have a field named date)
from typing import Literal

Kind = Literal["official", "aggregator", "host", "vendor", "local", "relay"]
Retry = Literal["yes", "no", "after"]
Verified = Literal["vendor", "observed", "secondary", "general"]

KINDS = {
    "official": "DeepSeek itself",
    "aggregator": "a service that passes requests on to several hosts",
    "host": "runs DeepSeek models on its own machines",
    "vendor": "serves other models than DeepSeek's",
    "local": "a program on the user's own machine",
    "relay": "a program that somebody else runs between client and vendor",
}
CATEGORIES = {
    "auth": "the key is missing, wrong or of another product or region",
    "perm": "the key is valid and may not do this",
    "credit": "money is missing: balance, bill or spending cap",
    "quota": "an allowance of a day, a month, a plan or a trial is used up",
    "rate_requests": "too many requests in a short time",
    "rate_tokens": "too many tokens in a short time",
    "burst": "the load grew too fast",
    "concurrency": "too many requests at once",
    "overload": "the vendor has no room, whoever asks",
    "server": "the vendor or what stands behind it failed",
    "timeout": "no answer came in time",
    "model": "the model is unknown, withdrawn or not deployed",
    "context": "the conversation is too long",
    "content": "a filter stopped the text",
    "param": "the request has a wrong form or value",
    "route": "the relay has nobody to send the request to",
    "setup": "the service or model was never switched on for this account",
    "region": "the country or region is not served",
}
"""What an error can mean."""
RETRIES = {
    "yes": "the same request can pass later",
    "no": "it never passes without a change",
    "after": "it passes after a reset whose time is given or known",
}
VERIFIED = {
    "vendor": "the vendor's own page or source",
    "observed": "a real body, header or address seen by a third party",
    "secondary": "what somebody else wrote about it",
    "general": "general knowledge, not looked up",
}


@dataclass(frozen=True, slots=True)
class ErrorMeaning:
    """What one error means at one vendor.

    Args:
        status: HTTP statuses it comes with; empty means any.
        code: Regular expression, in lower case, of its code or text; empty means the bare status.
        category: One of CATEGORIES.
        retry: One of RETRIES.
        text: One plain sentence.
        source: Where this is published or was seen.
        date: When it was read, or the day of the source.
        verified: One of VERIFIED.
    """

    status: tuple[int, ...]
    code: str
    category: str
    retry: Retry
    text: str
    source: str
    date: Day
    verified: Verified


@dataclass(frozen=True, slots=True)
class Provider:
    """Somebody who answers requests for models: a vendor, a host, a relay or a local server.

    Patterns are regular expressions in lower case, read in text that was made lower case.

    Args:
        name: Short name, as for `--target`.
        title: Name for people.
        kind: One of KINDS.
        source: Where addresses and models are published.
        date: When it was read.
        verified: One of VERIFIED, for this entry.
        base_url: Address of the OpenAI-compatible API, without a trailing slash; empty: it is only recognised.
        models: DeepSeek model ids there; empty means it offers none or depends on the machine.
        hosts: Its API hosts; a host below one belongs to it too. `*.` in front stands for any labels but none,
            `*` elsewhere for a part of one label.
        domains: Domains of its own pages, which belong to it as a whole.
        ports: Ports on which a local server listens by default; a port proves nothing.
        words: Patterns by which a text or a client's name calls it.
        marks: Patterns that only its answers hold (headers, ids, shapes).
        hints: Patterns of its answers that others copy or pass on.
        copied: Who copies the hints.
        errors: What its errors mean.
        allow: Hosts that a firewall must let through, on port 443.
        key_variable: Environment variable of the key; None needs none or is not known.
        note: What else to know.
        web_url: The chat page, if there is one.
        status_url: The status page's JSON, if there is one.
        status_page: The status page for people.
        key_url: Where a person gets a key.
        money_url: Where a person sees or adds money.
        limits_url: Where the limits are written.
        errors_source: Where the errors are published, if not at `source`.
        errors_date: When that was read.
        unverified: Its fields that are general knowledge, not looked up.
    """

    name: str
    title: str
    kind: Kind
    source: str
    date: Day
    verified: Verified
    base_url: str = ""
    models: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    words: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    copied: str = ""
    errors: tuple[ErrorMeaning, ...] = ()
    allow: tuple[str, ...] = ()
    key_variable: str | None = None
    note: str = ""
    web_url: str | None = None
    status_url: str | None = None
    status_page: str | None = None
    key_url: str | None = None
    money_url: str | None = None
    limits_url: str | None = None
    errors_source: str | None = None
    errors_date: Day | None = None
    unverified: tuple[str, ...] = ()
