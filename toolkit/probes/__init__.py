"""Looks: what is there, as facts."""
