"""The whole tables of published results: AWS's jitter contest and Brooker's retry simulator."""

import statistics

from benchmarks.cluster.contention import contend
from deepkit.cluster import Cluster, simulate
from deepkit.records import Policy

AWS = {
    "none": Policy("fixed", retries=1, base_s=0.0),
    "exponential": Policy("exponential", retries=1, base_s=10.0, cap_s=2000.0),
    "equal": Policy("equal_jitter", retries=1, base_s=10.0, cap_s=2000.0),
    "full": Policy("full_jitter", retries=1, base_s=10.0, cap_s=2000.0),
    "decorrelated": Policy("decorrelated_jitter", retries=1, base_s=5.0, cap_s=2000.0),
}
PUBLISHED = {
    10: {"none": (51.0, 380.6), "exponential": (51.2, 3609.7), "equal": (42.4, 727.5), "full": (39.1, 473.3),
         "decorrelated": (37.8, 448.3)},
    20: {"none": (152.6, 602.6), "exponential": (149.5, 14285.0), "equal": (107.7, 1612.0), "full": (100.3, 1017.0),
         "decorrelated": (100.9, 820.0)},
    100: {"none": (2422.8, 2028.2), "exponential": (1857.7, 63361.0), "equal": (812.5, 6558.0),
          "full": (796.7, 4915.0), "decorrelated": (1001.2, 4556.0)},
}  # fmt: skip
TRIALS = 200


def jitter() -> None:
    """Print calls and time of the contest beside the published program's."""
    worst_calls = worst_time = 0.0
    for clients, table in PUBLISHED.items():
        for name, (calls, time) in table.items():
            runs = [contend(clients, AWS[name], seed=seed) for seed in range(TRIALS)]
            ours = statistics.fmean(run[0] for run in runs), statistics.fmean(run[1] for run in runs)
            worst_calls = max(worst_calls, abs(ours[0] / calls - 1))
            worst_time = max(worst_time, abs(ours[1] / time - 1))
            print(
                f"  {clients:>3} clients, {name:<12} calls {ours[0]:7.1f} ({calls}), time {ours[1]:8.1f} ({time})"
            )
    print(f"  worst: calls {worst_calls:.1%} (at most 2 %), time {worst_time:.1%} (at most 6 %)")


def buckets() -> None:
    """Print success and load of a bucket and a breaker over failure rates."""
    policies = {
        "3 retries": Policy("fixed", retries=3, base_s=0.0),
        "bucket 10 %": Policy("fixed", retries=1_000_000, base_s=0.0, budget_ratio=0.1),
        "breaker 10 %": Policy("fixed", retries=3, base_s=0.0, guard="breaker", guard_window_s=1e8),
    }
    for p in (0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75):
        cluster = Cluster(10_000, 0, 1000.0, 0.01, failure_share=p, clients=100, round_trip_s=0.0)
        shown = []
        for name, policy in policies.items():
            outcome = simulate(cluster, policy, requests=600_000)
            shown.append(f"{name} {outcome.success:.2%} / {outcome.attempts_per_request:.2%}")
        print(f"  p {p:<5}" + "; ".join(shown))


def main() -> None:
    """Print both tables."""
    jitter()
    buckets()


if __name__ == "__main__":
    main()
