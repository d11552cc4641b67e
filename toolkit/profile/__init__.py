"""Reads a profile: YAML layers, merged and validated into Settings, with file and line of every value."""
