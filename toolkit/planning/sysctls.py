"""Settings of a host's kernel that services need: what a deploy refuses without, and what is advice."""

from __future__ import annotations

from toolkit.values import Value


class Sysctl(Value):
    """A kernel setting of the host: `least`, or exactly that value; without a `required` one nothing starts."""

    name: str
    least: int
    exact: bool
    required: bool
    why: str

    def met(self, value: str) -> bool:
        """Return whether `value`, as the kernel tells it, will do; a text that is no number will not."""
        text = value.strip()
        if not text.isdigit():
            return False
        return int(text) == self.least if self.exact else int(text) >= self.least


MAX_MAP_COUNT = Sysctl(
    name="vm.max_map_count",
    least=262144,
    exact=False,
    required=True,
    why="Elasticsearch maps its indexes into memory, and refuses to start with fewer maps",
)
OVERCOMMIT = Sysctl(
    name="vm.overcommit_memory",
    least=1,
    exact=True,
    required=False,
    why="Redis forks to save, and the kernel may refuse a copy that it would hardly ever need",
)
