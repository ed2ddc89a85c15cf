"""Facts about what a user hands over: an error text, a browser's recording."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as filled  # one fact is called field
from typing import ClassVar

from deepkit.checks.kinds import Count, Facts, Line, Name, Offset, Port, Seconds, Status


@dataclass(frozen=True)
class NamedHost:
    """One host that a text names.

    Args:
        host: The host, private names masked.
        kind: official, provider, local, private, proxy, look_alike, address or side.
        port: The port beside it.
        path: The path beside it.
        name: The provider, where it is one.
    """

    host: Name
    kind: Name = "side"
    port: Port | None = None
    path: Name = ""
    name: Name = ""


@dataclass(frozen=True)
class Text(Facts):
    """A pasted error, taken apart.

    Args:
        signals: Id of each recognised wording to a short excerpt.
        http_status: The status that the report is about.
        statuses: All statuses read.
        peers: The hosts named.
        peer: Kind of the host that the request was for.
        provider: Who stands between, by host or by name.
        provider_by: What tells it: host, mark, page, client or word.
        meant: The vendor that the user set up, where the text or the client says it.
        meaning: What the error means at that vendor, one of `deepkit.vendors.CATEGORIES`.
        meaning_by: Whether its code or its bare status says so.
        others: Other errors of the same log, in short; the reading is of the one that stopped the work.
        reports: "error", or what a text is that reports none: tests, notes, log, docs, answer, code, prompt or fine.
        wait_s: How long the text says to wait, in seconds.
        until: ISO date until which something is barred, with the minute where the text has it.
        limit: The limit that it names.
        asked: What was asked for against that limit.
        model: The model that it names.
        field: The field of the request that it names.
        failed_at: Kind of the address at which the connection itself failed.
        look_alikes: Hosts that imitate DeepSeek's domain; never to be suggested.
        surface: web, api, local, third_party or unknown.
        client: The program that showed the text.
        deepseek_body: Whether the error object has DeepSeek's shape.
        key_tail: What is odd about the end of the key that a 401 echoes.
        phase: The last step named: dns, proxy, connect, tls, request, stream, answer.
        exceptions: Names of exceptions.
        language: The text's language, ISO 639-1.
        encoding: The encoding that the bytes were read with.
        characters: Length of the text.
        words: Words of the text.
        shortened: Whether only parts of it were searched.
        removed: What was taken out for privacy, kind to count.
    """

    check: ClassVar[str] = "text"
    signals: Mapping[str, Line] = filled(default_factory=dict)
    http_status: Status | None = None
    statuses: tuple[Status, ...] = ()
    peers: tuple[NamedHost, ...] = ()
    peer: Name | None = None
    provider: Name | None = None
    provider_by: Name | None = None
    meant: Name | None = None
    meaning: Name | None = None
    meaning_by: Name | None = None
    others: tuple[Line, ...] = ()
    reports: Name | None = None
    wait_s: Seconds | None = None
    until: Name | None = None
    limit: Count | None = None
    asked: Count | None = None
    model: Name | None = None
    field: Name | None = None
    failed_at: Name | None = None
    look_alikes: tuple[Name, ...] = ()
    surface: Name | None = None
    client: Name | None = None
    deepseek_body: bool | None = None
    key_tail: Name | None = None
    phase: Name | None = None
    exceptions: tuple[Name, ...] = ()
    language: Name | None = None
    encoding: Name | None = None
    characters: Count | None = None
    words: Count | None = None
    shortened: bool | None = None
    removed: Mapping[str, Count] = filled(default_factory=dict)


@dataclass(frozen=True)
class RecordedQuestion:
    """One question that a recording holds; see `Chat` for what came back.

    Args:
        status: HTTP status.
        failure: The failure's name.
        wait_s: Until the answer's first byte.
        receive_s: From then to its end.
        total_s: All of it.
        first_event_s: Until the first event of the stream.
        gap_max_s: Longest time between two events.
        recorded: Whether the recording holds the answer's body.
        busy: The answer's own words for too much load.
        finished: Whether the stream came to its end.
        keep_alives: Keep-alives in it.
        events: Events in it.
        blank: Whether it holds blank lines only.
        error_message: The error body's message.
    """

    status: Status | None = None
    failure: Name | None = None
    wait_s: Seconds | None = None
    receive_s: Seconds | None = None
    total_s: Seconds | None = None
    first_event_s: Seconds | None = None
    gap_max_s: Seconds | None = None
    recorded: bool | None = None
    busy: Line | None = None
    finished: bool | None = None
    keep_alives: Count | None = None
    events: Count | None = None
    blank: bool | None = None
    error_message: Line | None = None


@dataclass(frozen=True)
class BlockedRequest:
    """One request that the browser stopped; `by` names its developer tools where they did."""

    path: Line = ""
    kind: Name = ""
    error: Line = ""
    by: Name | None = None


@dataclass(frozen=True)
class StaleAsset:
    """A file that the page asks for and the server no longer has."""

    path: Line = ""
    status: Status | None = None


@dataclass(frozen=True)
class Har(Facts):
    """A browser's recording of the failing page.

    Args:
        exporter: The program that wrote it.
        entries: How many exchanges it holds.
        bad_entries: How many of them cannot be read.
        cut: Whether the file ends before its end.
        deepseek: Exchanges with DeepSeek.
        surface: web or api.
        chat: The last questions.
        failures: Failure's name to how often DeepSeek's exchanges had it.
        statuses: HTTP status to how often it came.
        blocked: DeepSeek's requests that the browser stopped.
        blocked_side: How many others' it stopped.
        refused: Rule of the browser's own (cors, orb, csp, mixed_content, administrator) to how often it stopped one.
        page_status: HTTP status of the page.
        session_status: HTTP status of the session.
        session_error: The words that refuse the login.
        login_redirect: Whether the browser was sent to the login page.
        stale_assets: Files that the server no longer has.
        cookie_bytes: Size of the largest request's cookies, where the export has them.
        oversized_cookies: Whether the server refuses that size.
        busy_text: The chat's own words for too much load.
        challenge: The bot check that answered in DeepSeek's place.
        portal: Whether a network's login page did.
        cors: Whether the browser's cross-origin rule stopped a request.
        offline: Whether no request left the machine.
        from_cache: Answers from the cache.
        service_worker: Answers from a service worker.
        aborted: Requests that were broken off on this side.
        clock_offset_s: How far the user's clock is ahead of the server's.
        look_alikes: Hosts that imitate DeepSeek's domain.
        ok: Whether every recorded question was answered, and nothing else failed.
    """

    check: ClassVar[str] = "har"
    exporter: Name | None = None
    entries: Count | None = None
    bad_entries: Count | None = None
    cut: bool | None = None
    deepseek: Count | None = None
    surface: Name | None = None
    chat: tuple[RecordedQuestion, ...] = ()
    failures: Mapping[str, Count] = filled(default_factory=dict)
    statuses: Mapping[str, Count] = filled(default_factory=dict)
    blocked: tuple[BlockedRequest, ...] = ()
    blocked_side: Count | None = None
    refused: Mapping[str, Count] = filled(default_factory=dict)
    page_status: Status | None = None
    session_status: Status | None = None
    session_error: Line | None = None
    login_redirect: bool | None = None
    stale_assets: tuple[StaleAsset, ...] = ()
    cookie_bytes: Count | None = None
    oversized_cookies: bool | None = None
    busy_text: Line | None = None
    challenge: Name | None = None
    portal: bool | None = None
    cors: bool | None = None
    offline: bool | None = None
    from_cache: Count | None = None
    service_worker: Count | None = None
    aborted: Count | None = None
    clock_offset_s: Offset | None = None
    look_alikes: tuple[Name, ...] = ()
    ok: bool | None = None
