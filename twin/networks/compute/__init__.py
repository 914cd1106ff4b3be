"""Compute networks."""
