"""Streams are read as vLLM and others send them; prompts are as long as asked, in either language."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest

from toolkit.errors import UsageError
from toolkit.load.events import Reader
from toolkit.load.prompts import alternating, chat_bodies, from_file, synthetic


def event(**choice: object) -> bytes:
    return f"data: {json.dumps({'choices': [choice]})}\n\n".encode()


def test_tokens_are_events_with_text_or_half_a_character() -> None:
    reader = Reader(streamed=True)
    reader.feed(event(index=0, delta={"role": "assistant", "content": ""}), 1.0)
    text = event(index=0, delta={"content": "a"}) + event(index=0, delta={"content": ""})
    reader.feed(text[:30], 2.0)
    reader.feed(text[30:], 3.0)
    reader.feed(event(index=0, delta={"content": "z"}, finish_reason="length"), 4.0)
    reader.feed(event(index=0, delta={}, finish_reason="stop"), 5.0)
    assert not reader.whole
    reader.feed(b'data: {"choices": [], "usage": {"completion_tokens": 9}}\n\ndata: [DONE]\n\n', 6.0)
    assert reader.arrivals_s == [3.0, 3.0, 4.0]
    assert (reader.tokens, reader.whole) == (9, True)


def test_tool_calls_and_reasoning_are_tokens_and_comments_are_not() -> None:
    reader = Reader(streamed=True)
    reader.feed(b": keep-alive\n\n" + event(delta={"tool_calls": [{"index": 0}]}), 1.0)
    reader.feed(event(delta={"reasoning_content": "hm"}), 2.0)
    reader.feed(event(text="of /v1/completions", index=0), 3.0)
    reader.feed(b"data: no json\n\n", 4.0)
    assert reader.arrivals_s == [1.0, 2.0, 3.0]
    assert reader.tokens == 3


def test_an_answer_in_one_piece_tells_its_tokens() -> None:
    reader = Reader(streamed=False)
    reader.feed(b'{"usage": {"completion', 1.0)
    reader.feed(b'_tokens": 4}}', 2.0)
    assert (reader.tokens, reader.whole, reader.arrivals_s) == (4, True, [])
    nothing = Reader(streamed=False)
    nothing.feed(b"<html>", 1.0)
    assert nothing.tokens == 0


def test_prompts_have_their_length_and_are_never_the_same() -> None:
    english = list(itertools.islice(synthetic(12), 50))
    assert {len(one.split()) for one in english} == {12}
    assert len(set(english)) == 50
    assert english == list(itertools.islice(synthetic(12), 50))
    assert english[0] != next(synthetic(12, seed=1))
    (korean,) = itertools.islice(synthetic(8, "ko"), 1)
    assert len(korean.split()) == 8
    assert any("가" <= letter <= "힣" for letter in korean)
    first, second = itertools.islice(alternating(synthetic(3), synthetic(3, "ko")), 2)
    assert first.isascii()
    assert not second.isascii()


def test_prompts_of_a_file_come_over_and_over(tmp_path: Path) -> None:
    file = tmp_path / "prompts.txt"
    file.write_text("one\n\n 둘 \n", "utf-8")
    assert list(itertools.islice(from_file(file), 3)) == ["one", "둘", "one"]
    file.write_text("\n")
    with pytest.raises(UsageError, match="it has no line"):
        from_file(file)
    with pytest.raises(UsageError, match="No such file"):
        from_file(tmp_path / "none")


def test_bodies_ask_for_a_stream_of_a_set_length() -> None:
    body = next(chat_bodies("general", synthetic(3), 16))
    assert (body["stream"], body["max_tokens"], body["ignore_eos"]) == (True, 16, True)
    assert "ignore_eos" not in next(chat_bodies("general", synthetic(3), 16, ignore_eos=False))
