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


def closed(c: int, places: int, clients: int, think: float) -> list[float]:
    """Probabilities of 0..places inside the M/M/c/places//clients queue, the machine repairman's model.

    A client that is turned away thinks again (Kleinrock, Queueing Systems I, 1975, section 3.8 to 3.10;
    without a queue it is Engset's).
    """
    weights = [1.0]
    for n in range(1, min(places, clients) + 1):
        weights.append(weights[-1] * (clients - n + 1) / think / min(n, c))
    total = math.fsum(weights)
    return [weight / total for weight in weights]


def seen_by_senders(p: list[float], clients: int) -> list[float]:
    """What a client of a closed population finds when it sends: the state weighted with those who think."""
    weights = [share * (clients - n) for n, share in enumerate(p)]
    total = math.fsum(weights)
    return [weight / total for weight in weights]


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


def closed_retrial(c: int, clients: int, think: float, rate: float) -> tuple[float, float]:
    """Blocking of attempts and mean orbit when each of a closed population comes back until it is served.

    The finite-source retrial queue without waiting places, by its whole Markov chain over (served, in
    orbit); think time and time in orbit are exponential (Falin and Templeton, 1997, chapter 4).
    """
    import numpy as np

    places = [(i, j) for i in range(c + 1) for j in range(clients - i + 1)]
    index = {place: at for at, place in enumerate(places)}
    flow = np.zeros((len(places), len(places)))
    for (i, j), at in index.items():
        arrive = (clients - i - j) / think
        for to, speed in (
            ((i + 1, j) if i < c else (i, j + 1), arrive),
            ((i + 1, j - 1) if i < c else (i, j), j * rate),
            ((i - 1, j), float(i)),
        ):
            if speed and to != (i, j):
                flow[at, index[to]] += speed
    np.fill_diagonal(flow, -flow.sum(axis=1))
    system = flow.T.copy()
    system[0] = 1.0
    p = np.linalg.solve(system, np.eye(len(places))[0])
    sent = [p[at] * ((clients - i - j) / think + j * rate) for (i, j), at in index.items()]
    refused = math.fsum(float(share) for share, (i, _) in zip(sent, places, strict=True) if i == c)
    return refused / math.fsum(map(float, sent)), math.fsum(float(p[at]) * j for (_, j), at in index.items())
