"""An application for tests: its program and its Dockerfile."""
