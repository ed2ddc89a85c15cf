"""The advice in 60 worlds that it does not assume, made by the second simulator of the tests."""

from tests.cluster.advised_worlds import KINDS, judged, summary

ROUNDS = 3


def main() -> None:
    """Print each world and the three measures."""
    results = []
    for place, kind in enumerate(KINDS * ROUNDS):
        one = judged(kind, 7000 + place)
        results.append(one)
        marks = (
            f"{'' if one.good else ' MISSED'}{' HARMFUL' if one.harmful else ''}{' sure' if one.sure else ''}"
        )
        print(
            f"  {one.kind:<9} {one.failed:>6} failed: {one.name:<19} best {one.best:<19} "
            f"{one.regret:5.2f} harm {one.harm:+.2f}{marks}",
            flush=True,
        )
    print(f"  {summary(results)}")


if __name__ == "__main__":
    main()
