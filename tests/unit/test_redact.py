"""What is planted as a secret, a prompt or an address is not in what comes out; what tells of a fault stays."""

from __future__ import annotations

import time

import pytest

from toolkit.redact import HIDDEN, Redactor, is_secret_name

PLANTED = "s3cr3t-Value_1234567890"


@pytest.mark.parametrize(
    "line",
    [
        f"Authorization: Bearer {PLANTED}",
        f"authorization: basic {PLANTED}=",
        f"password={PLANTED}",
        f'"db_password": "{PLANTED}"',
        f"--api-key {PLANTED}",
        f"MYSQL_ROOT_PASSWORD='{PLANTED}'",
        f"connecting to redis://app:{PLANTED}@redis:6379/0",
        f"GET /v1/models?api_key={PLANTED}&x=1",
        f"HF_TOKEN: {PLANTED}",
        f"Received request cmpl-1: prompt: 'my {PLANTED} it\\'s', params: SamplingParams(n=1)",
        f'{{"messages": [{{"role": "user", "content": "tell {PLANTED} \\"now\\""}}]}}',
        f'{{"prompt": "cut off {PLANTED}',
        f"prompt_token_ids: [1, 2, {PLANTED}",
    ],
)
def test_secrets_and_prompts_are_known_by_their_form(line: str) -> None:
    said = Redactor().secrets(line)
    assert PLANTED not in said
    assert HIDDEN in said


@pytest.mark.parametrize(
    "token",
    ["hf_AbCdEfGhIjKlMnOp", "sk-proj-abcdefghijklmnop", "ghp_abcdefghijklmnopqrstu", "AKIAABCDEFGHIJKLMNOP"],
)
def test_tokens_are_known_wherever_they_stand(token: str) -> None:
    assert token not in Redactor().secrets(f"fetching with {token}.")


def test_secrets_of_the_stack_are_known_by_value_the_longest_first() -> None:
    said = Redactor(["abcdefgh", "abcdefghij", "abc"]).secrets("x abcdefghij y abcdefgh z abc")
    assert said == f"x {HIDDEN} y {HIDDEN} z abc"


@pytest.mark.parametrize(
    "line",
    [
        "max_num_batched_tokens=2048, max_tokens: 16, num_tokens=3",
        "Access denied for user 'app'@'10.0.0.2' (using password: YES)",
        "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 20.00 MiB",
        "ValueError: Free memory on device (11.3/19.6 GiB) on startup is less than desired",
        "haproxy 3.0.11-1, vllm 0.32.0, 12:30:01",
        "sha256:0ba2e0824b3875c7539c10cafc55399681856f7aa795da84fa44a6eb754620a6",
    ],
)
def test_what_tells_of_a_fault_stays(line: str) -> None:
    assert Redactor().secrets(line) == line


def test_addresses_keep_apart_and_those_of_everyone_stay() -> None:
    text = (
        "10.0.0.2 asked 10.0.0.3, 10.0.0.2 again, from fe80::42:acff:fe12:3 02:42:ac:12:00:03, "
        "me@example.org; 127.0.0.1:8000"
    )
    said = Redactor().all(text)
    assert said.startswith("(address 2) asked (address 3), (address 2) again")
    assert said.endswith("(mail); 127.0.0.1:8000")
    assert "fe80" not in said
    assert "02:42" not in said


def test_versions_are_no_addresses() -> None:
    assert Redactor().all("toolkit 1.2.3, driver 580.95.05.1") == "toolkit 1.2.3, driver 580.95.05.1"


def test_names_of_variables() -> None:
    secret = ["HF_TOKEN", "OPENAI_API_KEY", "DB_PASSWORD", "client_secret", "REDIS_AUTH"]
    plain = ["HF_HOME", "MAX_TOKENS_X", "MARIADB_PASSWORD_FILE", "AUTHOR", "AUTH_SERVER_HOST", "KEYBOARD"]
    assert [name for name in secret if not is_secret_name(name)] == []
    assert [name for name in plain if is_secret_name(name)] == ["MAX_TOKENS_X"]


@pytest.mark.parametrize(
    "line", ["x" * 60_000, "a." * 30_000, "--a" * 20_000, "ab:" * 20_000, " token" * 10_000]
)
def test_a_long_line_takes_no_longer_than_its_length(line: str) -> None:
    began = time.monotonic()
    Redactor(["a-secret-value"]).all(line)
    assert time.monotonic() - began < 5
