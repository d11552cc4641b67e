"""Secrets, keys, lock: the only room that knows `.toolkit/`."""
