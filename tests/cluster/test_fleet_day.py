"""DeepSeek's published day: its own consistency, and the simulated day beside it."""

import math
from dataclasses import replace
from datetime import date

import pytest

from deepkit.cluster import fleet_named, published_day, simulate_fleet
from deepkit.cluster.fleet.hardware import (
    decode_efficiency,
    gpu_named,
    ideal_step_s,
    kv_bytes,
    prefill_efficiency,
    speeds_of,
)
from deepkit.cluster.fleet.known import fleet_facts
from deepkit.facts import fleet_day, nodes_by_hour

DAY = fleet_facts().day
PACE = sum(DAY.stream_tokens_per_s) / 2.0


def test_every_fact_has_source_and_date() -> None:
    """Each fact of the fleet says where it stands and of which day it is."""
    facts = fleet_facts()
    for one in (facts.day, facts.replication, facts.model, facts.serving, *facts.gpus):
        assert one.source.startswith("https://")
        assert date(2024, 1, 1) < one.date <= date(2026, 11, 23)
    assert fleet_facts() is facts


def test_the_published_nodes_agree_with_the_published_tokens() -> None:
    """Tokens a day over tokens a node give 131.4 decode and 95.5 prefill nodes, 226.9 against 226.75 published."""
    decode = DAY.output_tokens / 86_400 / DAY.node_output_tokens_per_s
    prefill = DAY.input_tokens / 86_400 / DAY.node_input_tokens_per_s
    assert decode == pytest.approx(131.4, abs=0.05)
    assert prefill == pytest.approx(95.5, abs=0.05)
    assert decode + prefill == pytest.approx(226.9, abs=0.05)
    assert decode + prefill == pytest.approx(DAY.mean_nodes, rel=0.001)


def test_the_published_chart_agrees_with_its_mean() -> None:
    """The node counts read off the chart have the published peak, and its mean within 1 %."""
    assert max(span.nodes for span in fleet_day()) == DAY.peak_nodes
    assert sum(nodes_by_hour()) / 24 == pytest.approx(DAY.mean_nodes, rel=0.01)


def test_streams_and_steps() -> None:
    """92,600 streams at once, 705 on a node, 88 on a GPU, a step every 48 ms."""
    assert DAY.output_tokens / 86_400 / PACE == pytest.approx(92_600, rel=0.001)
    assert DAY.node_output_tokens_per_s / PACE == pytest.approx(705, abs=0.5)
    assert DAY.node_output_tokens_per_s / PACE / DAY.gpus_per_node == pytest.approx(88, abs=0.2)
    assert pytest.approx(48, abs=0.5) == 1000.0 / PACE


def test_memory_holds_the_published_streams() -> None:
    """70,272 bytes a token: 0.35 GB a stream, 30.9 GB on a GPU, and there is room for more streams than there were."""
    assert kv_bytes("mixed") == 70_272
    assert kv_bytes("fp8") == 35_136
    stream = kv_bytes("mixed") * DAY.kv_length
    assert stream == pytest.approx(0.35e9, rel=0.01)
    assert 88.1 * stream == pytest.approx(30.9e9, rel=0.01)
    slots = speeds_of("H800", "mixed", 1, 144, 1).memory_tokens / DAY.kv_length
    assert 88 < slots < 200


def test_efficiencies_are_below_one() -> None:
    """No machine is faster than its data sheet: decoding reached about 40 % of it, reading prompts about 24 %."""
    assert decode_efficiency() == pytest.approx(0.398, abs=0.001)
    assert prefill_efficiency() == pytest.approx(0.244, abs=0.001)


def test_a_stranger_fleet_is_predicted() -> None:
    """Calibrated on DeepSeek alone, SGLang's decode rate on other machines and batches is met within 30 %."""
    seen = fleet_facts().replication
    tokens = seen.streams_per_gpu * (seen.prompt_tokens + 100.0)
    step = ideal_step_s(gpu_named(seen.gpu), seen.decode_gpus, "mixed", seen.streams_per_gpu, tokens)
    predicted = seen.gpus_per_node * seen.streams_per_gpu / (step / decode_efficiency())
    assert predicted == pytest.approx(seen.node_output_tokens_per_s, rel=0.30)


def test_the_simulated_day_is_the_published_one() -> None:
    """A fiftieth of the fleet through the whole day: pace, streams, tokens, memory and nodes come out as published.

    Lengths, load and one efficiency are fitted to the published figures; that all the others then come out is
    the model's own doing. Tolerances: 1 % for tokens and KV length, 2 % for pace, streams and nodes.
    """
    fleet = published_day(0.02)
    share = fleet.arrival_rate / published_day(1.0).arrival_rate
    outcome = simulate_fleet(fleet, hours=24.0, seed=1)
    assert outcome.stable
    assert outcome.rejected == 0.0
    assert outcome.inter_token_s == pytest.approx(1.0 / PACE, rel=0.02)
    assert outcome.step_s == pytest.approx(1.0 / PACE, rel=0.02)
    assert outcome.kv_length == pytest.approx(DAY.kv_length, rel=0.01)
    per_day = 86_400 / share
    assert outcome.tokens_per_s * per_day == pytest.approx(DAY.output_tokens, rel=0.01)
    asked = outcome.goodput * fleet.prompt_tokens * per_day
    assert asked == pytest.approx(DAY.input_tokens, rel=0.01)
    assert asked * fleet.prefix_hit == pytest.approx(DAY.cached_tokens, rel=0.01)
    assert outcome.streams / share == pytest.approx(92_600, rel=0.02)
    nodes = DAY.output_tokens / 86_400 / DAY.node_output_tokens_per_s
    assert outcome.streams / share / nodes == pytest.approx(705, rel=0.02)
    decode_gpus = (
        sum(
            (_minutes(span.end_utc) - _minutes(span.start_utc))
            / 1440
            * round(span.nodes / DAY.peak_nodes * fleet.units)
            for span in fleet_day()
        )
        * fleet.unit_gpus
    )
    assert outcome.decoded_per_s / decode_gpus * 8 == pytest.approx(DAY.node_output_tokens_per_s, rel=0.02)
    free = 1.0 - outcome.kv_share
    assert 0.3 < free < 0.5, "memory was not what made DeepSeek busy on an ordinary day"


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return 60 * int(hours) + int(minutes)


def test_a_share_of_the_fleet_behaves_like_the_whole() -> None:
    """Scaling fleet and load together changes neither pace nor memory, so that a small share may stand for all."""
    noon = fleet_named("deepseek_noon")
    small, large = (
        simulate_fleet(
            replace(noon, gpus=noon.gpus * factor, arrival_rate=noon.arrival_rate * factor),
            requests=40_000 * factor,
        )
        for factor in (1, 4)
    )
    for name in ("step_s", "inter_token_s", "kv_share", "kv_length", "prefill_utilisation"):
        assert getattr(small, name) == pytest.approx(getattr(large, name), rel=0.02), name
    whole, part = (speeds_of("H800", "mixed", gpus, 144, 1) for gpus in (144, 2))
    assert whole.step_s(88 * 144, 4989 * 88 * 144) == pytest.approx(part.step_s(88 * 2, 4989 * 88 * 2))
    assert math.isclose(whole.memory_tokens, 72 * part.memory_tokens, rel_tol=1e-6)
