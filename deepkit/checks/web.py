"""Facts about the chat page and the status page."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from deepkit.checks.kinds import Count, Facts, Indicator, Line, Name, Seconds, Status


@dataclass(frozen=True)
class Asset:
    """One script, style or image of the chat page."""

    path: Line = ""
    status: Status | None = None
    stale: bool | None = None
    blocked: bool | None = None


@dataclass(frozen=True)
class Web(Facts):
    """The chat page, its assets, its session, one question to it.

    Args:
        page_status: HTTP status of the page.
        assets: Its scripts, styles and images.
        session_status: HTTP status of the session.
        busy_text: The page's own words for too much load.
        cookie_bytes: Size of the cookies sent.
        ok: Whether everything worked.
        clean_ok: Whether it works with an empty profile.
        no_extension_ok: Whether it works without extensions.
        asked: Whether a question was sent.
        status: HTTP status of the question.
        error_message: The error body's message.
        finish_reason: What the server says of the end.
        first_token_s: Time to the first token.
        block_page: Name of the block page, if one answered.
    """

    check: ClassVar[str] = "web"
    page_status: Status | None = None
    assets: tuple[Asset, ...] = ()
    session_status: Status | None = None
    busy_text: Line | None = None
    cookie_bytes: Count | None = None
    ok: bool | None = None
    clean_ok: bool | None = None
    no_extension_ok: bool | None = None
    asked: bool | None = None
    status: Status | None = None
    error_message: Line | None = None
    finish_reason: Name | None = None
    first_token_s: Seconds | None = None
    block_page: Name | None = None


@dataclass(frozen=True)
class StatusPage(Facts):
    """What the provider's status page says.

    Args:
        indicator: The worst state of its components.
        components: Component's name to its state.
        incident: Title of the open incident.
        source: The page's address.
    """

    check: ClassVar[str] = "status"
    indicator: Indicator | None = None
    components: Mapping[str, Indicator] = field(default_factory=dict)
    incident: Line | None = None
    source: Line | None = None
