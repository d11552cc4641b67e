"""Settings → Plan: everything decided, with its reason; one module per question; pure."""
