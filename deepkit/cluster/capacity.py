"""From GPUs to a cluster: how many answers a fleet writes at once, how long each takes, and what limits it.

Some of the GPUs read prompts (prefill), the others write answers in batches (decode), as DeepSeek does. A decode
GPU needs for one step, in which each of its streams gets a token,

    step = (weights / bandwidth + streams x 2 x active parameters / arithmetic + KV bytes read / bandwidth) / efficiency

(memory and arithmetic of a step: Pope et al., Efficiently Scaling Transformer Inference, arXiv 2211.05102; two
operations for each active parameter and token: Kaplan et al., arXiv 2001.08361, section 2.1).
"""

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from deepkit.cluster.model import LARGEST, Cluster
from deepkit.errors import UnknownNameError, UsageError
from deepkit.facts import fleet_day
from deepkit.hardware import Gpu, gpu_named, hardware
from deepkit.retries.check import number

PRECISIONS: dict[str, tuple[int, int]] = {"fp16": (2, 2), "mixed": (1, 2), "fp8": (1, 1)}
"""Bytes of a weight and of a KV value; "mixed" is how DeepSeek served: FP8 weights, BF16 attention."""
DAY_S = 86_400.0
WHOLE_QUEUE = 20_000
"""Waiting places of DeepSeek's whole fleet: an assumption, nothing is published."""


@dataclass(frozen=True, slots=True)
class Fleet:
    """GPUs that serve DeepSeek-V3, and what is asked of them.

    Args:
        gpus: GPUs in all.
        arrival_rate: New requests a second.
        gpu: Their kind, by its name in `data/fleet.toml`.
        precision: One of PRECISIONS.
        prefill_share: Share of the GPUs that read prompts.
        sharded_over: GPUs that hold one copy of the routed experts between them.
        streams_per_gpu: Most answers that one GPU writes at once.
        queue: Requests that may wait.
        prompt_tokens: Mean length of a prompt, history included.
        answer_tokens: Mean length of an answer (exponential).
        prefix_hit: Share of each prompt that is found in the prefix cache.
        context: Most tokens of a prompt and its answer together; what is longer is cut.
        load: Times (s) and factors on the arrival rate from then on.
        capacity: Times (s) and shares of the GPUs that are there from then on.

    Raises:
        UsageError: When a number is out of bounds, the weights do not fit, or no GPU is left to write or to read.
    """

    gpus: int
    arrival_rate: float
    gpu: str = "H800"
    precision: str = "mixed"
    prefill_share: float = 0.5
    sharded_over: int = 8
    streams_per_gpu: int = 256
    queue: int = 100
    prompt_tokens: float = 3900.0
    answer_tokens: float = 1080.0
    prefix_hit: float = 0.0
    context: int = 65_536
    load: tuple[tuple[float, float], ...] = ()
    capacity: tuple[tuple[float, float], ...] = ()

    def __post_init__(self) -> None:
        number("gpus", self.gpus, 2, 1_000_000)
        number("arrival_rate", self.arrival_rate, 1e-12, LARGEST)
        number("prefill_share", self.prefill_share, 1.0 / self.gpus, 1.0 - 1.0 / self.gpus)
        number("sharded_over", self.sharded_over, 1, 1_000_000)
        number("streams_per_gpu", self.streams_per_gpu, 1, 100_000)
        number("context", self.context, 2, 100_000_000)
        number("prompt_tokens", self.prompt_tokens, 1.0, 1e9)
        number("answer_tokens", self.answer_tokens, 1.0, 1e9)
        number("prefix_hit", self.prefix_hit, 0.0, 1.0)
        if self.precision not in PRECISIONS:
            raise UnknownNameError("precision", str(self.precision), PRECISIONS)
        if (room := self.memory_tokens * self.decode_gpus) < self.context:
            raise UsageError(
                f"{self.decode_gpus} GPUs that write answers hold {room:.0f} tokens beside the weights, less than one "
                f"context of {self.context}; take more or larger GPUs, fp8, a shorter context, or spread the experts "
                f"over more than {self.sharded_over} of them (sharded_over)"
            )

    @property
    def decode_gpus(self) -> int:
        """GPUs that write answers."""
        return self.gpus - round(self.gpus * self.prefill_share)

    @property
    def memory_tokens(self) -> float:
        """Tokens of KV cache that one GPU holds beside its weights."""
        room = gpu_named(self.gpu).memory_gb * 1e9 * hardware().serving.memory_share
        return max(0.0, room - weight_bytes(self.sharded_over, self.precision)) / kv_bytes(self.precision)

    @property
    def lengths(self) -> tuple[float, float]:
        """Mean tokens of a prompt and of an answer, within the context."""
        prompt = min(self.prompt_tokens, self.context - 1.0)
        return prompt, min(self.answer_tokens, self.context - prompt)

    @property
    def kv_length(self) -> float:
        """Mean tokens of KV cache behind a token of output: the prompt, and E[n^2] / 2 E[n] = E[n] of the answer."""
        return sum(self.lengths)

    @property
    def most_streams(self) -> float:
        """Answers that one GPU writes at once, by its memory and `streams_per_gpu`."""
        return min(self.memory_tokens / self.kv_length, float(self.streams_per_gpu))

    @property
    def streams(self) -> float:
        """Answers that one GPU writes at the present load: tokens a second x step (Little's law), or all it can."""
        tokens_per_s = self.arrival_rate * self.lengths[1] / self.decode_gpus
        empty, one = self.step_s(0.0), self.step_s(1.0) - self.step_s(0.0)
        left = 1.0 - tokens_per_s * one
        return min(self.most_streams, tokens_per_s * empty / left) if left > 0.0 else self.most_streams

    def step_s(self, streams: float) -> float:
        """Return the seconds of a step in which one GPU gives each of so many streams a token."""
        ideal = ideal_step_s(gpu_named(self.gpu), self.sharded_over, self.precision, streams, self.kv_length)
        return ideal / decode_efficiency()

    @property
    def prefill_s(self) -> float:
        """Seconds in which one GPU reads the part of a prompt that is not cached."""
        tokens = self.lengths[0] * (1.0 - self.prefix_hit)
        return tokens * token_s(gpu_named(self.gpu), self.precision) / prefill_efficiency()

    def cluster(self, **changes: Any) -> Cluster:
        """Return the fleet as servers and service times.

        A server is an answer being written or a prompt being read. At full batches all servers together complete
        what the slower of the two stages can; their number then also bounds how many are in the house at once.

        Args:
            **changes: Fields of Cluster to set: patience_s, timeout_s, policy, ...

        Returns:
            The cluster.
        """
        answer_s = self.lengths[1] * self.step_s(self.streams)
        service_s = self.prefill_s + answer_s
        writing = self.most_streams * self.decode_gpus / answer_s
        reading = (self.gpus - self.decode_gpus) / max(self.prefill_s, 1e-12)
        servers = max(1, round(min(writing, reading) * service_s))
        return Cluster(
            servers, self.queue, self.arrival_rate, service_s, load=self.load,
            capacity=tuple((at, round(share * servers)) for at, share in self.capacity), **changes,
        )  # fmt: skip


def kv_bytes(precision: str) -> int:
    """Return the bytes of KV cache that one token takes: 70,272 for DeepSeek-V3 at two bytes a value."""
    return hardware().model.kv_values_per_token * PRECISIONS[precision][1]


def weight_bytes(shards: int, precision: str) -> float:
    """Return the bytes of weights on one GPU: its share of the routed experts, and all of the rest."""
    model = hardware().model
    rest = model.parameters - model.routed_parameters
    return (rest + model.routed_parameters / shards) * PRECISIONS[precision][0]


def token_s(gpu: Gpu, precision: str) -> float:
    """Return the seconds of arithmetic for one token at the speed of a GPU's data sheet."""
    tflops = gpu.fp8_tflops if PRECISIONS[precision][0] == 1 else gpu.fp16_tflops
    return 2.0 * hardware().model.active_parameters / (1e12 * tflops)


def ideal_step_s(gpu: Gpu, shards: int, precision: str, streams: float, kv_length: float) -> float:
    """Return the seconds of a step on one GPU at the speeds of its data sheet."""
    read = weight_bytes(shards, precision) + streams * kv_length * kv_bytes(precision)
    return read / (gpu.bandwidth_tb_s * 1e12) + streams * token_s(gpu, precision)


@cache
def decode_efficiency() -> float:
    """Return the share of its data sheet's speed that a GPU reaches in decoding.

    Returns:
        The share at which DeepSeek's published day agrees with itself: 14,800 tokens a second from a node
        whose streams run at 21 tokens a second over 4,989 tokens of KV cache each.
    """
    day = hardware().day
    pace = sum(day.stream_tokens_per_s) / 2.0
    streams = day.node_output_tokens_per_s / pace / day.gpus_per_node
    shards = day.decode_unit_nodes * day.gpus_per_node
    return ideal_step_s(gpu_named(day.gpu), shards, day.precision, streams, day.kv_length) * pace


@cache
def prefill_efficiency() -> float:
    """Return the share of its data sheet's arithmetic that a GPU reaches in reading prompts.

    Returns:
        The share at which SGLang read 52,300 tokens a second on a node. DeepSeek's own 73,700 counts
        cached tokens and idle time and so tells no speed.
    """
    seen = hardware().replication
    return seen.node_input_tokens_per_s / seen.gpus_per_node * token_s(gpu_named(seen.gpu), "fp8")


def published_day(share: float = 0.05) -> Fleet:
    """Return a share of DeepSeek's fleet on its published day, from midnight UTC on.

    Prompts and answers are taken to have exponential lengths. Their means then follow from what is published: the
    tokens of input to those of output, and the KV cache behind each token of output. The load is taken to be
    proportional to the number of nodes that DeepSeek ran at that time.

    Args:
        share: The part of the fleet, of its load and of its queue, from 0.001 to 1.

    Returns:
        The fleet.
    """
    number("share", share, 0.001, 1.0)
    day = hardware().day
    prompts_per_answer = day.input_tokens / day.output_tokens
    answer = day.kv_length / (prompts_per_answer + 1.0)
    decode = day.output_tokens / DAY_S / day.node_output_tokens_per_s
    prefill = day.input_tokens / DAY_S / day.node_input_tokens_per_s
    times = [
        (60.0 * (60 * int(span.start_utc[:2]) + int(span.start_utc[3:])), span.nodes) for span in fleet_day()
    ]
    return Fleet(
        gpus=round(share * day.peak_nodes * day.gpus_per_node),
        arrival_rate=share * day.output_tokens / DAY_S / answer,
        gpu=day.gpu,
        precision=day.precision,
        prefill_share=prefill / (decode + prefill),
        sharded_over=day.decode_unit_nodes * day.gpus_per_node,
        queue=round(WHOLE_QUEUE * share),
        prompt_tokens=prompts_per_answer * answer,
        answer_tokens=answer,
        prefix_hit=day.cached_tokens / day.input_tokens,
        load=tuple((at, nodes / day.mean_nodes) for at, nodes in times),
        capacity=tuple((at, nodes / day.peak_nodes) for at, nodes in times),
    )


def _at_once(factor: float) -> Fleet:
    """All nodes of the day at once, under the day's highest load times a factor."""
    day = published_day()
    highest = max(value for _, value in day.load)
    return replace(day, arrival_rate=factor * highest * day.arrival_rate, load=(), capacity=())


@cache
def fleets() -> dict[str, tuple[str, Fleet]]:
    """Return every fleet that has a name, with what it is in a sentence."""
    return {
        "deepseek_day": ("A twentieth of DeepSeek's fleet on its published day.", published_day()),
        "deepseek_noon": ("The same at its full size and the day's highest load.", _at_once(1.0)),
        "deepseek_rush": ("The same under 1.3 times that load: the server is busy.", _at_once(1.3)),
        "two_h200_nodes": (
            "A team's own two nodes of 8 H200, one to read and one to write.",
            Fleet(16, 8.0, gpu="H200", queue=64, precision="fp8"),
        ),
    }


def fleet_named(name: str) -> Fleet:
    """Return the fleet of that name, or raise UnknownNameError with the names there are."""
    if name not in fleets():
        raise UnknownNameError("fleet", name, fleets())
    return fleets()[name][1]
