"""The edge's certificate: what is accepted, where it goes, who reads it, and what the edge's files say of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from cryptography import x509

from tests.support.certificates import write_pair
from tests.support.plans import bundle, plan
from toolkit.errors import BlockedError, UsageError
from toolkit.planning.plan import TlsFiles
from toolkit.state.directory import StateDirectory
from toolkit.state.tls import ensure_tls, tls_digest, tls_problems, tls_stands

ME = (os.geteuid(), os.getegid())
SELF = TlsFiles("", "", True, ("localhost", "127.0.0.1", "llm.lan"), *ME)
SELF_SIGNED = "services.edge.tls.self_signed=true"
GIVEN = ("services.edge.tls.certificate=a.crt", "services.edge.tls.key=a.key")


@pytest.fixture
def state(tmp_path: Path) -> StateDirectory:
    return StateDirectory(tmp_path, "testing").ensure()


def given(certificate: Path, key: Path) -> TlsFiles:
    return TlsFiles(str(certificate), str(key), False, (), *ME)


def refused(state: StateDirectory, tls: TlsFiles) -> str:
    problems = tls_problems(state, tls)
    with pytest.raises(BlockedError) as caught:
        ensure_tls(state, tls)
    assert caught.value.problems == problems
    assert not state.edge_tls.exists()
    return str(caught.value)


def test_a_given_pair_is_read_by_the_edge_alone_and_its_certificate_by_clients(state: StateDirectory) -> None:
    certificate, key = write_pair(state.project_dir)
    tls = given(Path(certificate.name), Path(key.name))
    assert tls_problems(state, tls) == ()
    assert ensure_tls(state, tls)
    assert state.edge_tls.read_bytes() == certificate.read_bytes() + key.read_bytes()
    assert state.edge_tls.stat().st_mode & 0o777 == 0o600
    assert state.edge_certificate.read_bytes() == certificate.read_bytes()
    assert tls_stands(state, tls_digest(state))


def test_only_a_new_certificate_changes_anything(state: StateDirectory) -> None:
    tls = given(*write_pair(state.project_dir))
    ensure_tls(state, tls)
    before = tls_digest(state)
    assert not ensure_tls(state, tls)
    write_pair(state.project_dir)
    assert ensure_tls(state, tls)
    assert tls_digest(state) != before
    # A careless copy of the state.
    state.edge_tls.chmod(0o644)
    assert not tls_stands(state, tls_digest(state))
    assert ensure_tls(state, tls)
    assert state.edge_tls.stat().st_mode & 0o777 == 0o600


def test_clients_trust_the_server_s_own_certificate_not_its_issuers(state: StateDirectory) -> None:
    certificate, key = write_pair(state.project_dir)
    other, _ = write_pair(state.project_dir, "issuer")
    own = certificate.read_text()
    certificate.write_text(own + other.read_text())
    ensure_tls(state, given(certificate, key))
    assert state.edge_certificate.read_text() == own
    assert state.edge_tls.read_text().count("BEGIN CERTIFICATE") == 2


def test_a_key_of_another_certificate_is_refused(state: StateDirectory) -> None:
    certificate, _ = write_pair(state.project_dir)
    _, key = write_pair(state.project_dir, "other")
    said = refused(state, given(certificate, key))
    assert said.startswith(
        f"{key}: is not the key of {certificate}\n   got: another public key\n  next: give the key"
    )


@pytest.mark.parametrize(("days", "what"), [((-9, -1), "has expired"), ((1, 9), "is not valid yet")])
def test_a_certificate_out_of_its_time_is_refused(
    days: tuple[float, float], what: str, state: StateDirectory
) -> None:
    certificate, key = write_pair(state.project_dir, days=days)
    said = refused(state, given(certificate, key))
    assert said.startswith(f"{certificate}: {what}\n   got: valid from ")
    assert said.endswith("next: renew it, or put the clock right")


def test_what_is_no_pem_or_not_there_is_refused(state: StateDirectory) -> None:
    certificate, key = write_pair(state.project_dir)
    assert "none.crt: cannot be read" in refused(state, given(Path("none.crt"), key))
    assert ": this is no certificate\n" in refused(state, given(key, key))
    assert ": this key cannot be used\n" in refused(state, given(certificate, certificate))


def test_a_self_signed_one_is_made_once_for_the_names_of_the_machine(state: StateDirectory) -> None:
    assert tls_problems(state, SELF) == ()
    assert ensure_tls(state, SELF)
    made = x509.load_pem_x509_certificate(state.edge_certificate.read_bytes())
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert {str(one.value) for one in names} == set(SELF.names)
    assert (made.not_valid_after_utc - made.not_valid_before_utc).days == 397
    assert not ensure_tls(state, SELF)
    assert ensure_tls(state, TlsFiles("", "", True, ("localhost",), *ME))


def test_one_that_ends_soon_is_made_anew(state: StateDirectory) -> None:
    ensure_tls(state, given(*write_pair(state.project_dir, days=(-1, 20))))
    before = tls_digest(state)
    assert ensure_tls(state, SELF)
    assert tls_digest(state) != before


@pytest.mark.parametrize("sets", [(SELF_SIGNED, *GIVEN), GIVEN[:1], GIVEN[1:]])
def test_half_of_it_or_both_is_no_profile(sets: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match=r"^services.edge.tls: this is no certificate with its key\n"):
        plan(*sets)


def test_without_it_the_edge_is_asked_in_the_clear() -> None:
    edge = plan().service("edge")
    assert edge is not None
    assert (edge.tls, plan().tls, edge.ports[0].container_port) == (None, None, 8080)
    assert "ssl" not in bundle().files["edge/haproxy.cfg"].text


def test_what_is_published_speaks_tls_and_what_is_inside_does_not() -> None:
    found = plan(SELF_SIGNED)
    edge = found.service("edge")
    assert edge is not None
    assert found.tls == TlsFiles("", "", True, ("localhost", "127.0.0.1", "::1", "edge"), 99, 99)
    assert [port.container_port for port in edge.ports] == [8443]
    config = bundle(SELF_SIGNED).files["edge/haproxy.cfg"].text
    assert "bind :8443 ssl crt /etc/haproxy/keys/tls.pem alpn h2,http/1.1\n" in config
    assert "ssl-min-ver TLSv1.2" in config
    # Nobody may insist on a certificate that nobody vouches for.
    assert "Strict-Transport-Security" not in config
    given = bundle(*GIVEN).files["edge/haproxy.cfg"].text
    assert (
        "http-after-response set-header Strict-Transport-Security max-age=63072000 if { ssl_fc }\n" in given
    )
    assert "PRIVATE KEY" not in "".join(file.text for file in bundle(SELF_SIGNED).files.values())


def test_an_application_of_another_host_asks_over_tls() -> None:
    apps = (
        "hosts.ai.address=10.0.0.1",
        "hosts.app.address=10.0.0.2",
        "services.api_server.image=mine:1",
        SELF_SIGNED,
    )
    server = plan(*apps, machine="two-hosts").service("api-server")
    assert server is not None
    assert server.environment["OPENAI_BASE_URL"].startswith("https://10.0.0.1:")
    here = plan("services.api_server.image=mine:1", SELF_SIGNED).service("api-server")
    assert here is not None
    assert here.environment["OPENAI_BASE_URL"] == "http://edge:8080/v1"
