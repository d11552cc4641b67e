"""Whether images and models can be fetched from outside: asked once, by `init`."""

from __future__ import annotations

import docker
import requests
from docker.errors import APIError, DockerException

HUB = "https://huggingface.co"


def registry_refusal(host: str, reference: str, timeout_s: int) -> str:
    """Return why the engine at `host` cannot see `reference` in its registry, "" where it can.

    The engine itself is asked: it has its own network, proxy and mirrors, and it is the one that will pull.
    """
    try:
        client = docker.APIClient(base_url=host, version="auto", timeout=int(timeout_s))
        client.inspect_distribution(reference)  # type: ignore[no-untyped-call]
    except APIError as error:
        return str(error.explanation or error)
    except (DockerException, OSError) as error:
        return str(error)
    return ""


def hub_refusal(timeout_s: int) -> str:
    """Return why the Hugging Face Hub cannot be reached, "" where it can; proxies of the environment count."""
    try:
        requests.head(HUB, timeout=timeout_s).raise_for_status()
    except requests.Timeout:
        return f"no answer within {timeout_s} s"
    except requests.HTTPError as error:
        return f"it answers {error.response.status_code}"
    except requests.RequestException as error:
        # The whole text repeats the address three times and names classes.
        return f"{type(error).__name__} for {HUB}"
    return ""
