"""What people wrote, validated and frozen; one module per section of a profile."""
