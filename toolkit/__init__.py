"""Deploys self-hosted LLM stacks with Docker Compose."""

__version__ = "0.1.0"
