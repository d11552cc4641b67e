"""Measures the toolkit against named peers: ratios of one run on one machine, never a timed test."""
