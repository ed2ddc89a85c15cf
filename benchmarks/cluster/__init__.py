"""Measurements of the cluster engine; `python -m benchmarks.cluster.engines` compares its speed."""
