"""Prompts of set lengths, Korean and English: the same seed gives the same prompts, no two of them are alike."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal

from toolkit.errors import Problem, UsageError

if TYPE_CHECKING:
    from pathlib import Path

Language = Literal["en", "ko"]
_EN = (
    "a model answers what people ask about rivers cities engines letters music winter bread stars history light "
    "numbers gardens trade ships paper language weather roads memory glass seasons"
)
_KO = (
    "모델은 사람들이 묻는 강과 도시와 기계와 편지와 음악과 겨울과 빵과 별과 역사와 빛과 숫자와 정원과 무역과 배와 "
    "종이와 언어와 날씨와 길과 기억과 유리와 계절에 대해 답한다"
)
_WORDS: dict[Language, tuple[str, ...]] = {"en": tuple(_EN.split()), "ko": tuple(_KO.split())}


def synthetic(words: int, language: Language = "en", seed: int = 0) -> Iterator[str]:
    """Yield prompts of `words` words each, without end; each begins with a number of its own.

    So no answer of one can be kept for another, neither by the response cache nor by the server's prefix cache.
    """
    chosen = random.Random(seed)  # noqa: S311 - words, no secrets
    for number in itertools.count():
        text = chosen.choices(_WORDS[language], k=max(1, words) - 1)
        yield " ".join([f"{seed}-{number}", *text])


def from_file(path: Path) -> Iterator[str]:
    """Yield the lines of a UTF-8 file over and over, empty ones left out. Raises UsageError where there are none."""
    try:
        lines = [line.strip() for line in path.read_text("utf-8").splitlines() if line.strip()]
    except (OSError, ValueError) as error:
        raise _unusable(path, str(error)) from error
    if not lines:
        raise _unusable(path, "it has no line")
    return itertools.cycle(lines)


def chat_bodies(
    model: str, prompts: Iterator[str], max_tokens: int, *, ignore_eos: bool = True
) -> Iterator[dict[str, object]]:
    """Yield a streamed chat request for each prompt; `usage` at its end tells the exact number of tokens.

    With `ignore_eos` (vLLM's own) every answer is as long as `max_tokens`, so that runs can be compared.
    """
    more = {"ignore_eos": True} if ignore_eos else {}
    for prompt in prompts:
        yield {
            "model": model,
            "messages": [{"role": "user", "content": prompt}],
            "max_tokens": max_tokens,
            "stream": True,
            "stream_options": {"include_usage": True},
            **more,
        }


def alternating(*prompts: Iterator[str]) -> Iterator[str]:
    """Yield one prompt of each in turn."""
    sources: Sequence[Iterator[str]] = prompts
    while True:
        for source in sources:
            yield next(source)


def _unusable(path: Path, why: str) -> UsageError:
    return UsageError(
        Problem(str(path), "no prompts can be read from it", why, "one prompt a line, in UTF-8")
    )
