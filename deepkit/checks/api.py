"""Facts about the API: who answers, the key, the credit, the models, the questions, and who else answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from deepkit.checks.kinds import (
    Amount,
    BodyKind,
    Count,
    Currency,
    Facts,
    KeyShape,
    Line,
    Name,
    Port,
    Seconds,
    Status,
    TraceId,
)
from deepkit.schema import Parts, Within


@dataclass(frozen=True)
class Answered(Facts):
    """The outside of an HTTP answer.

    Args:
        key_sent: Whether the request carried the key: what carried none says nothing about it.
        status: HTTP status.
        error_message: The error body's message.
        error_type: The error body's type.
        body_kind: What the body is.
        block_page: Name of the block page, if it is one.
        trace_id: The provider's id of the request, which its support asks for.
        detail: One line on the failure.
        other_key: Whether the refusal names a key that ends otherwise than the one that was sent.
    """

    key_sent: bool | None = None
    status: Status | None = None
    error_message: Line | None = None
    error_type: Name | None = None
    body_kind: BodyKind | None = None
    block_page: Name | None = None
    trace_id: TraceId | None = None
    detail: Line | None = None
    other_key: bool | None = None


@dataclass(frozen=True)
class Http(Answered):
    """The gateway without a key: GET /models.

    Args:
        server: The header of that name.
        content_type: The header of that name.
        location: Where it sends the client, without the query.
        via: The header of that name.
        served_by: The program or service that answers, by its own marks.
        plain_http: Whether the address is http://.
        tls_on_port: Whether the port speaks TLS although the address is http://.
        captive_portal: Whether a stranger answers the API's name in plain HTTP.
    """

    check: ClassVar[str] = "http"
    server: Name | None = None
    content_type: Name | None = None
    location: Line | None = None
    via: Name | None = None
    served_by: Name | None = None
    plain_http: bool | None = None
    tls_on_port: bool | None = None
    captive_portal: bool | None = None


@dataclass(frozen=True)
class Key(Answered):
    """The key: its shape, and GET /user/balance with it (GET /models where there is no such page).

    Args:
        key_shape: What it looks like.
    """

    check: ClassVar[str] = "key"
    key_shape: KeyShape | None = None


@dataclass(frozen=True)
class Purse:
    """Credit in one currency, as the provider writes it."""

    currency: Currency | None = None
    total_balance: Amount | None = None
    granted_balance: Amount | None = None
    topped_up_balance: Amount | None = None


@dataclass(frozen=True)
class Balance(Facts):
    """The account's credit.

    Args:
        is_available: Whether the provider says that it suffices.
        currency: Currency of the largest credit.
        total: The largest credit.
        balances: One row a currency.
    """

    check: ClassVar[str] = "balance"
    is_available: bool | None = None
    currency: Currency | None = None
    total: Annotated[float, Within(-1e12, 1e12)] | None = None
    balances: tuple[Purse, ...] = ()


@dataclass(frozen=True)
class Models(Answered):
    """The list of models.

    Args:
        ids: The models listed.
        wanted: The model that the user asks for.
        listed: Whether it is among them.
    """

    check: ClassVar[str] = "models"
    ids: tuple[Name, ...] = ()
    wanted: Name | None = None
    listed: bool | None = None


@dataclass(frozen=True)
class Concurrency:
    """Requests under way and the account's limit, read from a 429's own words."""

    now: Count
    limit: Count


@dataclass(frozen=True)
class Usage:
    """The server's token counts of one answer."""

    prompt_tokens: Count | None = None
    completion_tokens: Count | None = None
    total_tokens: Count | None = None
    reasoning_tokens: Count | None = None
    prompt_cache_hit_tokens: Count | None = None
    prompt_cache_miss_tokens: Count | None = None


@dataclass(frozen=True)
class TcpInfo:
    """What the operating system tells of the connections together (see transport's tcp_info)."""

    rtt_s: Seconds | None = None
    rtt_least_s: Seconds | None = None
    rtt_swing_s: Seconds | None = None
    path_mtu: Count | None = None
    segment_bytes: Count | None = None
    lost: Count | None = None


@dataclass(frozen=True)
class Chat(Answered):
    """Some tiny questions: an answer's outside is that of the commonest failure, times are medians.

    Args:
        n: Questions asked.
        ok: Questions answered.
        failures: Failure's name to how often it came.
        sequence: Failure or None, in the order of asking.
        latencies_s: Whole time of each answered question.
        concurrency: The account's limit, where a 429 named it.
        finish_reason: What the server says of the end.
        end_reason: How the stream ended.
        keep_alives: Most keep-alive comments or blank lines in one answer.
        headers_s: Until the response's headers.
        keep_alive_s: Until the first keep-alive.
        role_s: Until the first chunk.
        reasoning_s: Until the first reasoning text.
        answer_s: Until the first answer text.
        end_s: Until the end.
        gap_median_s: Median time between two chunks.
        gap_max_s: Longest time between two chunks.
        model: The model that says it answered.
        usage: Token counts.
        retransmits: Segments that were sent again.
        tcp_info: What the operating system tells of the connections.
    """

    parts: ClassVar[tuple[Parts, ...]] = (
        Parts(("ok", "failures"), "n"),
        Parts(("sequence",), "n"),
        Parts(("latencies_s",), "ok"),
    )
    n: Count | None = None
    ok: Count | None = None
    failures: Mapping[str, Count] = field(default_factory=dict)
    sequence: tuple[Name | None, ...] = ()
    latencies_s: tuple[Seconds, ...] = ()
    concurrency: Concurrency | None = None
    finish_reason: Name | None = None
    end_reason: Name | None = None
    keep_alives: Count | None = None
    headers_s: Seconds | None = None
    keep_alive_s: Seconds | None = None
    role_s: Seconds | None = None
    reasoning_s: Seconds | None = None
    answer_s: Seconds | None = None
    end_s: Seconds | None = None
    gap_median_s: Seconds | None = None
    gap_max_s: Seconds | None = None
    model: Name | None = None
    usage: Usage | None = None
    retransmits: Count | None = None
    tcp_info: TcpInfo | None = None


@dataclass(frozen=True)
class ChatStream(Chat):
    """A few streamed questions."""

    check: ClassVar[str] = "chat.stream"


@dataclass(frozen=True)
class ChatPlain(Chat):
    """One question answered whole."""

    check: ClassVar[str] = "chat.plain"


@dataclass(frozen=True)
class Conversation(Chat):
    """The user's failing messages, asked once as they are.

    Args:
        messages: How many there are.
        tokens_estimate: About how many tokens.
        problems: What is wrong with their order or content.
        fresh_ok: Whether a one-line conversation works.
    """

    check: ClassVar[str] = "conversation"
    messages: Count | None = None
    tokens_estimate: Count | None = None
    problems: tuple[Line, ...] = ()
    fresh_ok: bool | None = None


@dataclass(frozen=True)
class RouteTried:
    """Questions over one route."""

    parts: ClassVar[tuple[Parts, ...]] = (Parts(("ok",), "n"),)
    name: Name
    region: Name = ""
    time_zone: Name = ""
    n: Count = 0
    ok: Count = 0
    failure: Name | None = None
    first_token_s: Seconds | None = None
    block_page: Name | None = None


@dataclass(frozen=True)
class Routes(Facts):
    """The same question over every way to the target, interleaved.

    Args:
        routes: One row a route.
    """

    check: ClassVar[str] = "routes"
    routes: tuple[RouteTried, ...] = ()


@dataclass(frozen=True)
class ProviderAsked:
    """One question to another provider."""

    name: Name
    ok: bool = False
    failure: Name | None = None
    first_token_s: Seconds | None = None
    error_message: Line | None = None
    status: Status | None = None


@dataclass(frozen=True)
class Alternatives(Facts):
    """One question to each other provider.

    Args:
        alternatives: One row a provider.
    """

    check: ClassVar[str] = "alternatives"
    alternatives: tuple[ProviderAsked, ...] = ()


@dataclass(frozen=True)
class ModelServer:
    """A model server on this machine; `state` is ready, loading or error."""

    port: Port
    kind: Name = "unknown"
    state: Name = ""
    models: tuple[Name, ...] = ()


@dataclass(frozen=True)
class Local(Facts):
    """Model servers on this machine, known by their answers.

    Args:
        servers: One row a server.
    """

    check: ClassVar[str] = "local"
    servers: tuple[ModelServer, ...] = ()
