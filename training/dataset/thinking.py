"""A teacher's reasoning without what says nothing: fillers, hedges, announcements, ideas said twice.

Cut into sentences; kept in order; what is kept keeps its words but for the filler in front. Two sentences are the same
idea when their telling words (numbers, negations, directions, colours, code) are the same and most of their other
content words are. Too long a thought loses its middle: it begins with what was seen and ends with what was decided.
Code in fences is one sentence.

Left out: understanding. A sentence in other words that says the same stays.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

_FENCE = re.compile(r"(```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z))", re.DOTALL)
_END = re.compile(r"(?<=[.!?])[\"')\]]*\s+(?=[A-Z0-9`\"'(\[])")
_WORD = re.compile(r"[A-Za-z_][A-Za-z_0-9']*|\d+")

_LEAD = re.compile(
    r"""(?:
        (?:ok(?:ay)?|alright|all\ right|right|well|hmm+|hm|um+|uh|ah|oh|aha|wait|hold\ on|now|so|then|actually|basically
          |honestly|great|good|perfect|interesting|yes|yeah|sure|first\ of\ all|let's\ see|let\ me\ see)
        (?:\s*[,.!:;-]+\s*|\s+(?=(?:so|now|well|then|let|i|the|it|maybe|perhaps)\b))
      | (?:i\ (?:think|guess|believe|suppose|feel|would\ say)|it\ (?:seems|appears)|it\ looks\ like|i'm\ pretty\ sure
          |i\ am\ pretty\ sure|my\ guess\ is)\s+(?:that\s+|to\ me\s+that\s+)?
      | (?:maybe|perhaps|possibly|probably)\b[,\s]+
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_ANNOUNCED = re.compile(
    r"""(?:
        (?:let\ me|let's|let\ us|i\ (?:need|have|want)\ to|i\ (?:will|should|must|can)|i'll|we\ (?:need|have)\ to)\s+
        (?:\w+\s+){0,2}?(?:think|see|look|check|verify|consider|analy[sz]e|examine|figure|start|begin|try|go
          |reconsider|be\ careful|double-check|recheck|work|break|write|trace|understand|solve)\b
      | this\ is\ (?:a\ )?(?:bit\ |little\ |very\ |quite\ |really\ )?
          (?:tricky|hard|difficult|interesting|confusing|easy)
      | (?:that|this)\ (?:makes\ sense|is\ (?:right|correct|it|good)|works|looks\ (?:right|good))
      | i'm\ (?:not\ sure|confused|stuck)|i\ am\ (?:not\ sure|confused|stuck)|not\ sure
      | (?:ok(?:ay)?|alright|hmm+|hm|wait|so|yes|no|great|good|perfect|done|interesting)
    )""",
    re.IGNORECASE | re.VERBOSE,
)
ANNOUNCEMENT_WORDS = 12  # an announcement that is longer says something
_TELLING_IN_PLAIN = re.compile(r"[0-9`=<>]|\w+\(|_|:\s*\S")

_TELLING = frozenset(
    _WORD.findall(
        "not no never none neither without cannot can't don't doesn't isn't aren't left right up down top bottom upper "
        "lower above below horizontal vertical horizontally vertically diagonal row rows column columns inside outside "
        "largest smallest biggest most least first second third last black blue red green yellow grey gray pink "
        "magenta orange cyan azure maroon brown one two three four five six seven eight nine ten zero before after "
        "more fewer less"
    )
)
_IDLE = frozenset(
    _WORD.findall(
        "a an the this that these those it its is are was were be been being am do does did has have had i we you they "
        "them he she my our your their of to in on at by for with from as and or but if so then than there here which "
        "who what when where how why just also very really quite again still now okay ok well actually basically seems "
        "seem appears appear looks look like maybe perhaps probably think guess see clear clearly indeed simply rather "
        "exactly"
    )
)


@dataclass(frozen=True, slots=True)
class _Idea:
    telling: frozenset[str]
    content: frozenset[str]


def clean(text: str, similar: float, most: int, count: Callable[[str], int]) -> str:
    """Return the thinking without repetition and fluff; empty stays empty.

    Args:
        text: as the teacher said it.
        similar: share of content words in common from which two sentences are one idea, 0..1.
        most: length at most, as `count` counts; 0: nothing is left.
        count: tokens of a text.
    """
    sentences = distinct([kept for sentence in split(text) if (kept := plain(sentence))], similar)
    return "\n".join(middle_out(sentences, most, count))


def split(text: str) -> list[str]:
    """Return the sentences of a text, each fenced block one.

    >>> split("A is 3. So B.\\n- C")
    ['A is 3.', 'So B.', '- C']
    """
    found = []
    for number, part in enumerate(_FENCE.split(text.replace("\r\n", "\n"))):
        if number % 2:
            found.append(part.strip())
        else:
            found += [piece.strip() for line in part.split("\n") for piece in _END.split(line)]
    return [sentence for sentence in found if sentence]


def plain(sentence: str) -> str:
    """Return the sentence without filler in front; empty where it was nothing else.

    >>> plain("Okay, so I think the grid is turned."), plain("Let me think about this."), plain("Hmm.")
    ('The grid is turned.', '', '')
    """
    if sentence.startswith(("```", "~~~")):
        return sentence
    rest = sentence
    while (lead := _LEAD.match(rest)) is not None and lead.end():
        rest = rest[lead.end() :]
    words = _WORD.findall(rest)
    if not words or _announces(rest, len(words)):
        return ""
    return rest if rest == sentence else rest[0].upper() + rest[1:]


def _announces(rest: str, words: int) -> bool:
    """It says that something will be said, or how it feels."""
    found = _ANNOUNCED.match(rest)
    if found is None or words > ANNOUNCEMENT_WORDS or _TELLING_IN_PLAIN.search(rest):
        return False
    whole = found.end() >= len(rest.rstrip(" .!?…:"))
    return whole or not found[0].lower().startswith(("ok", "hm", "wait", "so", "yes", "no", "great", "good", "done"))


def distinct(sentences: list[str], similar: float) -> list[str]:
    """Return the sentences without those that repeat an earlier one."""
    kept: list[str] = []
    seen: dict[frozenset[str], list[frozenset[str]]] = {}
    for sentence in sentences:
        idea = _idea(sentence)
        earlier = seen.setdefault(idea.telling, [])
        if not any(_alike(idea.content, other, similar) for other in earlier):
            earlier.append(idea.content)
            kept.append(sentence)
    return kept


def middle_out(sentences: list[str], most: int, count: Callable[[str], int]) -> list[str]:
    """Return sentences from both ends, in order, as many as fit; those of the middle go.

    >>> middle_out(["a", "b", "c", "d"], 4, len)
    ['a', 'd']
    """
    sizes = [count(sentence + "\n") for sentence in sentences]
    if sum(sizes) <= most:
        return sentences
    first, last, left = 0, len(sentences), most
    while first < last:
        place = first if first <= len(sentences) - last else last - 1
        if sizes[place] > left:
            break
        left -= sizes[place]
        first, last = (first + 1, last) if place == first else (first, last - 1)
    return sentences[:first] + sentences[last:]


def _idea(sentence: str) -> _Idea:
    if sentence.startswith(("```", "~~~")):
        return _Idea(frozenset({sentence}), frozenset())
    words = {word.lower() for word in _WORD.findall(sentence)}
    telling = {word for word in words if word in _TELLING or "_" in word or any(map(str.isdigit, word))}
    telling |= set(re.findall(r"`[^`]*`|\w+\(", sentence))
    return _Idea(frozenset(telling), frozenset(_stem(word) for word in words - telling - _IDLE))


def _stem(word: str) -> str:
    """Without the ending that a change of number or tense brings."""
    for ending in ("'s", "ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def _alike(one: frozenset[str], other: frozenset[str], similar: float) -> bool:
    union = len(one | other)
    return union == 0 or len(one & other) / union >= similar
