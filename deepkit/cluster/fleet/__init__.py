"""An LLM serving fleet under load: prefill, decode in continuous batches, KV memory and preemption.

The second event engine beside `deepkit.cluster.kernel`, with the same clients; docs/fleet.md describes it.
"""
