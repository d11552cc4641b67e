"""The one table of options that a pinned server no longer has, and of what stands in their place.

Every row is tried on the pinned images (tests/engine/test_removed_options.py): the servers refuse it, complain of it,
or do nothing with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from toolkit.values import Value

_FIRST_WORD = re.compile(r"[\w.-]+")


class Removed(Value):
    """An option of `program` (the name of its pin): since which version it is gone, and what to write instead."""

    program: str
    option: str
    since: str
    instead: str

    @property
    def text(self) -> str:
        """What people are told of it."""
        return f"{self.option} is gone since {_NAMES[self.program]} {self.since}: {self.instead}"


_NAMES = {
    "vllm": "vLLM",
    "mariadb": "MariaDB",
    "redis": "Redis",
    "haproxy": "HAProxy",
    "nginx": "nginx",
    "vector-db": "PostgreSQL",
    "prometheus": "Prometheus",
}
_DROP = "drop it"
# Program, option, version that went without it, what stands in its place.
REMOVED: tuple[Removed, ...] = tuple(
    Removed(program, option, since, instead)
    for program, rows in {
        "vllm": (
            (
                "--swap-space",
                "0.17",
                "use --kv-offloading-size, or drop it: preempted requests are computed again",
            ),
            (
                "--disable-log-requests",
                "0.12",
                "drop it: requests are logged only with --enable-log-requests",
            ),
            (
                "--num-scheduler-steps",
                "0.9",
                "drop it: the engine schedules ahead by itself (--async-scheduling)",
            ),
            ("--multi-step-stream-outputs", "0.9", _DROP),
            ("--task", "0.14", "use --runner (generate, pooling) and --convert"),
            ("--device", "0.11", "drop it: the image decides; vllm-openai-cpu runs without a card"),
            ("--use-v2-block-manager", "0.9", _DROP),
            ("--preemption-mode", "0.11", "drop it: preempted requests are computed again"),
            ("--worker-use-ray", "0.9", "use --distributed-executor-backend ray"),
            ("--guided-decoding-backend", "0.12", "use --structured-outputs-config"),
            ("--speculative-model", "0.9", "use --speculative-config with a JSON object"),
            ("--num-speculative-tokens", "0.9", "use --speculative-config with a JSON object"),
            ("--enable-reasoning", "0.10", "use --reasoning-parser alone"),
            ("--rope-scaling", "0.14", "use --hf-overrides with a JSON object"),
            ("--rope-theta", "0.14", "use --hf-overrides with a JSON object"),
            ("--enable-prompt-adapter", "0.10", "use LoRA adapters: --enable-lora"),
        ),
        "mariadb": (
            ("innodb_buffer_pool_instances", "10.5", "drop it: there is one pool"),
            (
                "innodb_log_files_in_group",
                "10.6",
                "drop it: there is one log file; innodb_log_file_size is its size",
            ),
            ("innodb_page_cleaners", "10.6", _DROP),
            ("innodb_buffer_pool_chunk_size", "11.8", "drop it: the pool is resized without chunks"),
            ("innodb_flush_method", "11.0", "use innodb_data_file_buffering, innodb_log_file_buffering"),
            ("innodb_change_buffering", "11.0", _DROP),
            ("innodb_file_format", "10.6", _DROP),
            ("innodb_large_prefix", "10.6", _DROP),
            ("innodb_thread_concurrency", "10.6", _DROP),
        ),
        "redis": (
            ("list-max-ziplist-entries", "3.2", "use list-max-listpack-size"),
            ("list-max-ziplist-value", "3.2", "use list-max-listpack-size"),
            ("io-threads-do-reads", "8.0", "drop it: io-threads read, too"),
            ("vm-enabled", "2.6", _DROP),
            ("maxmemory-eviction", "2.0", "use maxmemory-policy"),
        ),
        "haproxy": (
            ("nbproc", "2.5", "use nbthread"),
            ("option forceclose", "2.0", "use option httpclose"),
            ("reqadd", "2.1", "use http-request add-header"),
            ("reqrep", "2.1", "use http-request replace-header"),
            ("rspadd", "2.1", "use http-response add-header"),
            ("block", "2.1", "use http-request deny"),
            ("clitimeout", "2.1", "use timeout client"),
            ("contimeout", "2.1", "use timeout connect"),
            ("srvtimeout", "2.1", "use timeout server"),
            ("redispatch", "2.1", "use option redispatch"),
            ("monitor-net", "2.5", "use http-request return with an acl on src"),
        ),
        "nginx": (
            ("ssl", "1.25", "use the parameter ssl of listen"),
            ("limit_zone", "1.7", "use limit_conn_zone"),
            ("http2_push", "1.25", _DROP),
            ("spdy_headers_comp", "1.9", "use http2 on"),
        ),
        "vector-db": (
            ("checkpoint_segments", "9.5", "use max_wal_size"),
            ("wal_keep_segments", "13", "use wal_keep_size"),
            ("old_snapshot_threshold", "17", _DROP),
            ("vacuum_cleanup_index_scale_factor", "14", _DROP),
            ("promote_trigger_file", "16", "use pg_promote()"),
            ("force_parallel_mode", "16", "use debug_parallel_query"),
            ("stats_temp_directory", "15", _DROP),
            ("db_user_namespace", "17", _DROP),
            ("unix_socket_directory", "9.3", "use unix_socket_directories"),
        ),
        "prometheus": (
            ("target_groups", "1.0", "use static_configs"),
            ("--storage.local.path", "2.0", "use --storage.tsdb.path"),
            ("--query.staleness-delta", "2.0", "use --query.lookback-delta"),
        ),
    }.items()
    for option, since, instead in rows
)


def removed_in_argv(program: str, argv: Iterable[str]) -> Iterator[Removed]:
    """Yield each removed flag of `program` among the words of its command line."""
    words = {word.partition("=")[0] for word in argv}
    yield from (one for one in REMOVED if one.program == program and one.option in words)


def removed_in_text(program: str, text: str) -> Iterator[tuple[int, Removed]]:
    """Yield each removed option of a configuration with the number of its line."""
    known = {_plain(one.option): one for one in REMOVED if one.program == program}
    for number, line in enumerate(text.splitlines(), 1):
        first = _FIRST_WORD.match(line.strip().removeprefix("- "))
        words = (first[0], " ".join(line.split()[:2])) if first else ()
        found = next((known[_plain(word)] for word in words if _plain(word) in known), None)
        if found is not None:
            yield number, found


def removed_setting(program: str, name: str) -> Removed | None:
    """Return what is known of a setting that has the name of a removed flag, as `swap_space` of --swap-space."""
    flag = f"--{name.replace('_', '-')}"
    return next((one for one in REMOVED if one.program == program and one.option in {flag, name}), None)


def _plain(option: str) -> str:
    """Servers take - and _ for each other."""
    return option.replace("-", "_")
