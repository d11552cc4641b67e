"""Report → text for people or machines; nothing else."""
