"""An LLM serving fleet as data: its GPUs, what is asked of it, and what its clients put up with."""

import math
from dataclasses import dataclass

from deepkit.cluster.fleet.hardware import Speeds, speeds_of
from deepkit.errors import UnknownNameError, UsageError
from deepkit.records import Policy
from deepkit.retries.check import checked, number

LENGTH_LAWS: tuple[str, ...] = ("exponential", "deterministic", "lognormal")
"""Laws of the lengths of prompts and answers; a law's place in this row is its number in the kernel."""

MOST_GPUS, MOST_UNITS, MOST_QUEUE = 1_000_000, 1024, 10_000_000
LARGEST = 1e12


@dataclass(frozen=True, slots=True)
class Fleet:
    """A fleet that serves a model like DeepSeek-V3, and its clients.

    Prompts are read (prefill) on some of the GPUs and answers written (decode) on the others, as DeepSeek does.

    Args:
        gpus: GPUs in all.
        arrival_rate: New requests a second, retries not counted (Poisson).
        gpu: Their kind, by its name in `data/fleet.toml`.
        precision: "fp16", "fp8", or "mixed": FP8 weights with a BF16 KV cache, as DeepSeek served.
        prefill_share: Share of the GPUs that read prompts.
        unit_gpus: GPUs of a decode unit, which step together and pool their memory.
        sharded_over: GPUs that hold one copy of the routed experts between them; None is `unit_gpus`.
        lane_gpus: GPUs that read one prompt together.
        streams_per_gpu: Most answers that one GPU writes at once.
        queue: Requests that may wait; one more is rejected at once.
        prompt_tokens: Mean length of a prompt, history included.
        answer_tokens: Mean length of an answer.
        length_law: One of LENGTH_LAWS, for both lengths.
        length_cv: Standard deviation over mean, for lognormal.
        prefix_hit: Share of every prompt that is found in the prefix cache.
        context: Most tokens of a prompt and its answer together; longer ones are cut.
        patience_s: Mean time (exponential) a client waits for the first token; None is for ever.
        timeout_s: Time after which a client takes an attempt for failed, answered in part or not; None is never.
        abandoned_work: The fleet still answers clients that have left.
        round_trip_s: Time until a client knows of a rejection, which any retry waits at least.
        policy: What clients do after a failure, unless a call names another policy.
        clients: Clients that the requests belong to; each has its own budget.
        priorities: Shares of the classes, most important first, summing to 1.
        load: Times (s) and factors on the arrival rate from then on.
        capacity: Times (s) and shares of the GPUs that are there from then on.
        drains: A unit that goes finishes its answers first; otherwise they are lost and begin anew elsewhere.
        speeds: Speeds measured on your own machines, in place of those computed from data sheets.

    Raises:
        UsageError: When a number is negative, NaN, infinite or absurdly large, parts disagree, the weights do
            not fit, or one request of full context would not fit into a unit's memory.
    """

    gpus: int
    arrival_rate: float
    gpu: str = "H800"
    precision: str = "mixed"
    prefill_share: float = 0.5
    unit_gpus: int = 8
    sharded_over: int | None = None
    lane_gpus: int = 1
    streams_per_gpu: int = 256
    queue: int = 100
    prompt_tokens: float = 3900.0
    answer_tokens: float = 1080.0
    length_law: str = "exponential"
    length_cv: float = 1.0
    prefix_hit: float = 0.0
    context: int = 65536
    patience_s: float | None = None
    timeout_s: float | None = None
    abandoned_work: bool = False
    round_trip_s: float = 0.05
    policy: Policy = Policy()
    clients: int = 1
    priorities: tuple[float, ...] = (1.0,)
    load: tuple[tuple[float, float], ...] = ()
    capacity: tuple[tuple[float, float], ...] = ()
    drains: bool = True
    speeds: Speeds | None = None

    def __post_init__(self) -> None:
        for name, high in (("gpus", MOST_GPUS), ("unit_gpus", MOST_GPUS), ("lane_gpus", MOST_GPUS)):
            _whole(name, getattr(self, name), 1, high)
        if self.sharded_over is not None:
            _whole("sharded_over", self.sharded_over, 1, MOST_GPUS)
        _whole("streams_per_gpu", self.streams_per_gpu, 1, 100_000)
        _whole("queue", self.queue, 0, MOST_QUEUE)
        _whole("clients", self.clients, 1, MOST_QUEUE)
        _whole("context", self.context, 2, 100_000_000)
        number("arrival_rate", self.arrival_rate, 1e-12, LARGEST)
        number("prefill_share", self.prefill_share, 0.0, 1.0)
        number("prefix_hit", self.prefix_hit, 0.0, 1.0)
        number("prompt_tokens", self.prompt_tokens, 1.0, self.context)
        number("answer_tokens", self.answer_tokens, 1.0, self.context)
        number("length_cv", self.length_cv, 0.0, 100.0)
        number("round_trip_s", self.round_trip_s, 0.0, LARGEST)
        if self.length_law not in LENGTH_LAWS:
            raise UnknownNameError("length law", str(self.length_law), LENGTH_LAWS)
        for name in ("patience_s", "timeout_s"):
            value = getattr(self, name)
            if value is not None:
                number(name, value, 1e-12, LARGEST)
        checked(self.policy)
        self._check_shares()
        _check_steps("load", self.load, LARGEST)
        _check_steps("capacity", self.capacity, 1.0)
        self._check_machines()

    def _check_shares(self) -> None:
        if not 1 <= len(self.priorities) <= 8:
            raise UsageError(f"priorities has {len(self.priorities)} classes; give 1 to 8 shares")
        for share in self.priorities:
            number("a share in priorities", share, 0.0, 1.0)
        if not math.isclose(sum(self.priorities), 1.0, abs_tol=1e-9):
            raise UsageError(f"priorities sum to {sum(self.priorities):g}; the shares must sum to 1")

    def _check_machines(self) -> None:
        if self.lanes < 1 or self.units < 1:
            raise UsageError(
                f"{self.gpus} GPUs make {self.lanes} prefill lanes of {self.lane_gpus} and {self.units} decode units "
                f"of {self.unit_gpus}; at least one of each is needed: add GPUs or change prefill_share"
            )
        if self.units > MOST_UNITS:
            raise UsageError(
                f"{self.units} decode units are too many; make unit_gpus larger ({MOST_UNITS} at most)"
            )
        memory = self.unit.memory_tokens
        if self.context > memory:
            raise UsageError(
                f"A request of {self.context} tokens of context does not fit into the {memory} tokens that one unit's "
                "memory holds; shorten context, or make unit_gpus larger"
            )

    @property
    def lanes(self) -> int:
        """Prompts that can be read at once."""
        return int(self.gpus * self.prefill_share / self.lane_gpus + 1e-9)

    @property
    def units(self) -> int:
        """Decode units."""
        return int(self.gpus * (1.0 - self.prefill_share) / self.unit_gpus + 1e-9)

    @property
    def unit(self) -> Speeds:
        """The speeds of one decode unit and one lane."""
        if self.speeds is not None:
            return self.speeds
        shards = self.sharded_over or self.unit_gpus
        return speeds_of(self.gpu, self.precision, self.unit_gpus, shards, self.lane_gpus)

    @property
    def kv_length(self) -> float:
        """Mean tokens of KV cache behind a token of output: the prompt, and half of an answer met by its length."""
        spread = {"exponential": 1.0, "deterministic": 0.0}.get(self.length_law, self.length_cv)
        return self.prompt_tokens + self.answer_tokens * (1.0 + spread**2) / 2.0

    @property
    def streams(self) -> float:
        """Answers that one unit can write at once, by its memory and by `streams_per_gpu`."""
        return min(self.unit.memory_tokens / self.kv_length, float(self.streams_per_gpu * self.unit_gpus))

    @property
    def slowest_step_s(self) -> float:
        """Seconds of a unit's step when it writes as many answers as it can."""
        return self.unit.step_s(self.streams, self.streams * self.kv_length)

    @property
    def utilisation(self) -> float:
        """Work of first attempts over what can be done; 1 or more cannot all be served.

        The larger of the two: reading prompts, and writing answers with as many streams as memory holds.
        """
        reading = self.prompt_tokens * (1.0 - self.prefix_hit) * self.unit.prefill_token_s / self.lanes
        writing = self.answer_tokens * self.slowest_step_s / (self.streams * self.units)
        return self.arrival_rate * max(reading, writing)


def _whole(name: str, value: int, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise UsageError(f"{name} is {value!r}; give a whole number from {low} to {high}")
    number(name, value, low, high)


def _check_steps(name: str, steps: tuple[tuple[float, float], ...], high: float) -> None:
    last = -1.0
    for at, value in steps:
        number(f"a time of {name}", at, 0.0, LARGEST)
        number(f"a value of {name}", value, 0.0, high)
        if at <= last:
            raise UsageError(f"The times of {name} must rise; {at:g} comes after {last:g}")
        last = at
