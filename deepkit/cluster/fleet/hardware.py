"""From data sheets and published measurements to the speeds of one decode unit."""

from dataclasses import dataclass
from functools import cache

from deepkit.cluster.fleet.known import Gpu, ServedModel, fleet_facts
from deepkit.errors import UnknownNameError, UsageError
from deepkit.retries.check import number

PRECISIONS: dict[str, tuple[int, int]] = {"fp16": (2, 2), "mixed": (1, 2), "fp8": (1, 1)}
"""Bytes of a weight and of a KV value; "mixed" is how DeepSeek served: FP8 weights, BF16 attention."""


@dataclass(frozen=True, slots=True)
class Speeds:
    """What one decode unit and one prefill lane can do.

    A step of a unit with B streams over K tokens of KV cache takes `base_s + stream_s * B + token_s * K`
    seconds and gives each stream one token.

    Args:
        base_s: Seconds of a step that do not depend on the batch (reading the weights).
        stream_s: Seconds that each stream adds (its arithmetic).
        token_s: Seconds that each token of KV cache adds (reading it).
        memory_tokens: Tokens of KV cache that the unit's memory holds.
        prefill_token_s: Seconds in which one lane reads one token of a prompt that is not cached.

    Raises:
        UsageError: When a number is negative, NaN, infinite or absurdly large, or a step takes no time.
    """

    base_s: float
    stream_s: float
    token_s: float
    memory_tokens: int
    prefill_token_s: float

    def __post_init__(self) -> None:
        for name in ("base_s", "stream_s", "token_s", "prefill_token_s"):
            number(name, getattr(self, name), 0.0, 1e6)
        if self.base_s + self.stream_s < 1e-9:
            raise UsageError("A step that takes no time cannot be simulated; give base_s or stream_s")
        if isinstance(self.memory_tokens, bool) or not isinstance(self.memory_tokens, int):
            raise UsageError(f"memory_tokens is {self.memory_tokens!r}; give a whole number of tokens")
        number("memory_tokens", self.memory_tokens, 2, 10**12)

    def step_s(self, streams: float, tokens: float) -> float:
        """Return the seconds of one step with that many streams over that many tokens of KV cache."""
        return self.base_s + self.stream_s * streams + self.token_s * tokens


def gpu_named(name: str) -> Gpu:
    """Return the data sheet of a GPU, or raise UnknownNameError with the names there are."""
    known = {one.name: one for one in fleet_facts().gpus}
    if name not in known:
        raise UnknownNameError("GPU", str(name), known)
    return known[name]


def kv_bytes(precision: str) -> int:
    """Return the bytes of KV cache that one token takes: 70,272 for DeepSeek-V3 at two bytes a value."""
    return fleet_facts().model.kv_values_per_token * PRECISIONS[precision][1]


def weight_bytes(model: ServedModel, shards: int, precision: str) -> float:
    """Return the bytes of weights on one GPU: its share of the routed experts, and all of the rest."""
    rest = model.parameters - model.routed_parameters
    return (rest + model.routed_parameters / shards) * PRECISIONS[precision][0]


def ideal_step_s(gpu: Gpu, shards: int, precision: str, streams: float, tokens: float) -> float:
    """Return the seconds of a step on one GPU at the speeds of its data sheet."""
    base, stream, token = _ideal(gpu, shards, precision)
    return base + stream * streams + token * tokens


def _ideal(gpu: Gpu, shards: int, precision: str) -> tuple[float, float, float]:
    model, bandwidth = fleet_facts().model, gpu.bandwidth_tb_s * 1e12
    arithmetic = 2.0 * model.active_parameters / _flops(gpu, precision)
    return weight_bytes(model, shards, precision) / bandwidth, arithmetic, kv_bytes(precision) / bandwidth


def _flops(gpu: Gpu, precision: str) -> float:
    return 1e12 * (gpu.fp8_tflops if PRECISIONS[precision][0] == 1 else gpu.fp16_tflops)


@cache
def decode_efficiency() -> float:
    """Return which share of its data sheet's speed a GPU reaches in decoding.

    Returns:
        The share at which DeepSeek's published day agrees with itself: 14,800 tokens a second from a node
        whose streams run at 21 tokens a second over 4,989 tokens of KV cache each.
    """
    day = fleet_facts().day
    pace = sum(day.stream_tokens_per_s) / 2.0
    streams = day.node_output_tokens_per_s / pace / day.gpus_per_node
    shards = day.decode_unit_nodes * day.gpus_per_node
    return ideal_step_s(gpu_named(day.gpu), shards, day.precision, streams, streams * day.kv_length) * pace


@cache
def prefill_efficiency() -> float:
    """Return which share of its data sheet's arithmetic a GPU reaches in reading prompts.

    Returns:
        The share at which SGLang read 52,300 tokens a second on a node. DeepSeek's own 73,700 counts
        cached tokens and idle time and so tells no speed.
    """
    seen = fleet_facts().replication
    arithmetic = 2.0 * fleet_facts().model.active_parameters / _flops(gpu_named(seen.gpu), "fp8")
    return seen.node_input_tokens_per_s / seen.gpus_per_node * arithmetic


def speeds_of(gpu: str, precision: str, unit_gpus: int, shards: int, lane_gpus: int) -> Speeds:
    """Return the speeds of a unit of that many GPUs, as far as data sheets and published days tell.

    Args:
        gpu: Name of a GPU in `data/fleet.toml`.
        precision: One of PRECISIONS.
        unit_gpus: GPUs that step together and pool their memory.
        shards: GPUs that hold one copy of the routed experts between them.
        lane_gpus: GPUs that read one prompt together.

    Returns:
        The speeds.

    Raises:
        UsageError: When the weights leave no memory for KV cache, or a name is not known.
    """
    sheet, facts = gpu_named(gpu), fleet_facts()
    if precision not in PRECISIONS:
        raise UnknownNameError("precision", str(precision), PRECISIONS)
    weights = weight_bytes(facts.model, shards, precision)
    room = sheet.memory_gb * 1e9 * facts.serving.memory_share
    tokens = int((room - weights) * unit_gpus / kv_bytes(precision))
    if tokens < 2:
        raise UsageError(
            f"The weights do not fit: {weights / 1e9:.1f} GB of them fall on each {gpu} and leave nothing of its "
            f"{room / 1e9:.0f} GB for the KV cache; spread the experts over more than {shards} GPUs "
            "(sharded_over), or take fp8 or a GPU with more memory"
        )
    base, stream, token = (part / decode_efficiency() for part in _ideal(sheet, shards, precision))
    arithmetic = 2.0 * facts.model.active_parameters / _flops(sheet, precision)
    prefill = arithmetic / prefill_efficiency() / lane_gpus
    return Speeds(base, stream / unit_gpus, token / unit_gpus, tokens, prefill)
