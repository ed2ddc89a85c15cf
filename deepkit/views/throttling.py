"""Why a fleet throttles, and what would change it: capacity from GPUs, with the guide's claims beside it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from deepkit.extras import extra
from deepkit.facts import claim
from deepkit.views.html import card, esc, fold, label, link, paragraph, table, tone
from deepkit.views.words import CLAIMS, seconds

if TYPE_CHECKING:
    from deepkit.cluster import Fleet

CLAIMS_TOLD = ("B1", "B2", "B3", "F1", "O")
"""The guide's claims of how servers get busy, and what will end it."""
HEAD = ("What if", "Answers a second", "Refused", "Wait in the queue", "An answer takes")
OVERLOAD = 1.2
"""Requests that arrive, as a multiple of what the first row's fleet completes."""
GPUS, SHARDS = 640, 144
FULL = 1e6
"""Requests a second that fill every place of any fleet here."""


def levers() -> Iterator[tuple[str, "Fleet"]]:
    """Yield what might be changed, each beside the first row with the same requests arriving."""
    from deepkit.cluster import Fleet

    full = Fleet(GPUS, FULL, sharded_over=SHARDS)
    base = replace(full, arrival_rate=OVERLOAD * rate(full))
    yield f"{GPUS} H800, as DeepSeek served (FP8 weights)", base
    yield "FP16 instead of FP8", replace(base, precision="fp16")
    yield "FP8 for the KV memory too", replace(base, precision="fp8")
    yield "H200 instead of H800", replace(base, gpu="H200")
    yield "twice as many GPUs", replace(base, gpus=2 * GPUS)
    yield "prompts half as long (new chats)", replace(base, prompt_tokens=base.prompt_tokens / 2)
    yield "a queue ten times as long", replace(base, queue=10 * base.queue)
    yield "a fifth fewer requests (another hour)", replace(base, arrival_rate=0.8 * base.arrival_rate)


def rate(fleet: "Fleet") -> float:
    """Return how many requests a second a fleet completes with all places taken."""
    house = replace(fleet, arrival_rate=FULL).cluster()
    return house.servers / house.service_s


def refused(fleet: "Fleet") -> float:
    """Return the share of requests that must be refused for ever: what arrives beyond what is completed."""
    return max(0.0, 1.0 - rate(fleet) / fleet.arrival_rate)


def rows() -> Iterator[tuple[str, str, str, str, str]]:
    """Yield a row a lever: its name, what it completes, what it refuses, the wait in a full queue, an answer's time."""
    for name, fleet in levers():
        share, done = refused(fleet), rate(fleet)
        wait = seconds(fleet.queue / done) if share else "hardly any"
        answer = seconds(fleet.cluster().service_s)
        yield esc(name), f"{done:,.0f}", f"{100 * share:.0f} %", wait, answer


def throttling() -> str:
    """Show why servers say "busy" and what would change it.

    Returns:
        HTML. Nothing of it is measured at DeepSeek, and it says so.

    Raises:
        MissingExtraError: When the simulator's libraries are not installed.
    """
    with extra("simulate"):
        found = table(HEAD, list(rows()))
    why = (
        "A GPU writes many answers at once. Each holds memory for its conversation (KV cache), and each step "
        "takes longer the more there are. When all places are taken, requests queue; when the queue is full, "
        "they are refused."
    )
    sources = tone(
        "Computed from published figures of the hardware and of one day (docs/fleet.md); not measured at DeepSeek.",
        "quiet",
    )
    told = "".join(_claim(one) for one in CLAIMS_TOLD)
    return card(
        label("Why it throttles, and what would change it"),
        paragraph(esc(why)),
        found,
        paragraph(sources),
        fold("What the guide says of it", told),
    )


def _claim(name: str) -> str:
    said = claim(name)
    return paragraph(
        f"<b>{esc(said.text)}</b>",
        tone(*CLAIMS[said.verdict]),
        esc(said.evidence),
        f"({link(said.source, 'source')})",
    )
