"""What wrk is told in Lua: what to ask, when to stop, and to count what came of it."""

from __future__ import annotations

MARK = "@@ "
"""Begins the line that holds what was counted, as JSON."""
COUNTING = f"""
local threads, mark = {{}}, "{MARK}"
"""
COUNTING += """\
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
MODELS = """
wrk.path = "/v1/models"
wrk.headers["Authorization"] = "Bearer %(key)s"
"""
# Each thread stops when it has had its share: the number of draws decides the hit rate, not the time. wrk itself would
# sleep on until its time is over; the last thread wakes it, as Ctrl-C does (os.execute would have it ignore just that
# signal). Each thread is one user, and takes the time itself: wrk adds to what it saw what users who ask at a steady
# rate would have waited, and these ask when they have their answer.
DRAWN = """
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
