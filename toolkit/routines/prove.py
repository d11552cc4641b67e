"""The proof that the stack serves: one real completion of each model, fetched through the edge."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from secrets import token_hex
from typing import TYPE_CHECKING

from toolkit.errors import Problem, ServiceFailedError
from toolkit.probes.http import Completion, Endpoint, NoAnswer

if TYPE_CHECKING:
    from toolkit.clock import Deadline
    from toolkit.planning.plan import HostPlan, ModelEndpoint, ServicePlan

PROMPT = "Say that you are ready."
MAX_TOKENS = 16
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared with, not bound to
_NOT_YET = frozenset({502, 503})


def edge_url(edge: ServicePlan, host: HostPlan) -> str:
    """Return the base URL at which this machine reaches the edge of `host`; "" where it cannot.

    An engine that the profile names may be another machine's: then only its private address leads there for sure.
    Without one a socket may still be of this machine, while ssh and tcp lead elsewhere.
    """
    port, private = edge.ports[0], {port.host_ip for port in edge.ports} & {*_ANYWHERE, host.address}
    if host.engine and host.address and private:
        address = host.address
    elif host.engine.startswith(("ssh:", "tcp:")) and port.host_ip in {*_ANYWHERE, "127.0.0.1", "::1"}:
        return ""
    else:
        address = _ANYWHERE.get(port.host_ip, port.host_ip)
    scheme = "http" if edge.tls is None else "https"
    return f"{scheme}://{f'[{address}]' if ':' in address else address}:{port.host_port}"


def prove(
    endpoint: Endpoint, models: Iterable[ModelEndpoint], wait_admitted: Callable[[], None], deadline: Deadline
) -> dict[str, Completion]:
    """Return one answer of each model, text or a vector, by a server of its own.

    The edge admits a server only after its own check has seen it answer, about a second after the container
    is healthy. An answer of the stand-in, or none, before that is no proof: `wait_admitted` returns when the
    edge's view may have changed, then it is asked again. Raises ServiceFailedError with the edge's own words.
    """
    return {model.served_name: _complete(endpoint, model, wait_admitted, deadline) for model in models}


def _complete(
    endpoint: Endpoint, model: ModelEndpoint, wait_admitted: Callable[[], None], deadline: Deadline
) -> Completion:
    while True:
        answer = _answer(endpoint, model, deadline)
        if isinstance(answer, Completion):
            if answer.served_by in model.services:
                return answer
        elif answer.status not in _NOT_YET:
            raise ServiceFailedError(_unproven(model, answer))
        wait_admitted()
        if deadline.passed:
            raise ServiceFailedError(_unproven(model, answer))


def _answer(endpoint: Endpoint, model: ModelEndpoint, deadline: Deadline) -> NoAnswer | Completion:
    if model.pooling:
        # A text that nobody asked before: an answer that the cache has kept proves nothing.
        return endpoint.embedding(model.served_name, f"{PROMPT} {token_hex(8)}", deadline)
    return endpoint.chat_completion(model.served_name, PROMPT, MAX_TOKENS, deadline)


def _unproven(model: ModelEndpoint, answer: NoAnswer | Completion) -> Problem:
    if isinstance(answer, Completion):
        got = f"answered by the stand-in {answer.served_by}"
    else:
        got = f"{'no HTTP answer' if answer.status is None else f'HTTP {answer.status}'}: {answer.reason}"
    return Problem(
        where="edge",
        what=f"no answer of `{model.served_name}` by {model.services[0]} through the edge",
        got=got,
        next_step=f"see what the edge and the server say: toolkit logs edge {model.services[0]}",
    )
