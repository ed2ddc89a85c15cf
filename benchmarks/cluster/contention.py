"""The contest of the AWS article: clients that all want to write one row, and get in each other's way.

https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ , model of
https://github.com/aws-samples/aws-arch-backoff-simulator . There is no queue and a rejection is
free, which is why never waiting looks good there.
"""

import heapq
import random

from deepkit.errors import UsageError
from deepkit.records import Policy
from deepkit.retries.check import checked
from deepkit.retries.delays import delay

READ, READ_BACK, WRITE, WON, LOST = range(5)


def contend(
    clients: int, policy: Policy, *, seed: int = 0, delay_mean: float = 10.0, delay_sd: float = 2.0
) -> tuple[int, float]:
    """Let clients with optimistic concurrency control each write once.

    A client reads the row's version and writes with it; the write succeeds when the version is
    still the same, and changes it. After a failure it waits as the policy says and begins again.

    Args:
        clients: How many begin at time 0.
        policy: What they do after a failed write; its number of retries is not looked at.
        seed: Seed of all draws.
        delay_mean: Mean of each one-way delay.
        delay_sd: Its standard deviation; the absolute value of a normal draw is taken.

    Returns:
        Writes attempted, and the time at which the last client was done.

    Raises:
        UsageError: When there is no client or more than 10,000, or the policy never retries.
    """
    if not 1 <= clients <= 10_000:
        raise UsageError(f"clients is {clients}; give 1 to 10000")
    if checked(policy).kind == "none":
        raise UsageError(
            "A policy that never retries would leave most clients unserved; use kind 'fixed', base 0"
        )
    rng = random.Random(seed)

    def one_way() -> float:
        return abs(rng.gauss(delay_mean, delay_sd))

    events = [(one_way(), client, READ) for client in range(clients)]
    heapq.heapify(events)
    seen, tries, previous = [0] * clients, [0] * clients, [0.0] * clients
    version = calls = 0
    now = 0.0
    while events:
        now, client, kind = heapq.heappop(events)
        if kind == READ:
            seen[client] = version
            heapq.heappush(events, (now + one_way(), client, READ_BACK))
        elif kind == READ_BACK:
            heapq.heappush(events, (now + one_way(), client, WRITE))
        elif kind == WRITE:
            calls += 1
            won = seen[client] == version
            version += won
            heapq.heappush(events, (now + one_way(), client, WON if won else LOST))
        elif kind == LOST:
            tries[client] += 1
            previous[client] = delay(policy, tries[client], previous[client], rng.random())
            heapq.heappush(events, (now + one_way() + previous[client], client, READ))
    return calls, now
