"""What trials in this very case say: one that decided outranks every guess."""

from deepkit.cases import Action, Case
from deepkit.records import Trial

ACTION_OF = {
    "region_routing": Action.CHANGE_NETWORK,
    "dns_tcp_reset": Action.CHANGE_NETWORK,
    "hard_refresh": Action.CLEAR_SITE_DATA,
    "extensions": Action.DISABLE_EXTENSION,
    "backoff": Action.WAIT_AND_RETRY,
    "off_peak": Action.WAIT_AND_RETRY,
    "official_api": Action.SWITCH_PROVIDER,
    "aggregators": Action.SWITCH_PROVIDER,
    "context_flush": Action.NEW_CHAT,
    "priority_tier": Action.TOP_UP,
    "firewall_allowlist": Action.ASK_NETWORK_ADMIN,
    "connection_quality": Action.RAISE_TIMEOUT,
    "think_less": Action.THINK_LESS,
}
"""The step that each fix is."""


def helpful(case: Case) -> tuple[Trial, ...]:
    """Return the trials whose fix helped, the strongest first."""
    helped = [one for one in case.trials if one.verdict == "helped"]
    return tuple(sorted(helped, key=lambda one: -(one.e_value or 0)))


def unproven(case: Case) -> frozenset[Action]:
    """Return the steps that a trial tried without success: all of them while another helped, else the harmful ones."""
    helped = {ACTION_OF[one.fix] for one in helpful(case)}
    failed = ("worse", "no_difference", "inconclusive") if helped else ("worse", "no_difference")
    return frozenset(ACTION_OF[one.fix] for one in case.trials if one.verdict in failed) - helped
