"""What became of a policy in one world."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tried:
    """A world in which the policies were compared.

    Args:
        assumption: What is taken for granted in it.
        winner: Name of the policy that wins there.
        as_good: The recommended policy is fair there and within a twentieth of the winner.
    """

    assumption: str
    winner: str
    as_good: bool
