"""What the files of a model say: its own directory, or the snapshot in the Hub's cache."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.model_files import QWEN3_8B, write_model
from tests.support.plans import settings
from toolkit.cli.app import run
from toolkit.errors import UsageError
from toolkit.planning.model_facts import facts_of
from toolkit.planning.weights import estimated_bytes
from toolkit.profile.model_files import model_directory, read_facts
from toolkit.settings.models import Facts, Model
from toolkit.units import MIB

CATALOGUE = {name: model for name, model in settings().models.items() if model.facts is not None}
# Of the model cards: parameters in all.
PARAMETERS = {
    "qwen3-0.6b": 0.596e9,
    "qwen3-1.7b": 1.721e9,
    "qwen3-4b-awq": 4.022e9,
    "qwen3-8b-awq": 8.191e9,
    "qwen3-14b-awq": 14.768e9,
    "exaone-3.5-7.8b-awq": 7.818e9,
    "exaone-3.5-2.4b-awq": 2.405e9,
    "bge-m3": 0.568e9,
}
TIED = {"qwen3-0.6b", "qwen3-1.7b", "qwen3-4b-awq", "exaone-3.5-2.4b-awq", "bge-m3"}


def model(source: str, revision: str | None = None) -> Model:
    return Model(source=source, revision=revision, licence="MIT", trust_remote_code=False, facts=None)


def facts_in(catalogued: Model) -> Facts:
    assert catalogued.facts is not None
    return catalogued.facts


@pytest.mark.parametrize("name", CATALOGUE)
def test_weights_of_the_catalogue_follow_from_shapes_and_parameters(name: str) -> None:
    facts = facts_of(facts_in(CATALOGUE[name]))
    expected = estimated_bytes(
        PARAMETERS[name], facts.vocabulary, facts.hidden, tied=name in TIED, method=facts.quantization
    )
    assert facts.weight_bytes == pytest.approx(expected, rel=0.01)
    assert set(PARAMETERS) == set(CATALOGUE)


def test_every_shipped_model_but_the_generated_one_has_facts() -> None:
    assert set(settings().models) - set(CATALOGUE) == {"tiny", "tiny-embeddings"}


def test_weights_are_those_of_the_headers(tmp_path: Path) -> None:
    tensors = {
        "model.embed_tokens.weight": ("BF16", [151936, 4096]),
        "lm_head.weight": ("BF16", [151936, 4096]),
        "model.layers.0.qweight": ("I32", [4096, 512]),
        "model.norm.weight": ("F32", [4096]),
    }
    untied = write_model(tmp_path / "untied", QWEN3_8B, tensors)
    tied = write_model(tmp_path / "tied", {**QWEN3_8B, "tie_word_embeddings": True}, tensors)
    table = 2 * 151936 * 4096
    assert read_facts(untied).weights == 2 * table + 4 * 4096 * 512 + 2 * 4096
    assert read_facts(tied).weights == table + 4 * 4096 * 512 + 2 * 4096


def test_where_the_files_are(tmp_path: Path) -> None:
    snapshots = tmp_path / "hub" / "models--Qwen--Qwen3-8B" / "snapshots"
    (snapshots / "abc").mkdir(parents=True)
    refs = snapshots.parent / "refs"
    refs.mkdir()
    (refs / "main").write_text("abc\n")

    assert model_directory(model("dir:models/mine"), tmp_path, tmp_path) == tmp_path / "models" / "mine"
    assert model_directory(model("dir:/srv/mine"), tmp_path, tmp_path) == Path("/srv/mine")
    for revision in (None, "main", "abc"):
        assert model_directory(model("hf:Qwen/Qwen3-8B", revision), tmp_path, tmp_path) == snapshots / "abc"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (
            "generated",
            "generated: a generated model has no files\n  next: it fits anywhere: no facts are needed",
        ),
        ("hf:a/b", "hf:a/b: it is not in the cache /nowhere\n  next: download it (`hf download`, or one"),
    ],
)
def test_a_model_without_files_here(source: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        model_directory(model(source), tmp_path, Path("/nowhere"))
    assert str(caught.value).startswith(said)


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("config.json", b"", "Expecting value"),
        ("config.json", b"{}", "it has no number `num_hidden_layers`"),
        ("model.safetensors", b"\xff" * 16, "model.safetensors is no safetensors file"),
        ("model.safetensors", None, "there are no *.safetensors beside it"),
    ],
)
def test_files_that_say_something_else_are_refused(
    file: str, content: bytes | None, said: str, tmp_path: Path
) -> None:
    write_model(tmp_path, QWEN3_8B, {"a": ("BF16", [1024])})
    if content is None:
        (tmp_path / file).unlink()
    else:
        (tmp_path / file).write_bytes(content)
    with pytest.raises(UsageError) as caught:
        read_facts(tmp_path)
    assert str(caught.value).startswith(
        f"{tmp_path}/config.json: no facts can be taken from it\n   got: {said}"
    )


def test_the_lines_that_are_printed_are_taken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_model(tmp_path / "mine", QWEN3_8B, {"a": ("BF16", [1024, MIB])})
    profile = (
        "models:\n  mine: {source: 'dir:mine', revision: null, licence: MIT, trust_remote_code: false, "
        "facts: null}\n"
    )
    (tmp_path / "toolkit.yaml").write_text(profile)

    assert run(["profile", "facts", "mine"]) == 0
    printed = capsys.readouterr().out
    (tmp_path / "toolkit.yaml").write_text(printed + "\n" + "    source: 'dir:mine'\n")
    for key in ("revision: null", "licence: MIT", "trust_remote_code: false"):
        with (tmp_path / "toolkit.yaml").open("a") as opened:
            opened.write(f"    {key}\n")
    assert run(["profile", "facts", "mine"]) == 0
    assert capsys.readouterr().out == printed
    assert '      weights: "2GiB"\n' in printed


def test_an_unknown_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["profile", "facts", "nobody", "--project-dir", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith("error: MODEL: unknown model `nobody`\n  next: known: bge-m3, ")
