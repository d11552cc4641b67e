"""Drives the light path with wrk: a throw-away container in the edge's own network, so that nothing is in between."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.engine import argv
from toolkit.errors import EngineError, Problem

if TYPE_CHECKING:
    from toolkit.clock import Deadline
    from toolkit.engine.runner import Runner

PORT = 8080
"""Where the edge listens in its container."""
_MARK = "@@ "
_GRACE_S = 20.0
# What is asked comes by standard input: arguments can be read by every user of the machine, and it has the key.
_SHELL = "cat > /tmp/ask.lua && exec wrk -s /tmp/ask.lua {words} http://127.0.0.1:{port}"
_COUNTING = """
local threads, mark = {}, "@@ "
function setup(thread) table.insert(threads, thread) end
-- The value in microseconds below which a share of what was timed lies.
local function point(times, seen, share)
  local values, below = {}, 0
  for value in pairs(times) do table.insert(values, value) end
  table.sort(values)
  for _, value in ipairs(values) do
    below = below + times[value]
    if below >= share * seen then return value end
  end
end
function done(summary, latency, requests)
  local hits, seen, times = 0, 0, {}
  for _, thread in ipairs(threads) do
    hits = hits + (thread:get("hits") or 0)
    seen = seen + (thread:get("seen") or 0)
    for value, count in pairs(thread:get("times") or {}) do times[value] = (times[value] or 0) + count end
  end
  local function percentile(share)
    return (seen > 0 and point(times, seen, share / 100) or latency:percentile(share)) / 1e6
  end
  local e = summary.errors
  io.write(string.format(
    '\\n%s{"requests": %d, "elapsed_s": %f, "unanswered": %d, "refused": %d, "hits": %d, "seen": %d, ' ..
    '"p50_s": %f, "p95_s": %f, "p99_s": %f}\\n', mark, summary.requests, summary.duration / 1e6,
    e.connect + e.read + e.write + e.timeout, e.status, hits, seen,
    percentile(50), percentile(95), percentile(99)))
end
"""
_MODELS = """
wrk.path = "/v1/models"
wrk.headers["Authorization"] = "Bearer %(key)s"
"""
# Each thread stops when it has had its share: the number of draws decides the hit rate, not the time. wrk itself would
# sleep on until its time is over; the last thread wakes it, as Ctrl-C does (os.execute would have it ignore just that
# signal). Each thread is one user, and takes the time itself: wrk adds to what it saw what users who ask at a steady
# rate would have waited, and these ask when they have their answer.
_DRAWN = """
local ffi = require("ffi")
ffi.cdef("typedef struct { long s; long ns; } moment; int clock_gettime(int clock, moment *at);")
local keys, exponent, most, sums = %(keys)d, %(exponent)f, %(most)d, {}
local at, began = ffi.new("moment"), 0
hits, seen, times = 0, 0, {}
local function now()
  ffi.C.clock_gettime(1, at)
  return tonumber(at.s) * 1e6 + tonumber(at.ns) / 1e3
end
wrk.method = "POST"
wrk.headers["Authorization"] = "Bearer %(key)s"
wrk.headers["Content-Type"] = "application/json"
function init(args)
  local total = 0
  for rank = 1, keys do total = total + rank ^ -exponent; sums[rank] = total end
  math.randomseed(os.time() + tonumber(tostring({}):match("0x(%%x+)"), 16) %% 100000)
end
local function drawn()
  local at, low, high = math.random() * sums[keys], 1, keys
  while low < high do
    local middle = math.floor((low + high) / 2)
    if sums[middle] < at then low = middle + 1 else high = middle end
  end
  return low
end
function request()
  began = now()
  return wrk.format(nil, "/v1/chat/completions", nil,
    '{"model": "%(model)s", "messages": [{"role": "user", "content": "%(mark)s ' .. drawn() ..
    '"}], "max_tokens": 1, "temperature": 0}')
end
function response(status, headers, body)
  local took = math.ceil((now() - began) / 100) * 100
  times[took] = (times[took] or 0) + 1
  seen = seen + 1
  if (headers["x-cache"] or headers["X-Cache"]) == "HIT" then hits = hits + 1 end
  if seen == most then
    wrk.thread:stop()
    io.popen("echo over >> /tmp/over; [ $(wc -l < /tmp/over) -lt %(threads)d ] || kill -INT 1"):close()
  end
end
"""


@dataclass(frozen=True, slots=True)
class WrkResult:
    """What wrk saw: answers, those of a status of 400 or more, requests without an answer; seconds and percentiles."""

    requests: int
    elapsed_s: float
    unanswered: int
    refused: int
    hits: int
    seen: int
    p50_s: float
    p95_s: float
    p99_s: float

    @property
    def per_s(self) -> float:
        """Answers in a second."""
        return self.requests / self.elapsed_s if self.elapsed_s else 0.0

    @property
    def failed(self) -> int:
        """Requests that were refused or never answered."""
        return self.refused + self.unanswered


@dataclass(frozen=True, slots=True)
class Wrk:
    """wrk beside one edge container; raises EngineError where it gives no result."""

    runner: Runner
    image: str
    edge: str

    def models(self, key: str, users: int, seconds: int, deadline: Deadline) -> WrkResult:
        """Have `users` ask for the list of models, each again as soon as it was answered.

        Percentiles are wrk's own, with what users at a steady rate would have waited: none looks better for a stall.
        """
        return self._run(_MODELS % {"key": key}, users, 2 if users > 1 else 1, seconds, deadline)

    def drawn(  # noqa: PLR0913 - what a draw is made of
        self,
        key: str,
        model: str,
        mark: str,
        draws: int,
        users: int,
        most_s: int,
        deadline: Deadline,
        keys: int = 10_000,
        exponent: float = 1.1,
    ) -> WrkResult:
        """Ask `draws` questions out of `keys`, drawn by Zipf's law; with a new `mark` nobody asked them before."""
        share = {"most": draws // users, "threads": users, "keys": keys, "exponent": exponent}
        script = _DRAWN % {**share, "key": key, "model": model, "mark": mark}
        return self._run(script, users, users, most_s, deadline)

    def _run(self, script: str, users: int, threads: int, seconds: int, deadline: Deadline) -> WrkResult:
        words = f"-t {threads} -c {users} -d {seconds}s --timeout 10s"
        once = argv.ThrowAway(
            self.image,
            ("-c", _SHELL.format(words=words, port=PORT)),
            entrypoint="sh",
            network=f"container:{self.edge}",
            flags=("--read-only", "--cap-drop", "ALL", "--tmpfs", "/tmp:mode=1777,size=1m"),  # noqa: S108
        )
        within = deadline.within(seconds + _GRACE_S)
        done = self.runner.run(argv.run(once), stdin=_COUNTING + script, deadline=within)
        line = next((one for one in done.stdout.splitlines() if one.startswith(_MARK)), "")
        if not line:
            said = (done.stderr or done.stdout).strip()[-400:] or "it said nothing"
            raise EngineError(Problem("wrk", "it gave no result", said, "toolkit images build wrk"))
        return WrkResult(**json.loads(line.removeprefix(_MARK)))
