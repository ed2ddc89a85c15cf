"""Measurements whose figures stand in the docs; `make bench` runs them all."""
