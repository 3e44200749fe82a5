"""Traces that talk as if they knew the answer: a model that learns from them learns to appeal to what it cannot see.

    leaks(thinking, source, task, answers, kind) -> reasons, () for a clean trace

Looked for: appeals to an answer that was never shown ("as the correct program shows", "matches the expected program",
"the answer key"), words on the hint, claims to know the test output, and the test output itself in the thinking, in
the code or in its comments. A parent is shown in an edit, so "the given program" is no leak there; outputs of
demonstrations are shown always, so "the expected output of demonstration 2" never is.

Patterns go by the sentence: precision is tested on texts of both sorts (`tests/training/teacher/test_leaks.py`). Left
out: appeals in other languages, a right guess without a word on where it comes from.
"""

import io
import re
import tokenize
from collections.abc import Sequence

from arc_submit.programs import holds_literal
from arc_submit.records import Grid, Task
from training.teacher.grids import leftovers

ANSWER, KEY, KNOWN, HINT, WRITTEN, CODED = (
    "appeals to an answer that it was not shown", "talks of an answer key", "says that it knows the answer",
    "talks of the hint", "test output in the thinking", "test output in the code",
)  # fmt: skip

_OTHER = r"(?:correct|right|reference|expected|target|official|true|intended|ideal|known|hidden|gold(?:en)?)"
_THING = r"(?:program|solution|solver|code|implementation|answer)"
_TELLS = r"(?:shows?|says?|tells?|reveals?|confirms?|indicates?|suggests?)"
_VERB = rf"(?:{_TELLS}|uses|does|calls|applies|contains|has(?! to)|is (?:given|known|provided|shown))"
_AS = (
    r"(?:as|like|per|according to|based on|following|follows?|from|match(?:es|ing)?|agree(?:s|ing)? with|same as|"
    r"identical to|compar(?:e|ed|ing) (?:it |this )?(?:to|with)|consistent with|(?:seen|shown|given) in|copy(?:ing)?|"
    r"reproduc(?:es|ing))"
)
_RIGHT = r"(?:correct |right |final |expected )?"
_RULES: tuple[tuple[str, str], ...] = (
    (ANSWER, rf"\b{_AS} (?:in )?(?:the|this|that|its) {_OTHER} {_THING}\b"),
    (ANSWER, rf"\bthe {_OTHER} {_THING},? (?:itself |also |then |here |simply |just |actually )?{_VERB}\b"),
    (ANSWER, rf"\b(?:looking|peeking|glancing) at the {_OTHER} {_THING}\b"),
    (ANSWER, r"\b(?:given|provided|supplied|stated) (?:solution|answer)s?\b"),
    (ANSWER, r"\b(?:solution|answer)s? (?:that )?(?:(?:is|was|were|are|has been) )?(?:given|provided|shown|supplied)\b"
             r"(?! by)"),
    (ANSWER, r"\b(?:reference|gold(?:en)?|oracle) (?:program|solution|code|answer|implementation|output)\b"),
    (ANSWER, rf"\bthe (?:solution|answer) (?:program )?{_TELLS}\b"),
    (KEY, r"\b(?:answer|solution) (?:key|sheet)\b|\bground[- ]truth\b|\bsolutions? file\b"),
    (KNOWN, rf"\b(?:I|we|you) (?:already |do |also |now )?know (?:that )?(?:what )?(?:the )?{_RIGHT}"
            r"(?:answer|solution|program|test outputs?)\b"),
    (KNOWN, rf"\b(?:I|we) (?:am|are|was|were|have been) (?:given|told|shown|provided with) (?:the|an?) {_RIGHT}"
            r"(?:answer|solution|test outputs?)\b"),
    (KNOWN, r"\b(?:known|given|provided|expected|correct|actual|hidden) (?:test output|output (?:of|for) the test)s?"
            r"\b"),
    (KNOWN, r"\btest outputs? (?:is|are|was|were) (?:given|known|shown|provided)\b"),
    (HINT, r"\bhint(?:s|ed)?\b"),
    (HINT, r"\b(?:task|human|person'?s|given|provided|written) descriptions?\b"),
    (HINT, r"\b(?:the|this) descriptions? (?:says?|states?|mentions?|tells?|suggests?|indicates?|above|given|provided|"
           r"of the task|reads|asks|explains?)\b"),
    (HINT, r"\b(?:according to|as per|per|following|based on|from|matches|by) (?:the|this) descriptions?\b"),
    (HINT, r"\b(?:someone|somebody|the (?:person|human|describer|annotator)) (?:who |has )?(?:said|says|wrote|writes|"
           r"described|describes|noted|notes)\b"),
)  # fmt: skip
_SHOWN_ONLY_IN_EDITS = (ANSWER, r"\bthe (?:given|provided|supplied|existing) (?:program|code|implementation)\b")
_COMPILED = [(reason, re.compile(pattern, re.IGNORECASE)) for reason, pattern in _RULES]
_FRESH = (_SHOWN_ONLY_IN_EDITS[0], re.compile(_SHOWN_ONLY_IN_EDITS[1], re.IGNORECASE))


def leaks(thinking: str, source: str, task: Task, answers: Sequence[Grid], kind: str) -> tuple[str, ...]:
    """Return why a trace must not be learnt from, each reason once; () for a clean one.

    Args:
        thinking: what was said before the code.
        source: the program, comments among it; it must parse.
        task: what was asked about.
        answers: the outputs of its test inputs; empty where they are not known.
        kind: `fresh` or `edit`.
    """
    text = " ".join(f"{thinking}\n{' '.join(comments(source))}".split())
    found = said(text, kind)
    known = [grid for pair in task.train for grid in (pair.input, pair.output)] + list(task.test)
    new = [grid for grid in answers if grid not in known]
    if leftovers(thinking, new, known):
        found.append(WRITTEN)
    if new and (holds_literal(source, new) or leftovers("\n".join(comments(source)), new, known)):
        found.append(CODED)
    return tuple(dict.fromkeys(found))


def said(text: str, kind: str) -> list[str]:
    """Return the reasons that the words of a text give.

    >>> said("Copy it as the correct program shows.", "fresh"), said("The correct program has to copy it.", "fresh")
    (['appeals to an answer that it was not shown'], [])
    """
    rules = _COMPILED if kind == "edit" else [*_COMPILED, _FRESH]
    return list(dict.fromkeys(reason for reason, pattern in rules if pattern.search(text)))


def comments(source: str) -> list[str]:
    """Return the comments of a program, without their marks; none where it cannot be read."""
    try:
        return [
            token.string.lstrip("# ")
            for token in tokenize.generate_tokens(io.StringIO(source).readline)
            if token.type == tokenize.COMMENT
        ]
    except (tokenize.TokenError, SyntaxError):
        return []
