"""RetryLab: controls as data, the latest request is served, what is said is what was simulated, three ways to show it."""

import threading
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepkit.cluster import SITUATIONS, simulate
from deepkit.errors import DeepkitError, UsageError
from deepkit.retries import POLICIES
from deepkit.widgets import RetryLab
from deepkit.widgets._collapse import collapse_view
from deepkit.widgets._control_values import NUMBERS, OFFERED, OWN, VIEWS, ControlValues, values_named
from deepkit.widgets._controls import LABELS, SCALES, choices, form, words
from deepkit.widgets._latest_worker import LatestWorker
from deepkit.widgets._policy_labels import contest_words, policy_code, policy_words
from deepkit.widgets._snapshots import LOADS, REQUESTS, Snapshots, affordable
from deepkit.widgets.retrylab import PREPARING
from tests.markup import Reader

RUSH = values_named("rush_hour")
offered = st.fixed_dictionaries(
    {}, optional={**{name: st.sampled_from(list(scale)) for name, scale in SCALES.items()},
                  **{name: st.sampled_from([value for value, _ in choices(name)]) for name in ("policy", "service_law")},
                  "abandoned_work": st.booleans(), "view": st.sampled_from(list(VIEWS))},
)  # fmt: skip


@settings(max_examples=40)
@given(values=offered, preset=st.sampled_from(list(OFFERED)))
def test_every_position_can_be_run(values: dict[str, Any], preset: str) -> None:
    """Whatever the controls offer, together they make a cluster and a policy, and each value has words."""
    now = values_named(preset).changed(values)
    assert now.cluster(1000).arrival_rate == pytest.approx(now.load * now.servers / now.service_s)
    assert all(words(name, value) for name, value in now.values().items())
    assert all(getattr(now, name) == value for name, value in values.items())
    assert policy_words(now)


@settings(max_examples=40)
@given(first=offered, then=offered)
def test_moving_is_the_last_position(first: dict[str, Any], then: dict[str, Any]) -> None:
    """Where a control stands is decided by its last move; a new policy brings its own numbers along."""
    now = RUSH.changed(first).changed(then)
    assert all(getattr(now, name) == value for name, value in then.items())
    if "policy" in then and then["policy"] != RUSH.changed(first).policy:
        preset = POLICIES[then["policy"]]
        assert all(getattr(now, name) == getattr(preset, name) for name in NUMBERS if name not in then)


def test_presets_and_ones_own() -> None:
    """Moving a control makes a situation one's own, looking at it otherwise does not, a preset replaces all."""
    assert RUSH.changed({"load": 1.2}) == RUSH
    assert RUSH.changed({"view": "time"}).preset == "rush_hour"
    moved = RUSH.changed({"load": 0.5})
    assert moved.preset == OWN
    assert moved.changed({"preset": "metastable"}) == values_named("metastable")
    assert moved.changed({"preset": OWN}) == moved


@pytest.mark.parametrize("name", OFFERED)
def test_the_form_says_what_the_situation_is(name: str) -> None:
    """Where the controls stand in a situation, they make its cluster, its outage and its policy; nothing is lost."""
    now, meant = values_named(name), SITUATIONS[name].cluster
    assert now.cluster().arrival_rate == pytest.approx(meant.arrival_rate)
    assert replace(now.cluster(), arrival_rate=meant.arrival_rate) == replace(meant, capacity=())
    gone = [end - begin for (begin, _), (end, _) in zip(meant.capacity, meant.capacity[1:], strict=False)]
    assert gone == ([now.outage_s] if now.outage_s else [])


def test_the_first_situation_is_the_guides() -> None:
    """The numbers that a situation begins with are those of its policy's preset."""
    assert RUSH.chosen == POLICIES["guide_ladder"]


@pytest.mark.parametrize(
    "values",
    [
        {"load": -1.0}, {"load": float("nan")}, {"load": "much"}, {"servers": 0}, {"servers": 1.5}, {"queue": -1},
        {"policy": "prayer"}, {"view": "sideways"}, {"preset": "monday"}, {"colour": "red"}, {"outage_s": -5.0},
        {"outage_s": float("inf")}, {"service_law": "rubber"}, {"retries": -1}, {"service_s": 1e300},
    ],
    ids=str,
)  # fmt: skip
def test_bad_values_are_refused(values: dict[str, Any]) -> None:
    """What cannot be run is a usage error when it is set, and the situation stays as it was."""
    lab = RetryLab()
    with pytest.raises(DeepkitError):
        lab.set(**values)
    assert lab.situation == RUSH
    with pytest.raises(DeepkitError):
        RetryLab(**values)


def test_every_control_has_a_name_and_a_place() -> None:
    """The form has one control a field, each with a label; the values of all situations are on offer or fit in."""
    controls = {one["name"]: one for group in form()["groups"] for one in group["controls"]}
    assert set(controls) == set(LABELS) == {field.name for field in fields(ControlValues)} - {"view"}
    assert all(one["label"] for one in controls.values())
    for name, scale in SCALES.items():
        numbers = [value for value in scale if value is not None]
        assert numbers == sorted(set(numbers)), name
        assert None not in scale[1:], name


def test_only_the_latest_request_is_served() -> None:
    """While one request runs many come: only the last is served, and the running one is told of it."""
    begun, go, done = threading.Event(), threading.Event(), []

    def work(request: int, overtaken: Any) -> None:
        begun.set()
        assert go.wait(10)
        done.append((request, overtaken()))

    worker = LatestWorker(work)
    worker.ask(0)
    assert begun.wait(10)
    for request in range(1, 100):
        worker.ask(request)
    assert not worker.wait(0)
    go.set()
    assert worker.wait(10)
    assert done == [(0, True), (99, False)]


def test_no_thread_is_left() -> None:
    """When no request waits there is no thread, and the next request starts one."""
    done: list[int] = []
    worker = LatestWorker(lambda request, overtaken: done.append(request))
    for request in range(50):
        worker.ask(request)
        assert worker.wait(10)
    assert done == list(range(50))
    left = [one for one in threading.enumerate() if one.name == "deepkit-latest"]
    for one in left:
        one.join(10)
    assert not any(one.is_alive() for one in left)


def test_a_snapshot_says_what_was_simulated() -> None:
    """The sentence's figures are those of `simulate` on the same cluster, to the digits shown."""
    snapshot = next(Snapshots().take(RUSH))
    outcome = simulate(RUSH.cluster(), requests=REQUESTS)
    assert f"{100 * outcome.success:.3g} % of requests are answered" in snapshot.said
    assert f"each costs {outcome.attempts_per_request:.3g} attempts" in snapshot.said
    assert "retries after 5, 10 and 30 s at 1.2 times capacity" in snapshot.said
    assert "100,000 requests" in snapshot.note


def test_a_curve_grows_and_stays() -> None:
    """The first snapshot has one dot, the last all loads; moving the load alone simulates one more; overtaken stops."""
    snapshots = Snapshots()
    taken = list(snapshots.take(RUSH))
    dots = [len(snapshot.figure.data[2].x) for snapshot in taken]
    assert dots == list(range(1, len(LOADS) + 1))
    moved = list(snapshots.take(RUSH.changed({"load": 0.95})))
    assert [len(snapshot.figure.data[2].x) for snapshot in moved] == [len(LOADS) + 1]
    assert len(list(snapshots.take(RUSH.changed({"queue": 50}), lambda: True))) == 1


def test_endless_retries_get_fewer_requests() -> None:
    """A situation whose clients retry without measure is simulated with fewer requests, and the note says how many."""
    spam = RUSH.changed({"policy": "tenacity", "view": "time"})
    assert affordable(spam) < REQUESTS / 2
    assert affordable(RUSH) == REQUESTS
    assert f"{affordable(spam):,} requests" in next(Snapshots().take(spam)).note


def test_the_collapse_and_its_cures() -> None:
    """280 a second stays down after the outage; half of it recovers, and so does a budget."""
    stays, half, budget = (
        next(Snapshots().take(values_named(name))).said for name in ("metastable", "recovery", "budget")
    )
    assert "it is 0, and" in stays
    assert "the collapse is not" in stays
    assert "It recovers" in half
    assert "It recovers" in budget
    alt = collapse_view().figure.layout.meta["alt"]
    assert [int(words.split()[0]) for words in alt.replace(";", ":").split(": ")[1::2]][:3] == [0, 100, 100]


def test_three_ways_at_once() -> None:
    """Live, HTML and text come in one bundle; nothing waits for the simulator; the last word is kept in all of them."""
    lab = RetryLab()
    begun = lab._repr_mimebundle_()
    assert {"application/vnd.jupyter.widget-view+json", "text/html", "text/plain"} <= set(begun)
    assert lab.wait()
    assert lab.snapshot is not None
    for one in (lab.html(), lab.text().replace("\n ", "")):
        assert lab.snapshot.said.split(",")[0] in one.replace("\n", " ")
    assert PREPARING not in lab.html()
    assert "data:image/svg+xml" in lab.html()


def test_preparing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until the first snapshot is there, the page says that the simulator is being prepared, and returns at once."""
    go = threading.Event()

    def slow(self: Snapshots, now: ControlValues, overtaken: Any) -> Any:
        assert go.wait(10)
        return iter(())

    monkeypatch.setattr(Snapshots, "take", slow)
    lab = RetryLab()
    bundle = lab._repr_mimebundle_()
    assert PREPARING in bundle["text/plain"]
    assert lab.panel.shown["said"] == PREPARING
    go.set()
    assert lab.wait()


def test_html_survives_the_sanitiser() -> None:
    """The saved HTML uses only what JupyterLab keeps in untrusted notebooks."""
    reader = Reader()
    reader.feed(RetryLab("metastable").html())
    assert not reader.open
    assert {tag for tag, _ in reader.tags} <= {
        "div", "span", "p", "b", "details", "summary", "code", "br", "img", "table", "thead", "tbody", "tr", "th", "td",
    }  # fmt: skip


def ask(lab: RetryLab, at: str, **values: Any) -> dict[str, Any]:
    """Ask as a page does, and return what it is shown."""
    lab.panel._handle_custom_msg({"do": "ask", "values": values, "width": 500, "at": at}, [])
    assert lab.wait()
    shown: dict[str, Any] = lab.panel.shown
    return shown


def test_the_page_asks_and_is_answered() -> None:
    """A move in the page moves the situation; the answer names the move, fits the width, and shows the controls."""
    lab = RetryLab()
    shown = ask(lab, "x-1", load=0.5, policy="none")
    assert lab.situation == RUSH.changed({"policy": "none"}).changed({"load": 0.5})
    assert (shown["at"], shown["done"]) == ("x-1", True)
    assert "width='500'" in shown["picture"]
    assert shown["values"]["load"] == [0.5, "0.5 × capacity"]
    assert shown["unused"] == list(NUMBERS[1:])
    assert "no retries" in shown["said"]


def test_a_bad_page_is_told() -> None:
    """Nonsense from the page is answered in words; what was shown before stays, and the next move works."""
    lab = RetryLab()
    good = ask(lab, "x-1", load=0.5)
    bad = ask(lab, "x-2", load="DROP TABLE")
    assert bad["picture"] == good["picture"]
    assert "load" in bad["said"]
    assert bad["at"] == "x-2"
    assert "0.6 times" in ask(lab, "x-3", load=0.6)["said"]


def test_reset_goes_back() -> None:
    """Reset brings back the situation that was asked for at first, the page's controls too."""
    lab = RetryLab("normal_hour", queue=50)
    ask(lab, "x-1", load=1.4, servers=1)
    lab.panel._handle_custom_msg({"do": "reset"}, [])
    assert lab.wait()
    assert lab.situation == values_named("normal_hour").changed({"queue": 50})
    assert lab.panel.shown["values"]["servers"][0] == 100


def test_a_tournament_belongs_to_its_situation(monkeypatch: pytest.MonkeyPatch) -> None:
    """The button returns at once; the winner can be used; another load takes the result away, another policy not."""
    monkeypatch.setattr("deepkit.widgets.retrylab.CONTEST_REQUESTS", 1000)
    lab = RetryLab(servers=4, queue=8)
    lab.compare().wait(60)
    assert len(lab.standings) == 13
    shown = lab.panel.contest
    assert shown["said"] == contest_words(lab.standings)
    assert shown["use"] == lab.standings[0].name
    assert "<svg" in shown["picture"]
    assert "you alone" in lab.text()
    lab.panel._handle_custom_msg({"do": "use"}, [])
    assert lab.situation.policy == lab.standings[0].name
    assert lab.standings
    lab.set(load=0.7)
    assert not lab.standings
    assert lab.panel.contest == {}
    assert lab.wait()


def test_a_policy_of_ones_own_competes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Own numbers take part under the name "yours"."""
    monkeypatch.setattr("deepkit.widgets.retrylab.CONTEST_REQUESTS", 1000)
    lab = RetryLab(servers=4, queue=8, retries=7)
    lab.compare().wait(60)
    assert "yours" in {one.name for one in lab.standings}


def test_a_tournament_can_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop ends it soon, says so, and leaves no standings; the next one works."""
    begun = threading.Event()

    def endless(*_: Any, executor: Any, **__: Any) -> Any:
        hold = threading.Event()
        executor.submit(hold.wait, 5.0)
        waiting = [executor.submit(hold.wait, 5.0) for _ in range(64)]
        begun.set()
        return [one.result() for one in waiting]

    monkeypatch.setattr("deepkit.widgets.retrylab.tournament", endless)
    lab = RetryLab()
    job = lab.compare()
    assert begun.wait(20)
    lab.panel._handle_custom_msg({"do": "stop"}, [])
    assert job.wait(20)
    assert "cancelled" in lab.panel.contest["said"]
    assert not lab.standings


@pytest.mark.parametrize("policy", list(POLICIES))
def test_the_code_runs_and_means_the_policy(policy: str) -> None:
    """The lines on the page build an OpenAI client whose transport holds exactly the policy shown."""
    plain = RUSH.changed({"policy": policy})
    for now in (plain, replace(plain, retries=4, base_s=0.25, cap_s=9.0, budget_ratio=0.3)):
        scope: dict[str, Any] = {}
        lines = policy_code(now).replace("max_retries=0)", "max_retries=0, api_key='sk-none')")
        exec(compile(lines, "shown", "exec"), scope)
        with scope["client"]:
            assert scope["http"]._transport.policy == now.chosen


@settings(max_examples=20, deadline=None)
@given(values=offered)
def test_nothing_that_is_offered_breaks(values: dict[str, Any]) -> None:
    """Any position of the controls gives a figure and a sentence without a number that is none."""
    now = replace(RUSH.changed(values), servers=4, queue=8)
    snapshot = next(Snapshots().take(now))
    assert "nan" not in snapshot.said
    assert "inf " not in snapshot.said
    assert snapshot.figure.layout.meta["alt"]


def test_asking_a_script_waits_for_the_answer() -> None:
    """Without a page, text and HTML are those of the situation that was set last."""
    lab = RetryLab()
    assert "0.8 times capacity" in lab.set(load=0.8).text()
    assert "1.4 times capacity" in lab.set(load=1.4).html()


def test_what_breaks_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """When simulating fails, the page and the script say why instead of waiting for ever."""

    def broken(self: Snapshots, now: ControlValues, overtaken: Any) -> Any:
        raise UsageError("The servers are made of cheese.")

    monkeypatch.setattr(Snapshots, "take", broken)
    lab = RetryLab()
    with pytest.raises(UsageError, match="cheese"):
        lab.text()
    assert lab.panel.shown["said"] == "The servers are made of cheese."
