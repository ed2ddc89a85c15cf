"""One listening site at run time: its spec, its load, and what it decides for the next question."""

from collections import deque
from dataclasses import dataclass
from random import Random

from deepkit.sandbox.answer import Cache
from deepkit.sandbox.load import Occupancy
from deepkit.sandbox.scenario import Face, Site
from deepkit.sandbox.station import Place, Station


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a question: the face it meets, how long it waits for its turn first (s), or its place."""

    face: Face
    wait_s: float = 0.0
    place: Place | None = None


class LiveSite:
    """A site that serves.

    Args:
        name: Its name in the scenario.
        spec: What it does.
        seed: Seed of everything that chance decides here.
        port: The TCP port it listens on.
    """

    def __init__(self, name: str, spec: Site, seed: int, port: int) -> None:
        self.name, self.spec, self.port = name, spec, port
        self.rng = Random(f"{seed}/{name}")
        self.cache = Cache()
        self.load = Occupancy(spec.load, seed) if spec.load and spec.face != "station" else None
        self.station = Station(spec.load, seed) if spec.load and spec.face == "station" else None
        self._block: deque[bool] = deque()
        self._order = Random(f"{seed}/{name}/order")

    def decide(self, face: Face | None = None) -> Decision:
        """Return what the next question meets.

        Args:
            face: The face to play; the API's unless given.
        """
        played = face or self.spec.face
        if played == "load":
            return self._by_load()
        if played == "station":
            assert self.station is not None, f"site {self.name} is a station but has no load"
            place = self.station.enter()
            return Decision("full") if place is None else Decision("station", place=place)
        if played == "full":
            return Decision("full")
        if played in ("healthy", "down", "blocked"):
            return Decision(played)
        return Decision(played if self._fails() else "healthy")

    def _by_load(self) -> Decision:
        assert self.load is not None, f"site {self.name} plays load but has none"
        at, spec = self.load.elapsed(), self.load.load
        present = self.load.number(at)
        if present >= spec.servers + spec.queue:
            return Decision("full")
        if present >= spec.servers:
            return Decision("healthy", self.load.turn(at, present - spec.servers + 1))
        return Decision("healthy")

    def _fails(self) -> bool:
        """Deal from shuffled blocks: the share is exact, and a run of failures is bounded by twice a block's."""
        if not self._block:
            failing, of = self.spec.fail
            block = [True] * failing + [False] * (of - failing)
            self._order.shuffle(block)
            self._block.extend(block)
        return self._block.popleft()
