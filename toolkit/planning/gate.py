"""How a model server waits for another one: its container is there, its server starts when that one has answered.

It is the container that waits, not whoever starts it: the order also holds when the machine comes back by itself.
"""

from __future__ import annotations

from collections.abc import Mapping

from toolkit.planning.start import Before

VARIABLE = "START_AFTER"
PORT = 8000
"""Where every model server listens inside its container."""
_GONE_S = 20
# $START_AFTER: `service=model:seconds …`. It goes on when that model has answered, when its time is over, or when
# its container has been away (its name leads nowhere: curl's exit code 6) for longer than a restart takes.
_SCRIPT = f"""
trap 'exit 143' TERM INT
for one in ${VARIABLE}; do
  service=${{one%%=*}} rest=${{one#*=}}
  model=${{rest%:*}} began=$(date +%s) seen=$(date +%s)
  echo "waiting for $service, which loads first, at most ${{rest##*:}} s"
  while :; do
    metrics=$(curl -sf -m 3 "http://$service:{PORT}/metrics"); code=$?
    echo "$metrics" | grep -q "^vllm:request_success_total{{.*model_name=\\"$model\\".*}} [1-9]" && break
    now=$(date +%s)
    [ $code = 6 ] || seen=$now
    if [ $((now - began)) -ge ${{rest##*:}} ]; then echo "$service has not answered: going on"; break; fi
    if [ $((now - seen)) -ge {_GONE_S} ]; then echo "$service is not there: going on"; break; fi
    sleep 1 & wait $!
  done
done
exec vllm serve "$@"
"""


def gate(before: Mapping[Before, float]) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return entrypoint and variable of a server that waits for those `before` it, for so many seconds each."""
    said = " ".join(f"{one.service}={one.served_name}:{seconds:.0f}" for one, seconds in before.items())
    return ("sh", "-c", _SCRIPT.strip(), "vllm"), {VARIABLE: said}
