"""elasticsearch.settings: settings and files that do not go together"""

from __future__ import annotations

import pytest

from tests.support.readings import agrees
from toolkit.checks.elasticsearch_settings import elasticsearch_settings


@pytest.mark.parametrize(
    ("line", "cause", "remedy"),
    [
        (
            "setting [cluster.initial_master_nodes] is not allowed when [discovery.type] is set to "
            "[single-node]",
            "cluster.initial_master_nodes and discovery.type",
            "take it out",
        ),
        (
            "Transport SSL must be enabled if security is enabled.",
            "security is on, and TLS between nodes is not (or is",
            "xpack.security.transport.ssl.enabled",
        ),
        (
            "java.nio.file.FileSystemException: /usr/share/elasticsearch/config/elasticsearch.yml: Device or "
            "resource busy",
            "it wants to write into its config directory",
            "mount the whole config directory",
        ),
        (
            "Error: Invalid initial heap size: -Xms4",
            "Java does not start with these options: a heap that",
            'ES_JAVA_OPTS: "-Xms1g -Xmx1g", at most',
        ),
        (
            "BindTransportException: Failed to bind to 10.0.0.4:[9300-9399]",
            "the address 10.0.0.4:[9300-9399] of network.host is",
            "network.host: 0.0.0.0 (or _site_) in a",
        ),
        (
            "io.netty.handler.ssl.NotSslRecordException: not an SSL/TLS record: 47",
            "a client (or the health check) speaks plain HTTP",
            "https:// and the node's CA at the",
        ),
        (
            "at least one primary shard for the index [.security-7] is unavailable",
            "shards of an index .security-7 are not there (yet)",
            "wait for the start; `GET",
        ),
        (
            'AccessControlException: access denied ("java.io.FilePermission" "/snapshot" "read")',
            "a path is used that the settings do not allow",
            "name it under path.repo and mount it",
        ),
        (
            "Failed to create native process factories for Machine Learning",
            "the machine-learning part does not run on this",
            "xpack.ml.enabled: false",
        ),
    ],
)
def test_a_line_is_read(line: str, cause: str, remedy: str) -> None:
    agrees(elasticsearch_settings, "elasticsearch", line, cause, remedy)
