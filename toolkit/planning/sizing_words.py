"""What people read of a model server that does not fit, or of which nobody can tell."""

from __future__ import annotations

from collections.abc import Sequence

from toolkit.errors import Problem
from toolkit.planning.alternatives import Proposal, as_lines
from toolkit.planning.fit import Fit, Wish
from toolkit.planning.vram_parts import GIB, Span

_NOTHING = "choose a smaller model, or a larger card: no other setting of these flags surely fits"


def wont_fit(key: str, model: str, wish: Wish, found: Fit, proposals: Sequence[Proposal]) -> Problem:
    """Return the problem of a server that cannot start: by how much, its sum, and the nearest settings that fit."""
    what = f"{model} does not fit {_cards(wish)}: {_gib(found.missing_bytes)} are missing"
    return Problem(f"services.{key}", what, _table(wish, found), _lines(key, "these fit", proposals))


def too_close(key: str, model: str, wish: Wish, found: Fit, proposals: Sequence[Proposal]) -> Problem:
    """Return the warning about a server that may start or not."""
    what = f"whether {model} fits {_cards(wish)} is too close to call"
    return Problem(f"services.{key}", what, _table(wish, found), _lines(key, "these surely fit", proposals))


def contradictions(key: str, model: str, wish: Wish) -> tuple[Problem, ...]:
    """Return a problem for each pair of numbers that vLLM refuses at its start (`verify_max_model_len`)."""
    where, length, batch = f"services.{key}.flags", wish.max_model_len, wish.server.batched_tokens
    seqs, made_for = wish.server.max_num_seqs, wish.facts.positions
    found = (
        (
            length > made_for,
            "max_model_len",
            length,
            f"{model} was made for {made_for} tokens",
            f"at most {made_for}",
        ),
        (
            batch < seqs,
            "max_num_batched_tokens",
            batch,
            f"a step has to have a token for each of {seqs} requests",
            f"at least {seqs}, or lower max_num_seqs",
        ),
        (
            not wish.facts.attention and batch < length,
            "max_num_batched_tokens",
            batch,
            f"{model} reads a text at once, and one may have {length} tokens",
            f"at least {length}, or lower max_model_len",
        ),
    )
    return tuple(
        Problem(f"{where}.{flag}", what, str(got), f"write {step}")
        for wrong, flag, got, what, step in found
        if wrong
    )


def left_open(key: str, flags: Sequence[str], why: str) -> Problem:
    """Return the problem of flags at `auto` that nothing can be chosen by."""
    return Problem(
        where=f"services.{key}.flags",
        what=f"`auto` cannot be planned: {why}",
        got=", ".join(f"{name}: auto" for name in flags),
        next_step="write numbers, such as max_model_len: 6144, max_num_seqs: 16, max_num_batched_tokens: 2048",
    )


def unknown_size(key: str, model: str) -> Problem:
    """Return the warning about a model without facts on a card."""
    return Problem(
        where=f"services.{key}.model",
        what=f"nothing is known of the size of {model}: whether it fits its card cannot be told",
        got="facts: null",
        next_step=f"write its facts to toolkit.yaml: `toolkit profile facts {model}` prints them",
    )


def _cards(wish: Wish) -> str:
    ranks = wish.server.tensor_parallel
    return "its card" if ranks == 1 else f"its {ranks} cards"


def _table(wish: Wish, found: Fit) -> str:
    room = found.room
    rows = [
        ("card", f"{_gib(wish.card_bytes)}, of which {wish.server.utilization:g}: {_gib(room.budget_bytes)}")
    ]
    rows += [
        (name, _span(span))
        for name, span in (
            ("weights", room.weights),
            ("activations", room.activations),
            ("graphs", room.graphs),
            ("other", room.other),
            ("adapters", room.adapters),
            ("cache", found.kv),
        )
        if name != "adapters" or wish.server.adapters
    ]
    requests = "1 request" if wish.sequences == 1 else f"{wish.sequences} requests"
    rows.append(("cache needs", f"{_gib(found.need_bytes)} for {requests} of {wish.max_model_len} tokens"))
    return "\n".join(f"{name:12} {text}" for name, text in rows)


def _lines(key: str, title: str, proposals: Sequence[Proposal]) -> str:
    if not proposals:
        return _NOTHING
    ways = [f"  {as_lines(key, proposal)}" for proposal in proposals]
    count = "it" if len(ways) == 1 else "one of them"
    return "\n".join([f"{title}; in toolkit.yaml, {count}:", "services:", *ways])


def _span(span: Span) -> str:
    low, high = _gib(span.low), _gib(span.high)
    return low if low == high else f"{span.low / GIB:.2f} to {high}"


def _gib(amount: float) -> str:
    return f"{amount / GIB:.2f} GiB"
