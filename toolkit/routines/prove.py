"""The proof that the stack serves: one real completion of each model, fetched through the edge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.clock import Deadline
from toolkit.errors import Problem, ServiceFailedError

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan, PublishedPort

PROMPT = "Say that you are ready."
MAX_TOKENS = 16
