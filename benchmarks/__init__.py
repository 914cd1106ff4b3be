"""Measurements of speed and memory, with a command each: see docs/benchmarks.md."""
