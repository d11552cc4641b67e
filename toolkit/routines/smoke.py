"""Everything that a user can do with the stack, tried once: the trials of smoke-test."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from secrets import token_hex
from typing import TYPE_CHECKING

from toolkit.errors import EngineError, Problem
from toolkit.facts import TrialFact
from toolkit.planning import trials
from toolkit.probes.http import Completion
from toolkit.routines.trying import Trial, try_all

if TYPE_CHECKING:
    from toolkit.clock import Deadline
    from toolkit.engine.edge import EdgeAdmin
    from toolkit.engine.store_trials import StoreTrials
    from toolkit.planning.plan import ModelEndpoint, Plan
    from toolkit.routines.smoke_api import ApiTrials

BUDGET_S = 13.0
_ASIDE_S = 2.0


@dataclass(frozen=True, slots=True)
class Smoke:
    """The trials of one host; `api` is None where its edge cannot be reached from here.

    `scrape` asks Prometheus for `up` of all its targets, and returns the text of its answer.
    """

    plan: Plan
    api: ApiTrials | None
    edge: EdgeAdmin
    stores: StoreTrials
    scrape: Callable[[Deadline], str]

    def run(self, deadline: Deadline) -> tuple[TrialFact, ...]:
        """Return what came of all trials, having tried until `deadline` at most."""
        first = try_all(self._groups(), self.plan.targets, deadline)
        # Alone: who asks for a model while its server is aside is answered by the other.
        return (*first, *try_all([self._fallbacks()], self.plan.targets, deadline))

    def _groups(self) -> list[list[Trial]]:
        names = [service.name for service in self.plan.started]
        stores = [(n, self.stores.of(n)) for n in names]
        found = [[Trial(trials.STORE, name, act)] for name, act in stores if act is not None]
        if "prometheus" in names:
            found.append([Trial(trials.SCRAPED, "prometheus", self._scraped)])
        return [*self._asked(names), *found]

    def _asked(self, names: Sequence[str]) -> list[list[Trial]]:
        api, models = self.api, self.plan.models
        text = [model for model in models if not model.pooling]
        if api is None or not text:
            return []
        groups = [[api.models(models)], *(api.of_model(model) for model in models)]
        groups.append(api.refusals(text[0], self._longest(text[0])))
        return [*groups, api.cache(text[0])] if "response-cache" in names else groups

    def _longest(self, model: ModelEndpoint) -> int | None:
        service = self.plan.service(model.services[0])
        words = service.command if service is not None else ()
        flag = "--max-model-len"
        value = words[words.index(flag) + 1] if flag in words else ""
        return int(value) if value.isdigit() else None

    def _fallbacks(self) -> list[Trial]:
        if self.api is None or self.plan.service("edge") is None:
            return []
        known = {model.served_name: model for model in self.plan.models}
        return [
            Trial(trials.FALLBACK, name, partial(self._fallback, model, known[model.fallback]))
            for name, model in known.items()
            if model.fallback in known
        ]

    def _fallback(
        self, model: ModelEndpoint, other: ModelEndpoint, deadline: Deadline
    ) -> tuple[TrialFact, ...]:
        """Take the servers of a model aside for a moment, as if they had died, and ask for it."""
        pool, ask = model.services[0], partial(self._stand_in, model, other, deadline)
        states = self.edge.server_states(deadline)
        # One that is out of service already is somebody's wish, or dead: it must not be brought back by this.
        servers = [f"{pool}/{one.server}" for one in states if one.backend == pool and one.up]
        return (self.edge.aside(servers, ask, deadline) if servers else ask(),)

    def _stand_in(self, model: ModelEndpoint, other: ModelEndpoint, deadline: Deadline) -> TrialFact:
        if self.api is None:
            raise ValueError("without an edge nobody stands in")
        within, seen = deadline.within(_ASIDE_S), "nobody answered"
        while not within.passed:
            answer = self.api.admitted.chat_completion(
                model.served_name, f"Who are you? {token_hex(4)}", 4, within
            )
            if not isinstance(answer, Completion):
                return TrialFact(trials.FALLBACK, model.served_name, answer.elapsed_s, refusal=answer.reason)
            if answer.served_by in other.services:
                by = f"by {answer.served_by}"
                return TrialFact(trials.FALLBACK, model.served_name, answer.elapsed_s, 200, by)
            seen = f"answered by {answer.served_by}"
        return TrialFact(trials.FALLBACK, model.served_name, _ASIDE_S, refusal=seen)

    def _scraped(self, deadline: Deadline) -> tuple[TrialFact, ...]:
        began = deadline.remaining_s()
        said = self.scrape(deadline)
        elapsed_s = began - deadline.remaining_s()
        try:
            results = json.loads(said)["data"]["result"]
            down = sorted(one["metric"].get("instance", "?") for one in results if one["value"][1] != "1")
        except (ValueError, KeyError, TypeError, IndexError) as error:
            step = "see what it says: toolkit logs prometheus"
            raise EngineError(Problem("prometheus", "gave no answer to a query", said[:200], step)) from error
        why = f"not scraped: {', '.join(down)}" if down else "" if results else "it has no target"
        return (TrialFact(trials.SCRAPED, "prometheus", elapsed_s, 0, f"{len(results)} targets", why),)
