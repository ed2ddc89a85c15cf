"""The station: slots really held, places really waited in."""

import asyncio
import time

import httpx

from deepkit.sandbox.scenario import Load, Scenario, Site
from deepkit.sandbox.server import Sandbox
from deepkit.sandbox.station import Station


def station(servers: int, queue: int, law: str = "deterministic", service_s: float = 0.05) -> Station:
    """A station of that size."""
    return Station(Load(servers, queue, 0.0, service_s, law), 1)


def test_beyond_slots_and_places_there_is_no_room() -> None:
    """Two slots and three places take five, refuse the sixth, and take one more when one has left."""
    one = station(2, 3, service_s=60.0)
    places = [one.enter() for _ in range(6)]
    assert [place is None for place in places] == [False] * 5 + [True]
    assert places[0] is not None
    places[0].leave()
    places[0].leave()
    assert one.enter() is not None
    assert one.enter() is None


def test_the_next_in_line_takes_the_slot_of_one_who_leaves() -> None:
    """First come, first served; who leaves the queue is passed over."""
    one = station(1, 3, service_s=60.0)
    first, second, third, fourth = (one.enter() for _ in range(4))
    assert first is not None
    assert second is not None
    assert third is not None
    assert fourth is not None
    second.leave()
    first.leave()
    assert third.due is not None
    assert fourth.due is None


def test_services_follow_each_other_without_a_gap() -> None:
    """One slot serves four deterministic services: the last is due four services after the first began."""

    async def go() -> None:
        one = station(1, 3)
        places = [place for _ in range(4) if (place := one.enter()) is not None]
        first = places[0].due
        await asyncio.gather(*(place.served() for place in places))
        assert first is not None
        dues = [place.due - first for place in places if place.due is not None]
        assert [round(due / 0.05, 6) for due in dues] == [0.0, 1.0, 2.0, 3.0]

    asyncio.run(asyncio.wait_for(go(), 20))


def test_service_times_are_seeded_and_have_their_mean() -> None:
    """Equal seeds draw equal times; 4000 exponential ones have the mean within 5 standard errors."""
    draws = [station(1, 0, "exponential", 2.0)._service_s() for _ in range(2)]
    assert draws[0] == draws[1]
    one = station(1, 0, "exponential", 2.0)
    mean = sum(one._service_s() for _ in range(4000)) / 4000
    assert abs(mean - 2.0) < 5 * 2.0 / 4000**0.5


def test_a_client_that_hangs_up_frees_its_slot() -> None:
    """The only slot is refused to others while it is held, and free again once its client has left."""
    spec = Site("station", load=Load(1, 0, 0.0, 60.0, "deterministic"))
    with Sandbox(Scenario("station", "", "", (), "api", "", sites={"main": spec})) as box:
        assert box.target.key is not None
        asked = {
            "url": box.target.base_url + "/chat/completions",
            "json": {"model": "deepseek-flash", "messages": [{"role": "user", "content": "ping"}]},
            "headers": {"authorization": "Bearer " + box.target.key.reveal()},
        }
        with httpx.Client(timeout=30) as client:
            with client.stream("POST", **asked) as first:
                assert first.status_code == 200
                assert client.post(**asked).status_code == 503
            until = time.monotonic() + 10
            status = 503
            while status == 503 and time.monotonic() < until:
                with client.stream("POST", **asked) as answer:
                    status = answer.status_code
            assert status == 200
        assert box.faults == ()


def test_an_answer_comes_when_the_service_is_over() -> None:
    """A whole answer and a streamed one, no sooner than the service takes."""
    spec = Site("station", load=Load(1, 0, 0.0, 0.2, "deterministic"))
    with Sandbox(Scenario("station", "", "", (), "api", "", sites={"main": spec})) as box:
        assert box.target.key is not None
        for stream in (False, True):
            began = time.monotonic()
            answer = httpx.post(
                box.target.base_url + "/chat/completions",
                json={
                    "model": "deepseek-flash",
                    "messages": [{"role": "user", "content": "ping"}],
                    "stream": stream,
                },
                headers={"authorization": "Bearer " + box.target.key.reveal()},
            )
            assert time.monotonic() - began >= 0.2
            assert ("data: [DONE]" in answer.text) == stream
