"""The sequences, nothing else."""
