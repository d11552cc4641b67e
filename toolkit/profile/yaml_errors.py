"""What a YAML parser complains of, in plain words, with the line it complains about."""

from __future__ import annotations

import yaml

_INDENT = "the indentation does not fit the lines above", "line the key up with its neighbours, in spaces"
_UNCLOSED = "a bracket is not closed, or a comma is missing", "close it with ] or }, and add the comma"

# Pieces of the two parsers' texts (libyaml, PyYAML); the first that fits wins.
_WORDS = (
    ("tab in indentation", "a tab stands in the indentation", "indent with spaces only"),
    ("another document", "a second document begins here (`---`)", "keep one document in the file"),
    ("undefined alias", "an alias (`*name`) without its anchor (`&name`)", "quote text that begins with *"),
    ("second occurrence", "an anchor is defined twice", "give each anchor its own name"),
    ("values are not allowed", "a `:` stands where none can", "indent as its neighbours, or quote the text"),
    ("could not find expected ':'", "a key without its `:`", "write `key: value`"),
    ("unexpected end of stream", "a quote is opened and never closed", "close the quote"),
    ("unknown escape", "an unknown escape in double quotes", "use single quotes, or \\\\ for a backslash"),
    ("or ']'", *_UNCLOSED),
    ("or '}'", *_UNCLOSED),
    ("cannot start any token", "a value cannot begin with this character", "put the value in quotes"),
    ("expected key", *_INDENT),
    ("block end", *_INDENT),
    ("'-' indicator", *_INDENT),
    ("document start", "the file goes on after its top level has ended", "remove what is too much"),
)

# For these the parser's problem is where it noticed, its context where the unfinished thing begins.
_BEGAN_EARLIER = ("could not find expected ':'", "unexpected end of stream", "or ']'", "or '}'")


def explain_syntax(error: yaml.MarkedYAMLError, text: str) -> tuple[int, int, str, str, str]:
    """Return line and column (from 0), what is wrong, the line in question, and the next step."""
    complaint = error.problem or "unknown"
    began = error.context_mark if any(piece in complaint for piece in _BEGAN_EARLIER) else None
    mark = began or error.problem_mark or yaml.Mark("", 0, 0, 0, None, 0)
    lines = text.splitlines()
    line = lines[mark.line] if mark.line < len(lines) else ""
    if "\t" in line[: mark.column + 1] and not line[: mark.column].strip():
        complaint = "tab in indentation"
    what, next_step = _plain_words(complaint)
    return mark.line, mark.column, f"broken YAML: {what}", line.strip()[:80], next_step


def _plain_words(complaint: str) -> tuple[str, str]:
    for piece, what, next_step in _WORDS:
        if piece in complaint:
            return what, next_step
    return complaint, "correct the line, or put the value in quotes"
