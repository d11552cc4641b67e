"""Writes docs/proof/kv-cases.md: what the planner says of measured starts of vLLM (`make proof`)."""

from __future__ import annotations

from pathlib import Path

from tests.support.kv_cases import Judged, Summary, judge, read_cases, summary
from toolkit.planning.vram_parts import GIB

TABLE = Path(__file__).parents[2] / "docs" / "proof" / "kv-cases.md"
SETS = {
    "kv-cases.json": "Logs collected before the model was written.",
    "kv-cases-more.json": "Others, collected afterwards; three gave the upper bound of sampling (see their notes).",
}
_HEAD = """# Room for the cache: predicted and measured

Written by `make proof` from `tests/data/*.json`; `tests/unit/test_kv_cases.py` holds it to the goals. GiB on one card.
"interval" is what the planner says is left for the cache; "need" is one request of the longest context. No constant
belongs to one case: the sums are in `toolkit/planning/vram_parts.py`, their limits in `docs/adr/`.
"""
_COLUMNS = (
    "| case | card | version | interval | likely | measured | inside | need | planner | outcome |\n"
    + "|---" * 10
    + "|"
)


def text() -> str:
    """Return the whole page."""
    return "\n".join([_HEAD, *(_part(name, what) for name, what in SETS.items())])


def _part(name: str, what: str) -> str:
    cases, others = read_cases(name)
    judged = [judge(case) for case in cases]
    rows = [
        ("weights from the files, as in the catalogue", judged),
        ("weights from the number of parameters", [judge(case, from_files=False) for case in cases]),
        ("from the files, every other case", judged[::2]),
        ("from the files, the rest", judged[1::2]),
    ]
    left_out = [f"- `{case['id']}` {why}" for case, why in others]
    return "\n".join(
        [
            f"## {name}\n\n{what}\n",
            "| | cases | median error | interval holds | median width | decided | of these wrong |\n"
            + "|---" * 7
            + "|",
            *(_summary_row(title, summary(some)) for title, some in rows),
            "",
            _COLUMNS,
            *(_row(j) for j in judged),
            "",
            "Not judged:" if left_out else "",
            *left_out,
            "",
        ]
    )


def _summary_row(title: str, found: Summary) -> str:
    wrong = ", ".join(found.wrong) or "none"
    return (
        f"| {title} | {found.cases} | {found.median_error_gib:.2f} | {found.held:.0%} "
        f"| {found.median_width_gib:.2f} | {found.decided:.0%} | {wrong} |"
    )


def _row(judged: Judged) -> str:
    case, kv = judged.case, judged.fit.kv
    measured = "" if case["kv_gib"] is None else f"{case['kv_gib']:.2f}"
    held = {True: "yes", False: "**no**", None: ""}[judged.held]
    cells = (
        case["id"],
        case["gpu"],
        case["vllm_version"] or "unknown",
        f"{kv.low / GIB:.2f} to {kv.high / GIB:.2f}",
        f"{kv.likely / GIB:.2f}",
        measured,
        held,
        f"{judged.fit.need_bytes / GIB:.2f}",
        judged.fit.verdict,
        case["outcome"],
    )
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    TABLE.parent.mkdir(parents=True, exist_ok=True)
    TABLE.write_text(text(), encoding="utf-8")
