"""The one reader of `data/providers.toml`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from datetime import date as Day  # noqa: N812 (the records have a field named date)
from functools import cache
from pathlib import Path
from typing import Any

from deepkit.vendors.records import ErrorMeaning, Provider

_PACKAGE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class OldClaim:
    """A claim that nobody has looked up for long: whose it is, what it says, from where and when."""

    name: str
    claim: str
    source: str
    date: Day


def _text() -> str:
    inside = _PACKAGE / "_data"  # only a wheel has it; a checkout's folder stands beside the package
    folder = inside if inside.is_dir() else _PACKAGE.parent / "data"
    return (folder / "providers.toml").read_text(encoding="utf-8")


@cache
def vendors() -> tuple[Provider, ...]:
    """Return everybody who is known, DeepSeek first.

    Raises:
        ValueError: When an entry lacks a field or has one that is not known; it names the entry.
    """
    return tuple(_entry(row) for row in tomllib.loads(_text())["providers"])


@cache
def providers() -> tuple[Provider, ...]:
    """Return those whom DeepKit can ask or suggest: all with a base_url, DeepSeek first."""
    return tuple(one for one in vendors() if one.base_url)


@cache
def _by_name() -> dict[str, Provider]:
    return {one.name: one for one in vendors()}


def provider(name: str) -> Provider:
    """Return one vendor by its name, or raise KeyError."""
    return _by_name()[name]


def _entry(row: Mapping[str, Any]) -> Provider:
    fields: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in row.items()
    }
    try:
        fields["errors"] = tuple(_meaning(error, row) for error in row.get("errors", ()))
        return Provider(**fields)
    except TypeError as error:
        message = f"data/providers.toml, entry {row.get('name')!r}: {error}"
        raise ValueError(message) from error


def _meaning(error: Mapping[str, Any], row: Mapping[str, Any]) -> ErrorMeaning:
    """Read one error; what it does not say of its source it takes from its vendor's entry."""
    given: dict[str, Any] = {
        "code": "",
        "source": row.get("errors_source", row["source"]),
        "date": row.get("errors_date", row["date"]),
        "verified": row["verified"],
    }
    given.update(error)
    status = given.get("status", ())
    given["status"] = (status,) if isinstance(status, int) else tuple(status)
    return ErrorMeaning(**given)


def older_than(days: int = 180, *, today: Day | None = None) -> tuple[OldClaim, ...]:
    """List the claims that were last read too long ago, the oldest first.

    Args:
        days: The age in days from which a claim is old.
        today: The day to count from; today unless given.

    Returns:
        One row an entry and one for each source of its errors; nothing fails by age alone.
    """
    limit = (today or datetime.now(UTC).date()) - timedelta(days=days)
    claims = {
        OldClaim(one.name, what, source, date)
        for one in vendors()
        for what, source, date in (
            ("addresses and models", one.source, one.date),
            *(("errors", error.source, error.date) for error in one.errors),
        )
    }
    return tuple(
        sorted((claim for claim in claims if claim.date < limit), key=lambda one: (one.date, one.name))
    )
