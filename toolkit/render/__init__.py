"""Plan + fragments + templates → Bundle; pure and deterministic."""
