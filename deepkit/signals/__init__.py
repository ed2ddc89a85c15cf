"""What error texts say: wordings and what they mean, read from `data/signals/`; docs/add-a-signal.md adds one.

A *wording* is a set of patterns under one name; a *signal* is what recognised wordings, the
status and who answered say about one cause. Pasted texts, live answers and recordings go
through the same table. Only the standard library is used; the table is read when it is
first asked for, and patterns are compiled when a text may match them.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from deepkit.signals._conditions import Reading
from deepkit.signals._search import loose_wording, recognised, topics
from deepkit.signals._table import Signal, Strength, Wording, table

__all__ = [
    "Match",
    "Reading",
    "Signal",
    "Strength",
    "Wording",
    "loose_wording",
    "matches",
    "recognised",
    "signals_in",
    "table",
    "topics",
]


@dataclass(frozen=True, slots=True)
class Match:
    """One signal that fits a text, with the words it was recognised by; they are empty where only a status fits."""

    signal: Signal
    excerpt: str = ""


def matches(reading: Reading) -> list[Match]:
    """List the signals that fit what was read, the leading one first, without those that another one beats."""
    fitting = [one for one in table().signals if one.fits(reading)]
    beaten = {name for one in fitting for name in one.beats}
    return [Match(one, _excerpt(one.wordings, reading)) for one in fitting if one.id not in beaten]


def _excerpt(names: Iterable[str], reading: Reading) -> str:
    return next((reading.signals[name] for name in names if name in reading.signals), "")


def signals_in(
    text: str, *, status: int | None = None, surface: str = "unknown", peer: str = "", provider: str = ""
) -> list[Match]:
    """Say what a text means, such as the body of a live answer; who answered is known beforehand.

    Args:
        text: A server's or client's words, at most about 40,000 characters; secrets are the caller's to drop.
        status: The HTTP status that came with it.
        surface: "web", "api", "local", "third_party" or "unknown".
        peer: Kind of the host that answered: "official", "provider", "local", "private" or nothing.
        provider: The provider's name in `data/providers.toml`, if it is one.

    Returns:
        The signals that fit, the leading one first; `Match.signal` names cause and strength.
    """
    return matches(Reading(recognised(text), status=status, surface=surface, peer=peer, provider=provider))
