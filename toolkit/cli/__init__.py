"""One module per group of verbs; `wiring` is the only composition root."""
