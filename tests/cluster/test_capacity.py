"""Capacity: DeepSeek's published day, a stranger's fleet, and levers that pull in their direction."""

from dataclasses import replace
from datetime import date

import pytest

from deepkit.cluster import Cluster, Fleet, fleet_named, fleets, published_day, simulate, timeline
from deepkit.cluster.capacity import decode_efficiency, ideal_step_s, kv_bytes, prefill_efficiency
from deepkit.errors import UnknownNameError, UsageError
from deepkit.facts import fleet_day, nodes_by_hour
from deepkit.hardware import gpu_named, hardware

DAY = hardware().day
PACE = sum(DAY.stream_tokens_per_s) / 2.0
NOON = fleet_named("deepseek_noon")


def test_every_fact_has_source_and_date() -> None:
    """Each fact of the hardware says where it stands and of which day it is."""
    facts = hardware()
    for one in (facts.day, facts.replication, facts.model, facts.serving, *facts.gpus):
        assert one.source.startswith("https://")
        assert date(2024, 1, 1) < one.date <= date(2026, 11, 23)


def test_the_published_nodes_agree_with_the_published_tokens() -> None:
    """Tokens a day over tokens a node give 131.4 decode and 95.5 prefill nodes, 226.9 against 226.75 published."""
    decode = DAY.output_tokens / 86_400 / DAY.node_output_tokens_per_s
    prefill = DAY.input_tokens / 86_400 / DAY.node_input_tokens_per_s
    assert decode == pytest.approx(131.4, abs=0.05)
    assert prefill == pytest.approx(95.5, abs=0.05)
    assert decode + prefill == pytest.approx(DAY.mean_nodes, rel=0.001)


def test_the_published_chart_agrees_with_its_mean() -> None:
    """The node counts read off the chart have the published peak, and its mean within 1 %."""
    assert max(span.nodes for span in fleet_day()) == DAY.peak_nodes
    assert sum(nodes_by_hour()) / 24 == pytest.approx(DAY.mean_nodes, rel=0.01)


def test_memory_holds_the_published_streams() -> None:
    """70,272 bytes a token, 0.35 GB a stream, and room on a GPU for more streams than the 88 there were."""
    assert (kv_bytes("mixed"), kv_bytes("fp8")) == (70_272, 35_136)
    assert kv_bytes("mixed") * DAY.kv_length == pytest.approx(0.35e9, rel=0.01)
    assert 88 < NOON.most_streams < 200


def test_efficiencies_are_below_one() -> None:
    """No machine is faster than its data sheet: decoding reached about 40 % of it, reading prompts about 24 %."""
    assert decode_efficiency() == pytest.approx(0.398, abs=0.001)
    assert prefill_efficiency() == pytest.approx(0.244, abs=0.001)


def test_a_stranger_fleet_is_predicted() -> None:
    """Calibrated on DeepSeek alone, SGLang's decode rate on other machines and batches is met within 30 %."""
    seen = hardware().replication
    length = seen.prompt_tokens + 100.0
    step = ideal_step_s(gpu_named(seen.gpu), seen.decode_gpus, "mixed", seen.streams_per_gpu, length)
    predicted = seen.gpus_per_node * seen.streams_per_gpu / (step / decode_efficiency())
    assert predicted == pytest.approx(seen.node_output_tokens_per_s, rel=0.30)


def test_the_simulated_day_is_the_published_one() -> None:
    """A twentieth of the fleet through the whole day: tokens, pace, streams and nodes come out as published, in 5 %.

    Lengths, load and one efficiency are fitted to the published figures; the step at each hour, the streams, the
    use of memory and that nobody is turned away are the model's own doing.
    """
    fleet, share = published_day(0.05), 0.05
    cluster = fleet.cluster()
    film = timeline(cluster, horizon_s=86_400.0, step_s=600.0, seed=1)
    assert film.complete
    assert sum(film.rejected) == 0.0
    prompt, answer = fleet.lengths
    answered = sum(film.goodput) * 600.0 / share
    assert answered * answer == pytest.approx(DAY.output_tokens, rel=0.05)
    assert answered * prompt == pytest.approx(DAY.input_tokens, rel=0.05)
    assert answered * prompt * fleet.prefix_hit == pytest.approx(DAY.cached_tokens, rel=0.05)
    noon = simulate(NOON.cluster(), requests=200_000, seed=1)  # all nodes at their load: the pace of the day
    writing_s = noon.time_to_success - NOON.prefill_s - noon.mean_wait
    assert answer / writing_s == pytest.approx(PACE, rel=0.05)
    assert noon.goodput * answer / NOON.decode_gpus * 8 == pytest.approx(
        DAY.node_output_tokens_per_s, rel=0.05
    )
    streams = noon.goodput * writing_s / share * DAY.mean_nodes / DAY.peak_nodes
    assert streams == pytest.approx(DAY.output_tokens / 86_400 / PACE, rel=0.05)  # 92,600
    assert 0.5 < noon.utilisation < 0.75, "memory was not what made DeepSeek busy on an ordinary day"


@pytest.mark.parametrize(
    ("change", "goes"),
    [
        ({"gpus": 222}, "down"),
        ({"gpu": "H200"}, "down"),
        ({"precision": "fp8"}, "down"),
        ({"precision": "fp16"}, "up"),
        ({"context": 2048}, "down"),
        ({"prefill_share": 0.35}, "down"),
        ({"prefill_share": 0.1}, "up"),
        ({"answer_tokens": 2000.0}, "up"),
        ({"prompt_tokens": 8000.0}, "up"),
        ({"sharded_over": 32}, "up"),
    ],
    ids=str,
)
def test_levers(change: dict[str, object], goes: str) -> None:
    """What relieves a fleet lowers its share of rejections under 1.5 times the load, what burdens it raises it."""
    busy = replace(NOON, arrival_rate=1.5 * NOON.arrival_rate)
    before, after = (
        simulate(one.cluster(), requests=400_000).blocked for one in (busy, replace(busy, **change))
    )
    assert after < before - 0.002 if goes == "down" else after > before + 0.002


def test_a_share_of_the_fleet_is_as_loaded_as_the_whole() -> None:
    """Scaling fleet and load together changes neither step nor load."""
    part, whole = published_day(0.05), published_day(1.0)
    assert part.step_s(part.streams) == pytest.approx(whole.step_s(whole.streams), rel=0.01)
    assert part.cluster().utilisation == pytest.approx(whole.cluster().utilisation, rel=0.02)


@pytest.mark.parametrize("name", sorted(fleets()))
def test_presets_are_clusters(name: str) -> None:
    """Each preset becomes a cluster that takes the clients' fields, and its work is that of its GPUs."""
    fleet = fleet_named(name)
    cluster = fleet.cluster(patience_s=9.0)
    assert isinstance(cluster, Cluster)
    assert cluster.patience_s == 9.0
    assert cluster.service_s == pytest.approx(
        fleet.prefill_s + fleet.lengths[1] * fleet.step_s(fleet.streams)
    )


@pytest.mark.parametrize(
    "bad",
    [
        {"gpus": 1}, {"gpus": 0}, {"arrival_rate": 0.0}, {"gpu": "GTX"}, {"precision": "int4"}, {"prefill_share": 1.0},
        {"prefill_share": 0.0}, {"context": 1}, {"context": 90_000_000}, {"prefix_hit": 1.1}, {"answer_tokens": 0.0},
        {"sharded_over": 1}, {"sharded_over": 8, "precision": "fp16"}, {"streams_per_gpu": 0},
    ],
    ids=str,
)  # fmt: skip
def test_fleets_that_cannot_be(bad: dict[str, object]) -> None:
    """Names that are not known, numbers out of bounds and weights that do not fit are usage errors."""
    with pytest.raises((UsageError, UnknownNameError)):
        replace(Fleet(16, 1.0, gpu="H800", sharded_over=72), **bad)


def test_cached_prompts_relieve_those_who_read() -> None:
    """Where reading is the bottleneck, a larger prefix cache lets more requests in; where writing is, it does not."""
    few = replace(NOON, prefill_share=0.1)
    rates = [one.cluster().servers / one.cluster().service_s for one in (few, replace(few, prefix_hit=0.9))]
    assert rates[1] > 2.0 * rates[0]
    rates = [one.cluster().servers / one.cluster().service_s for one in (NOON, replace(NOON, prefix_hit=0.9))]
    assert rates[1] == pytest.approx(rates[0], rel=0.01)
