"""Fleets by name: DeepSeek's published day, parts of it, and machines that somebody may own."""

from dataclasses import replace

from deepkit.cluster.fleet.known import fleet_facts
from deepkit.cluster.fleet.model import Fleet
from deepkit.errors import UnknownNameError
from deepkit.facts import fleet_day
from deepkit.retries.check import number

DAY_S = 86_400.0
UNIT_GPUS = 2
"""GPUs of a unit in the presets: small ones stand for the published 144, over which the experts stay spread."""


def published_day(share: float = 0.05) -> Fleet:
    """Return a share of DeepSeek's fleet on its published day, from midnight UTC on.

    Prompts and answers are taken to have exponential lengths. Their means then follow from what is published:
    the tokens of input to those of output, and the KV cache behind each token of output, which is the prompt and
    half of an answer, an answer being met in proportion to its length. The load is taken to be proportional to
    the number of nodes that DeepSeek ran at that time.

    Args:
        share: The part of the fleet, of its load and of its queue, from 0.001 to 1; the nearest that makes whole
            units is taken.

    Returns:
        The fleet. Its queue is an assumption: DeepSeek has published none.
    """
    number("share", share, 0.001, 1.0)
    day = fleet_facts().day
    prompts_per_answer = day.input_tokens / day.output_tokens
    answer = day.kv_length / (prompts_per_answer + 1.0)
    decode = day.output_tokens / DAY_S / day.node_output_tokens_per_s
    prefill = day.input_tokens / DAY_S / day.node_input_tokens_per_s
    highest = day.peak_nodes / day.mean_nodes * day.gpus_per_node
    units = max(1, round(share * highest * decode / UNIT_GPUS))
    share = units * UNIT_GPUS / (highest * decode)  # whole units: their share is the load's
    lanes = max(1, round(share * highest * prefill))
    gpus = lanes + UNIT_GPUS * units
    return Fleet(
        gpus=gpus,
        arrival_rate=share * day.output_tokens / DAY_S / answer,
        gpu=day.gpu,
        precision=day.precision,
        prefill_share=lanes / gpus,
        unit_gpus=UNIT_GPUS,
        sharded_over=day.decode_unit_nodes * day.gpus_per_node,
        queue=round(20_000 * share),
        prompt_tokens=prompts_per_answer * answer,
        answer_tokens=answer,
        prefix_hit=day.cached_tokens / day.input_tokens,
        context=fleet_facts().model.context,
        load=tuple((60.0 * _minutes(span.start_utc), span.nodes / day.mean_nodes) for span in fleet_day()),
        capacity=tuple(
            (60.0 * _minutes(span.start_utc), span.nodes / day.peak_nodes) for span in fleet_day()
        ),
    )


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return 60 * int(hours) + int(minutes)


def _daytime(share: float, factor: float) -> Fleet:
    """All nodes of the day at once, under the day's highest load times a factor."""
    day = published_day(share)
    highest = max(value for _, value in day.load)
    return replace(day, arrival_rate=factor * highest * day.arrival_rate, load=(), capacity=())


FLEETS: dict[str, tuple[str, Fleet]] = {}
"""Every fleet that has a name, with what it is in a sentence."""


def _fill() -> None:
    FLEETS.update({
        "deepseek_day": ("A twentieth of DeepSeek's fleet on its published day.", published_day()),
        "deepseek_noon": ("The same at its full size and the day's highest load.", _daytime(0.05, 1.0)),
        "deepseek_rush": ("The same under 1.3 times that load: the server is busy.", _daytime(0.05, 1.3)),
        "two_h200_nodes": (
            "A team's own two nodes of 8 H200, one to read and one to write.",
            Fleet(16, 8.0, gpu="H200", lane_gpus=8, queue=64, precision="fp8"),
        ),
    })  # fmt: skip


def fleet_named(name: str) -> Fleet:
    """Return the fleet of that name, or raise UnknownNameError with the names there are."""
    if name not in FLEETS:
        raise UnknownNameError("fleet", name, FLEETS)
    return FLEETS[name][1]


_fill()
