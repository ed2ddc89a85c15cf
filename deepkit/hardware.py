"""What is known of GPUs, of DeepSeek's model and of its published day: the file `data/fleet.toml`."""

from dataclasses import dataclass
from datetime import date as Day  # noqa: N812 (the records have a field named date)
from functools import cache

from deepkit.errors import UnknownNameError
from deepkit.facts import read_toml


@dataclass(frozen=True, slots=True)
class PublishedDay:
    """What DeepSeek published of one day of its fleet; rates are tokens a second, prompts read from cache included.

    Args:
        kv_length: Mean length of the KV cache behind each token of output, in tokens.
        stream_tokens_per_s: Slowest and fastest pace of an answer, as published.
    """

    title: str
    input_tokens: float
    cached_tokens: float
    output_tokens: float
    kv_length: int
    stream_tokens_per_s: tuple[float, float]
    node_input_tokens_per_s: float
    node_output_tokens_per_s: float
    mean_nodes: float
    peak_nodes: int
    gpus_per_node: int
    gpu: str
    precision: str
    decode_unit_nodes: int
    prefill_unit_nodes: int
    source: str
    date: Day


@dataclass(frozen=True, slots=True)
class Replication:
    """The same model served by others, with what they measured a node."""

    title: str
    gpu: str
    gpus_per_node: int
    node_input_tokens_per_s: float
    node_output_tokens_per_s: float
    prompt_tokens: int
    streams_per_gpu: int
    decode_gpus: int
    source: str
    date: Day


@dataclass(frozen=True, slots=True)
class ServedModel:
    """The size of a served model: parameters, those of them in routed experts, and KV values a token."""

    name: str
    parameters: float
    active_parameters: float
    routed_parameters: float
    kv_values_per_token: int
    context: int
    source: str
    date: Day


@dataclass(frozen=True, slots=True)
class ServingEngine:
    """What a serving engine leaves of a GPU's memory for weights and KV cache, as a share."""

    memory_share: float
    source: str
    date: Day


@dataclass(frozen=True, slots=True)
class Gpu:
    """A GPU's data sheet: memory in 1e9 bytes, bandwidth in 1e12 bytes a second, dense arithmetic in 1e12 a second."""

    name: str
    memory_gb: float
    bandwidth_tb_s: float
    fp16_tflops: float
    fp8_tflops: float
    note: str
    source: str
    date: Day


@dataclass(frozen=True, slots=True)
class HardwareFacts:
    """The file `data/fleet.toml`."""

    day: PublishedDay
    replication: Replication
    model: ServedModel
    serving: ServingEngine
    gpus: tuple[Gpu, ...]


@cache
def hardware() -> HardwareFacts:
    """Return the bundled facts, each with its source and date."""
    return read_toml("fleet.toml", HardwareFacts)


def gpu_named(name: str) -> Gpu:
    """Return the data sheet of a GPU, or raise UnknownNameError with the names there are."""
    known = {one.name: one for one in hardware().gpus}
    if name not in known:
        raise UnknownNameError("GPU", str(name), known)
    return known[name]
