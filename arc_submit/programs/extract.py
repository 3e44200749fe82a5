"""Find the program in a model's text.

Covered: fenced blocks (the last one with an entry point wins; ``` and ~~~, any info string), bare source with prose
around it, `<think>` sections (never searched; an unclosed one leaves nothing), text cut off in the middle (lines are
dropped from the end until it parses), a leading BOM, CRLF, tabs, common indentation.
Left out: repairing code that is wrong rather than cut short. Robust extraction is worth more than post-hoc repair
(arXiv 2606.16999).
"""

import ast
import re
import textwrap
import warnings

from arc_submit.errors import ExtractError
from arc_submit.programs.dialect import find_entry
from arc_submit.programs.normal import identity
from arc_submit.records import Completion, Program

MAX_SOURCE_BYTES = 65_536  # a median ARC program has about 400 tokens; what is longer is noise or an attack
_MAX_ENTRY = 100  # characters of an entry's name
_MAX_CUT_LINES = 40  # lines dropped from the end of a truncated program before giving up

_THOUGHT = re.compile(r"<think>.*?(</think>|\Z)", re.DOTALL)
_FENCE = re.compile(r"^[ \t]*(```+|~~~+)[^\n]*\n(.*?)(?:^[ \t]*\1[ \t]*$|\Z)", re.DOTALL | re.MULTILINE)
_START = re.compile(r"^(?:(?:def|from|import|class|async def|@)\s*\S|[A-Za-z_]\w*[ \t]*=[^=])", re.MULTILINE)


def extract(completion: Completion) -> Program:
    """Return the program in a completion's text.

    Raises:
        ExtractError: no text, no code that parses, or no entry point (`transform`, `solve`, `main`).
    """
    text = _THOUGHT.sub("", completion.text.replace("\r\n", "\n").lstrip("\ufeff"))
    text = text.rsplit("</think>", 1)[-1]
    blocks = [match.group(2) for match in _FENCE.finditer(text)]
    reasons = []
    for block in reversed(blocks) if blocks else _bare(text):
        try:
            return from_source(_parsable(textwrap.dedent(block)), completion.proposer, completion.parents)
        except ExtractError as error:
            reasons.append(str(error))
    raise ExtractError(reasons[0] if reasons else "no code in the text")


def from_source(source: str, proposer: str, parents: tuple[str, ...] = ()) -> Program:
    """Return the program that `source` is, as it stands.

    Raises:
        ExtractError: too large, does not parse, or has no entry point.
    """
    tree = _parse(source)
    found = find_entry(tree)
    if found is None:
        raise ExtractError("no entry point: expected a function transform, solve or main")
    dialect, entry = found
    if len(entry) > _MAX_ENTRY:
        raise ExtractError(f"the entry's name is longer than {_MAX_ENTRY} characters")
    try:
        program_id, length = identity(tree, entry)
    except RecursionError:
        raise ExtractError("nested too deeply") from None
    return Program(program_id, source, dialect, entry, length, proposer, parents)


def _bare(text: str) -> list[str]:
    """Candidate sources in text without fences: from each line that starts like code, first to last."""
    return [text[match.start() :] for match in _START.finditer(text)][:8]


def _parsable(source: str) -> str:
    """The longest run of leading lines that parses and has an entry point."""
    try:
        _parse(source)
        return source
    except ExtractError as error:
        reason = error
    lines = source.rstrip().split("\n")
    for keep in range(len(lines) - 1, max(0, len(lines) - _MAX_CUT_LINES), -1):
        shorter = "\n".join(lines[:keep])
        try:
            tree = _parse(shorter)
        except ExtractError:
            continue
        if find_entry(tree) is not None and _returns(tree):
            return shorter
    raise reason


def _returns(tree: ast.Module) -> bool:
    return any(isinstance(node, ast.Return) for node in ast.walk(tree))


def _parse(source: str) -> ast.Module:
    if len(source.encode("utf-8", "surrogatepass")) > MAX_SOURCE_BYTES:
        raise ExtractError(f"longer than {MAX_SOURCE_BYTES} bytes")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a model's invalid escape sequence is not our user's business
            return ast.parse(source)
    except SyntaxError as error:
        raise ExtractError(f"does not parse: {error.msg}") from None
    except (ValueError, UnicodeError, MemoryError, RecursionError) as error:
        raise ExtractError(f"does not parse: {type(error).__name__}") from None
