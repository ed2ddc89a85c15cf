"""Exact results of queueing theory, written from their formulas, service rate 1."""

import math


def erlang_b(c: int, a: float) -> float:
    """Blocking of M/G/c/c with offered load a, by its recursion."""
    b = 1.0
    for k in range(1, c + 1):
        b = a * b / (k + a * b)
    return b


def erlang_c(c: int, a: float) -> float:
    """Probability of waiting in M/M/c."""
    b, rho = erlang_b(c, a), a / c
    return b / (1 - rho * (1 - b))


def states(c: int, places: int, a: float, patience: float = 0.0) -> list[float]:
    """Probabilities of 0..places in an M/M/c/places queue whose waiting clients leave at that rate."""
    weights = [1.0]
    for n in range(1, places + 1):
        weights.append(weights[-1] * a / (min(n, c) + max(0, n - c) * patience))
    total = math.fsum(weights)
    return [weight / total for weight in weights]


def bounded(c: int, places: int, a: float) -> tuple[float, float, float, float]:
    """Blocking, mean queue, mean wait and P(wait) of the accepted of M/M/c/places."""
    p = states(c, places, a)
    queue = sum(max(0, n - c) * share for n, share in enumerate(p))
    accepted = 1 - p[-1]
    return p[-1], queue, queue / (a * accepted), sum(p[c:-1]) / accepted


def erlang_a(c: int, a: float, patience: float) -> tuple[float, float]:
    """P(abandon) and P(wait) of M/M/c+M with that patience rate."""
    p = states(c, c + 4000, a, patience)
    queue = sum(max(0, n - c) * share for n, share in enumerate(p))
    return patience * queue / a, sum(p[c:])


def pollaczek(rho: float, cv2: float) -> float:
    """Mean wait of M/G/1 with mean service 1."""
    return rho * (1 + cv2) / (2 * (1 - rho))


def retrial(c: int, a: float, rate: float, orbit: int = 400) -> tuple[float, float]:
    """Blocking of attempts and mean orbit of the M/M/c/c retrial queue, by its truncated Markov chain.

    Clients that find all servers taken come back after an exponential time of that rate, for ever
    (Falin and Templeton, Retrial Queues, 1997, chapter 2).
    """
    import numpy as np
    from scipy.sparse import lil_matrix
    from scipy.sparse.linalg import spsolve

    size = (c + 1) * (orbit + 1)
    flow = lil_matrix((size, size))

    def move(i: int, j: int, to_i: int, to_j: int, speed: float) -> None:
        flow[i * (orbit + 1) + j, to_i * (orbit + 1) + to_j] += speed

    for i in range(c + 1):
        for j in range(orbit + 1):
            if i < c:
                move(i, j, i + 1, j, a)
                if j:
                    move(i, j, i + 1, j - 1, j * rate)
            elif j < orbit:
                move(i, j, i, j + 1, a)
            if i:
                move(i, j, i - 1, j, i)
    flow.setdiag(-np.asarray(flow.sum(axis=1)).ravel())
    system = flow.T.tolil()
    system[0, :] = 1.0
    right = np.zeros(size)
    right[0] = 1.0
    p = spsolve(system.tocsc(), right).reshape(c + 1, orbit + 1)
    present = np.arange(orbit + 1)
    tries = a + float((p * present).sum()) * rate
    refused = a * float(p[c].sum()) + float((p[c] * present).sum()) * rate
    return refused / tries, float((p * present).sum())
