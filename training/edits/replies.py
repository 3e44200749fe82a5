"""From a teacher's reply to a program and what was thought: or to the reason why there is neither.

Reasons are few and worded the same for every teacher, so that they can be counted and shown.
"""

import re
from collections.abc import Collection

from arc_submit.errors import ExtractError
from arc_submit.programs.extract import MAX_SOURCE_BYTES
from arc_submit.records import Completion, Dialect, Program, View
from arc_submit.search.language import program
from training.teacher.records import Question, Reply

EMPTY, NO_CODE, FOREIGN, CUT, PARENT, AGAIN, DIALECT, LONG = (
    "empty text", "no code in the text", "code in another language", "cut off before the code was done",
    "repeats the program it was shown", "repeats an earlier answer", "another dialect than asked for",
    "longer than any program",
)  # fmt: skip

_THOUGHT = re.compile(r"<think>(.*?)(?:</think>|\Z)", re.DOTALL)
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)[ \t]*([A-Za-z+#]*)", re.MULTILINE)
_OURS = frozenset({"", "python", "py", "python3", "text"})
_STRANGE = re.compile(
    r"^[ \t]*+(?:function \w+[ \t]*+\(|const \w+ =|let \w+ =|#include|public (?:static|class)|fn \w+\(|func \w+\(|"
    r"\w+ :: )",
    re.MULTILINE,
)


class UnusableError(ExtractError):
    """A reply without a program to run; the message is one of the reasons."""


def taken(reply: Reply, question: Question, teacher: str, dialect: Dialect, known: Collection[str]) -> Program:
    """Return the program in a reply.

    Args:
        reply: what was said.
        question: what was asked.
        teacher: for `Program.proposer`.
        dialect: asked for.
        known: ids of the programs that this parent has had as answers.

    Raises:
        UnusableError: there is none, or it is nothing new.
    """
    if not reply.text.strip():
        raise UnusableError(CUT if reply.finish == "length" else EMPTY)
    if len(_THOUGHT.sub("", reply.text).rsplit("</think>", 1)[-1]) > MAX_SOURCE_BYTES:
        raise UnusableError(LONG)
    parents = tuple(attempt.id for attempt in question.attempts)
    try:
        found = program(Completion(reply.text, teacher, parents), View())
    except ExtractError as error:
        raise UnusableError(_reason(reply, str(error))) from None
    if found.dialect is not dialect:
        raise UnusableError(DIALECT)
    if found.id in parents:
        raise UnusableError(PARENT)
    if found.id in known:
        raise UnusableError(AGAIN)
    return found


def _reason(reply: Reply, error: str) -> str:
    tags = {tag.lower() for tag in _FENCE.findall(reply.text)}
    if tags - _OURS or _STRANGE.search(reply.text):
        return FOREIGN
    if reply.finish == "length":
        return CUT
    return error.partition(":")[0]


def thinking(reply: Reply) -> str:
    """Return what was thought before the code: the `<think>` section, else the server's, else the prose above the code.

    >>> thinking(Reply("<think>\\nMirror it.\\n</think>\\n```python\\n...```"))
    'Mirror it.'
    """
    said = " ".join(part.strip() for part in _THOUGHT.findall(reply.text)).strip()
    if not said and "</think>" in reply.text and "<think>" not in reply.text:  # the opening tag was in the prompt
        said = reply.text.split("</think>", 1)[0].strip()
    if said or reply.thinking.strip():
        return said or reply.thinking.strip()
    plain = _THOUGHT.sub("", reply.text)
    fence = _FENCE.search(plain)
    return plain[: fence.start()].strip() if fence else ""
