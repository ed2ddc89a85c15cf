"""Lists of jobs, in Python that numba compiles: one ring a list, so that no end is a special case."""

from deepkit.cluster.fleet.layout import LISTS_OF_A_UNIT, NEXT, NODE, NODES, OF_UNITS, PREV
from deepkit.cluster.layout import Whole


def queue_of(n: Whole, rank: int) -> int:
    """Return the node of a class's queue."""
    return n[NODES] + NODE * rank


def unit_list(n: Whole, unit: int, kind: int) -> int:
    """Return the node of one of a unit's lists."""
    return n[NODES] + NODE * (OF_UNITS + unit * LISTS_OF_A_UNIT + kind)


def first(n: Whole, node: int) -> int:
    """Return the first job of a list; the node itself when the list is empty."""
    return n[node + NEXT]


def last(n: Whole, node: int) -> int:
    """Return the last job of a list; the node itself when the list is empty."""
    return n[node + PREV]


def append(n: Whole, node: int, job: int) -> None:
    """Put a job at the end of a list."""
    insert(n, n[node + PREV], node, job)


def prepend(n: Whole, node: int, job: int) -> None:
    """Put a job at the beginning of a list."""
    insert(n, node, n[node + NEXT], job)


def insert(n: Whole, before: int, after: int, job: int) -> None:
    """Put a job between two neighbours."""
    n[before + NEXT] = job
    n[job + PREV] = before
    n[job + NEXT] = after
    n[after + PREV] = job


def unlink(n: Whole, job: int) -> None:
    """Take a job out of the list it stands in."""
    before, after = n[job + PREV], n[job + NEXT]
    n[before + NEXT] = after
    n[after + PREV] = before
