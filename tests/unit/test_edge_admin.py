"""What is said to a running edge, and what is made of its answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from toolkit.clock import Deadline
from toolkit.engine.edge import EdgeAdmin
from toolkit.engine.edge_state import ServerState, parse_state
from toolkit.engine.runner import Completed, Stdin
from toolkit.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Sequence

DIGEST = "0123456789abcdef" * 4
HEADER = "# pxname,svname,status,check_status,qcur,scur,weight\n"
ROWS = "ask:llm-general,own,no check,,0,0,1\nllm-general,llm-general,{0}\nllm-fast,llm-fast,UP 1/2,* L7OK,2,3,1\n"


def answer(digest: str, general: str = "DOWN,L4CON", rest: str = ",0,0,1") -> str:
    general += rest
    return f"Name: HAProxy\ndescription: {digest}\nPid: 9\n\n{HEADER}{ROWS.format(general)}\n"


class FrozenClock:
    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


class Edge:
    """A runner that answers from a script and notes what it was asked; each call takes a second."""

    def __init__(self, *script: str | Completed) -> None:
        self.script = list(script)
        self.asked: list[tuple[tuple[str, ...], Stdin]] = []
        self.clock = FrozenClock()

    def run(self, argv: Sequence[str], *, stdin: Stdin = None, **_: object) -> Completed:
        self.asked.append((tuple(argv), stdin))
        self.clock.now += 1.0
        said = self.script.pop(0)
        return said if isinstance(said, Completed) else Completed(tuple(argv), 0, said, "", 1.0)

    def deadline(self) -> Deadline:
        return Deadline.after(10.0, self.clock)


def admin(edge: Edge) -> EdgeAdmin:
    return EdgeAdmin(edge, "llm-testing-edge-1")


def failed(stderr: str) -> Completed:
    return Completed(("docker",), 1, "", stderr, 1.0)


def test_a_key_is_told_by_stdin_never_by_argument() -> None:
    edge = Edge("\n", "\n", "Key not found.\n")
    admin(edge).add_key(DIGEST, "alice", edge.deadline())
    admin(edge).revoke_key(DIGEST, edge.deadline())
    admin(edge).revoke_key(DIGEST, edge.deadline())
    assert [stdin for _, stdin in edge.asked] == [
        f"add map /etc/haproxy/keys/keys.map {DIGEST} alice\n",
        f"del map /etc/haproxy/keys/keys.map {DIGEST}\n",
        f"del map /etc/haproxy/keys/keys.map {DIGEST}\n",
    ]
    assert all(
        argv[:4] == ("docker", "exec", "--interactive", "llm-testing-edge-1") for argv, _ in edge.asked
    )
    assert not any(DIGEST in word for argv, _ in edge.asked for word in argv)


@pytest.mark.parametrize(
    ("digest", "name"), [("abc", "alice"), (DIGEST, "a;show env"), (DIGEST + "\n", "alice")]
)
def test_nothing_that_could_be_a_second_order_is_sent(digest: str, name: str) -> None:
    edge = Edge()
    with pytest.raises(ValueError, match="not the "):
        admin(edge).add_key(digest, name, edge.deadline())
    assert edge.asked == []


def test_an_order_that_is_not_taken_is_an_error() -> None:
    edge = Edge("Unknown map identifier.\n", "Unknown map identifier.\n")
    for order in (admin(edge).revoke_key, lambda d, until: admin(edge).add_key(d, "alice", until)):
        with pytest.raises(EngineError, match=r"(?s)edge: did not take the order.*Unknown map identifier"):
            order(DIGEST, edge.deadline())


def test_an_edge_that_is_not_there_is_an_error() -> None:
    edge = Edge(failed("Error: No such container: llm-testing-edge-1"))
    with pytest.raises(EngineError) as error:
        admin(edge).server_states(edge.deadline())
    assert str(error.value) == (
        "edge: does not answer\n"
        "   got: Error: No such container: llm-testing-edge-1\n"
        "  next: look at its log: docker logs --tail 20 llm-testing-edge-1"
    )


def test_states_are_read_by_backend() -> None:
    state = parse_state(answer("abc123"))
    assert state.digest == "abc123"
    assert state.servers == (
        ServerState("llm-general", "llm-general", up=False, check="L4CON"),
        ServerState("llm-fast", "llm-fast", up=True, check="L7OK", under_way=5),
    )
    assert state.checked
    assert not parse_state(answer("abc123", "UP,INI")).checked


def test_reload_waits_for_the_digest_and_for_every_check() -> None:
    edge = Edge("valid", "", answer("old"), "", answer("new", "UP,INI"), answer("new", "UP,L7OK"))
    state = admin(edge).reload("new", edge.deadline())
    assert (state.digest, state.checked) == ("new", True)
    commands = [argv[4:] for argv, _ in edge.asked]
    assert commands[0] == ("haproxy", "-c", "-f", "/usr/local/etc/haproxy/haproxy.cfg")
    assert "show servers state" in commands[1][-1]
    assert commands[1][-1].endswith("kill -USR2 1")
    assert edge.script == []


def test_a_refused_file_is_shown_in_haproxy_s_own_words_and_nothing_is_signalled() -> None:
    alert = "[ALERT]    (7) : config : parsing [haproxy.cfg:75] : unknown keyword 'bnd'"
    edge = Edge(failed(f"[NOTICE]   (7) : haproxy version is 3.0.11\n{alert}\n"))
    with pytest.raises(EngineError) as error:
        admin(edge).reload("new", edge.deadline())
    assert str(error.value) == (
        f"edge: HAProxy refuses the configuration\n   got: {alert}\n"
        "  next: change the setting that the line comes from; the edge goes on with the former ones"
    )
    assert len(edge.asked) == 1


def test_a_text_is_checked_without_being_published() -> None:
    edge = Edge("valid")
    admin(edge).check("global\n", edge.deadline())
    assert edge.asked[0][0][4:] == ("haproxy", "-c", "-f", "/dev/stdin")
    assert edge.asked[0][1] == "global\n"


def test_a_reload_that_is_not_taken_up_in_time_is_an_error() -> None:
    edge = Edge("valid", "", *[answer("old")] * 20)
    with pytest.raises(EngineError) as error:
        admin(edge).reload("new", edge.deadline())
    assert "edge: did not take up its configuration in time" in str(error.value)
    assert "got: waited for digest new and a new result of every check" in str(error.value)


def test_a_server_is_led_around_and_led_to_again() -> None:
    edge = Edge("\n", answer("abc", "UP,L7OK", ",1,3,0"), "\n")
    asked = admin(edge)
    asked.lead_around("llm-general", "llm-general", edge.deadline())
    assert asked.under_way("llm-general", "llm-general", edge.deadline()) == 4
    asked.lead_to("llm-general", "llm-general", edge.deadline())
    assert [stdin for _, stdin in edge.asked] == [
        "set server llm-general/llm-general weight 0\n",
        "show info;show stat -1 4 -1\n",
        "set server llm-general/llm-general weight 100%\n",
    ]
    assert parse_state(answer("abc", "UP,L7OK", ",1,3,0")).servers[0].led_around
    for pool, server in (("a b", "c"), ("a", "c;show env")):
        with pytest.raises(ValueError, match="not the name of a server"):
            asked.lead_to(pool, server, edge.deadline())


def test_a_server_is_seen_anew_once_a_later_check_has_passed() -> None:
    edge = Edge("\n", answer("abc", "DOWN,L7OK"), answer("abc", "UP,L7OK"))
    admin(edge).see_anew("llm-general", "llm-general", edge.deadline())
    assert edge.asked[0][1] == "set server llm-general/llm-general health down\n"
    assert edge.script == []


def test_a_server_that_is_not_seen_again_is_an_error() -> None:
    edge = Edge("\n", *[answer("abc", "DOWN,L7STS")] * 20)
    with pytest.raises(EngineError, match=r"^edge: does not see llm-general come back\n"):
        admin(edge).see_anew("llm-general", "llm-general", edge.deadline())
    with pytest.raises(
        EngineError, match=r"^edge: knows no server llm-general/other\n   got: llm-general, llm-fast\n"
    ):
        admin(edge).under_way("llm-general", "other", edge.deadline())
