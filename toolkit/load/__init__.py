"""Streamed load on an OpenAI-compatible endpoint, and what it measures: the only room that knows httpx."""
