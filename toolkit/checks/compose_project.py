"""Does Compose take the project?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Suite, check
from toolkit.diagnosis import EVIDENCE, TOLD, Rule, read
from toolkit.findings import Finding, Status

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot

RULES = (
    Rule(
        "Compose that is not installed",
        says=r"'compose' is not a docker command|unknown docker command: \"compose|unknown shorthand flag: "
        r"'d' in -d"
        r"|docker-compose: (?:command )?not found",
        cause="the engine's client has no Compose (version 2 is a plugin of it)",
        remedy="install docker-compose-plugin from the engine's own packages; `docker compose version` "
        "answers then",
        weight=4,
    ),
    Rule(
        "Compose that is too old",
        says=r"[Uu]nsupported Compose file version|Version in \"[^\"]+\" is (?:unsupported|invalid)"
        r"|Unsupported config option for|Additional propert(?:y|ies) .{0,60}(?:not allowed).*version",
        cause="this Compose is older than the file: version 1 (docker-compose) does not know what it says",
        remedy="update to Compose version 2 (`docker compose`, package docker-compose-plugin)",
        weight=4,
    ),
    Rule(
        "key that only a newer Compose knows",
        says=r"[Aa]dditional property (?P<key>develop|models|provider|post_start|pre_stop|gpus|use_api_socket"
        r"|start_interval|dockerfile_inline|include|attach|annotations|label_file|interface_name) is not allowed",
        cause="this Compose is too old for `{key}`, which later versions know",
        remedy="update docker-compose-plugin from the engine's own packages (`docker compose version`), or take the "
        "key out",
        weight=4,
        rejects=("a misspelt key: later versions know it",),
    ),
    Rule(
        "project without a file",
        says=r"no configuration file provided|Can't find a suitable configuration file"
        r"|(?:open|stat) \S*compose\S*\.ya?ml: no such file",
        cause="Compose finds no file: it was called in another directory, or before the project was rendered",
        remedy="`toolkit render`, then call it in the project's directory (or with -f and "
        "--project-directory)",
        weight=4,
    ),
    Rule(
        "file of variables that is not there",
        says=r"env file (?P<path>\S+) not found|Couldn't find env file: (?P<old>\S+)|failed to read \S*\.env",
        cause="the file of variables {path}{old} is not there",
        remedy="make it, or take `env_file` out (with `required: false` it may be missing)",
        weight=4,
    ),
    Rule(
        "services that wait for each other",
        says=r"[Dd]ependency cycle detected: (?P<cycle>.+)|[Cc]ircular dependency (?:between|detected)",
        cause="services wait for each other in a circle {cycle}",
        remedy="take one `depends_on` (or link, network_mode, volumes_from) of the circle out",
        weight=4,
    ),
    Rule(
        "volume that has to be there before",
        says=r"volume \"?(?P<name>[\w.-]+)\"? declared as external, but could not be found"
        r"|external volume \"(?P<other>[\w.-]+)\" not found",
        cause="the external volume {name}{other} is not there: Compose does not make those, or its name has the "
        "prefix of another project",
        remedy="`docker volume ls` shows names: `docker volume create NAME`, or `name:` as it is called",
        weight=4,
    ),
    Rule(
        "link to a container that ended",
        says=r"[Cc]annot link to a non running container: (?P<name>\S+)",
        cause="the container {name} that this one is linked to has ended: its own error decides",
        remedy="look at that service's own finding; depends_on with a health condition instead of `links`",
        weight=4,
    ),
    Rule(
        "container that is no longer there",
        says=r"(?:dependency failed to start: )?Error response from daemon: No such container: (?P<id>\w+)",
        cause="the container {id} went away while Compose waited for it: removed by hand, by another call, or as "
        "its health check failed with --rm",
        remedy="`toolkit down`, then `toolkit up`; one call at a time",
        weight=3,
    ),
    Rule(
        "service that is not there",
        says=r"no such service: (?P<name>\S+)|service \"?(?P<other>[\w.-]+)\"? has neither an image nor a "
        r"build context"
        r"|service \"?(?P<off>[\w.-]+)\"?.{0,40}(?:is not enabled|disabled)",
        cause="the service {name}{other}{off} is not defined here: misspelt, of another file, or switched off (its "
        "profile)",
        remedy="`docker compose config --services` lists them; give the file or profile that defines it",
        weight=3,
    ),
    Rule(
        "name of a container in use",
        says=r"container name \"/?(?P<name>[^\"]+)\" is already in use",
        cause="a container named {name} is there already, of another project or left over",
        remedy="`docker inspect {name}` shows whose it is; if of no use: `docker rm -f {name}`",
        weight=2,
    ),
    Rule(
        "container that cannot be removed",
        says=r"is marked for removal|removal of container \S+ is already in progress"
        r"|device or resource busy.*(?:rm|remove)|Dead\b.*remov|cannot (?:stop|kill"
        r"|remove) container.*(?:tried to kill|did not receive an exit)",
        cause="a container is stuck in its removal (Dead): the engine could not take it down",
        remedy="restart the engine (`systemctl restart docker`), then `docker rm -f` it",
        weight=3,
        rejects=("somebody uses the name: the container is already marked for removal",),
    ),
    Rule(
        "definition that Compose refuses",
        says=r"Additional propert(?:y|ies) .*not allowed|Compose file .* is invalid"
        r"|services\.\S+ (?:must be|contains)"
        r"|Unsupported (?:config option|Compose file version)|yaml: line \d+: (?!.*prometheus)"
        r"|mapping values are not allowed|undefined (?:network|volume|service)"
        r"|service \"\S+\" (?:refers to|depends on) undefined|invalid compose project"
        r"|validating \S+compose",
        cause="the Compose definition is not valid: a key, a type or a name that does not exist",
        remedy="correct the patch or fragment that adds it; `toolkit validate` names the line",
        weight=2,
        services=r"compose|docker|edge|redis|llm",
    ),
    Rule(
        "variable of Compose that is not set",
        says=r"The \"?(?P<name>\w+)\"? variable is not set"
        r"|required variable (?P<need>\w+) is missing a value|invalid interpolation format",
        cause="Compose found no value for {name}{need} and takes it for empty (an .env file in another "
        "directory, or a $ that should be $$)",
        remedy="set it in .env beside the file or in the shell; $$ for a dollar that is meant",
        weight=2,
        services=r"compose|docker",
    ),
    Rule(
        "containers left from before",
        says=r"Found orphan containers",
        cause="containers of services that are no longer defined are left in the project",
        remedy="`toolkit down` and up, or `docker compose up --remove-orphans`",
        weight=1,
        status=Status.WARN,
    ),
)


@check(
    "compose.project",
    "Compose takes the project",
    needs=TOLD,
    wants=EVIDENCE,
    suites={Suite.DIAGNOSE},
    explains=("container.network", "container.dependency"),
)
def compose_project(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Say what Compose lacks, or what stands in its way, before it starts anything.

    The program itself, its version, its files and variables, what has to be there before (external volumes, services
    that others wait for), and what was left behind under the same names.
    """
    return read(RULES, plan, seen)
