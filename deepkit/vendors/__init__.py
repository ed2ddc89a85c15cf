"""Vendors and hosts: who speaks in an error, and what it means there.

Everything that is known of them lies in `data/providers.toml`, each entry with its source
and date; docs/vendors.md says how to add one. The standard library alone is needed.
"""

from deepkit.vendors.meanings import meaning
from deepkit.vendors.records import CATEGORIES, KINDS, RETRIES, VERIFIED, ErrorMeaning, Provider
from deepkit.vendors.speakers import Mention, mentions, named_in, on_port, speaker
from deepkit.vendors.tables import OldClaim, older_than, provider, providers, vendors

__all__ = [
    "CATEGORIES",
    "KINDS",
    "RETRIES",
    "VERIFIED",
    "ErrorMeaning",
    "Mention",
    "OldClaim",
    "Provider",
    "meaning",
    "mentions",
    "named_in",
    "older_than",
    "on_port",
    "provider",
    "providers",
    "speaker",
    "vendors",
]
