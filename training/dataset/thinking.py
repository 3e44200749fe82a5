"""A teacher's reasoning without what says nothing: fillers, hedges, announcements, ideas said twice.

Cut into sentences; kept in order; what is kept keeps its words but for the filler in front. Two sentences are the same
idea when their telling words (numbers, negations, directions, colours, from and to, code, signs) are the same in the
same order, most of their other content words are, and those that both have come in the same order too. What has no
content words, as the row of a grid, and what leads to the next, as "Output:", is never a repetition. An announcement
goes only when every word in it is vague. Too long a thought loses its middle: it begins with what was seen and ends
with what was decided. Code in fences is one sentence.

Left out: understanding. A sentence in other words that says the same stays.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

_FENCE = re.compile(r"(```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z))", re.DOTALL)
_FENCES = ("```", "~~~")
_END = re.compile(r"(?<=[.!?])[\"')\]]*\s+(?=[A-Z0-9`\"'(\[])")
_ITEM = re.compile(r"(?:[-*]\s*)?\(?(?:\d{1,2}|[A-Za-z])[.)]")  # the number of an entry in a list
_WORD = re.compile(r"[^\W\d][\w']*|\d+")
_TOKEN = re.compile(r"`[^`]*`|\w+\(|[^\W\d][\w']*|(?<!\w)[-+]?\d+|\d+|->|[→←<>=≤≥≠]=?|!=|(?<=\s)[-+*/%](?=\s)")
_RULER = re.compile(r"(?:\.{1,3}|…|[-*=_~]+|[!?,;:]+)")

_LEAD = re.compile(
    r"""(?:
        (?:ok(?:ay)?|alright|well|hmm+|hm|um+|uh|ah|oh|aha|wait|hold\ on|now|so|then|actually|basically
          |honestly|great|good|perfect|interesting|sure|first\ of\ all|let's\ see|let\ me\ see)
        (?:\s*[,.!;…]+(?:\s+|\Z)|\s+[-–—]+\s+|\s+(?=(?:so|now|well|then|let|i|the|it|maybe|perhaps)\b))
      | (?:i\ (?:think|guess|believe|suppose|feel|would\ say)|i'm\ pretty\ sure|i\ am\ pretty\ sure|my\ guess\ is)
          (?!\s+(?:of|about|in|so|not|like)\b)\s+(?:that\s+)?
      | it\ (?:seems|appears)\s+(?:to\ me\s+)?that\s+
      | it\ seems\s+(?=(?:the(?!\ same)|this|these|those|there|we|they|it)\b)
      | it\ looks\ like\s+(?=(?:there|we|they|it)\b)
      | (?:maybe|perhaps|possibly|probably)\b[,\s]+
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_ANNOUNCED = re.compile(
    r"""(?:
        (?:let\ me|let's|let\ us|i\ (?:need|have|want)\ to|i\ (?:will|should|must|can)|i'll|we\ (?:need|have)\ to)\s+
        (?P<between>(?:\w+\s+){0,2}?)
        (?:break\ (?:it|this|that|things)\ down
          |think|see|look|check|verify|consider|analy[sz]e|examine|figure|start|begin|try|go
          |reconsider|be\ careful|double-check|recheck|work|break|write|trace|understand|solve)\b
      | this\ is\ (?:a\ )?(?:bit\ |little\ |very\ |quite\ |really\ )?
          (?:tricky|hard|difficult|interesting|confusing|easy)\b
      | (?:that|this)\ (?:makes\ sense|is\ (?:right|correct|it|good)|works|looks\ (?:right|good))\b
      | (?:i'm\ (?:not\ sure|confused|stuck)|i\ am\ (?:not\ sure|confused|stuck)|not\ sure)\b
      | (?P<alone>ok(?:ay)?|alright|hmm+|hm|wait|so|great|good|perfect|done|interesting)\b
    )""",
    re.IGNORECASE | re.VERBOSE,
)
ANNOUNCEMENT_WORDS = 12  # an announcement that is longer says something
_TELLING_IN_PLAIN = re.compile(r"[0-9`=<>]|\w+\(|_|:\s*\S")

_TELLING = frozenset(
    _WORD.findall(
        "not no never none neither without cannot can't don't doesn't isn't aren't left right up down top bottom upper "
        "lower above below horizontal vertical horizontally vertically diagonal diagonally row rows column columns "
        "inside outside leftmost rightmost topmost bottommost uppermost lowermost clockwise counterclockwise "
        "anticlockwise north south east west wide wider tall taller width height corner corners side sides edge edges "
        "largest smallest biggest larger smaller bigger longest shortest longer shorter most least first second third "
        "last next odd even same different other others black blue red green yellow grey gray pink magenta orange cyan "
        "azure teal fuchsia maroon brown burgundy white purple light dark one two three four five six seven eight nine "
        "ten zero once twice half double before after more fewer less all every each any some only both either from to "
        "into onto over under behind between through by with or if unless until except instead"
    )
)
_IDLE = frozenset(
    _WORD.findall(
        "a an the this that these those it its is are was were be been being am do does did has have had i we you they "
        "them he she my our your their of in on at for as and but so then than there here which "
        "who what when where how why just also very really quite again still now okay ok well actually basically seems "
        "seem appears appear looks look like maybe perhaps probably think guess see clear clearly indeed simply rather "
        "exactly"
    )
)
_VAGUE = _IDLE | frozenset(
    _WORD.findall(
        "task tasks grid grids input inputs output outputs example examples demonstration demonstrations pair pairs "
        "pattern patterns problem puzzle rule rules transformation transformations code program solution answer step "
        "steps careful carefully close closely closer detail details thing things something everything further "
        "together bit little data given case cases idea ideas about approach out quickly slowly briefly thoroughly "
        "through by to with each every all both what's happening going on us me need want let"
    )
)
"""What an announcement may be made of, beside its verb."""


@dataclass(frozen=True, slots=True)
class _Idea:
    telling: tuple[str, ...]
    """In the order in which they were said."""
    words: tuple[str, ...]
    """The telling and the content words, likewise."""
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
            found += [piece.strip() for line in part.split("\n") for piece in _pieces(line)]
    return [sentence for sentence in found if sentence]


def _pieces(line: str) -> list[str]:
    """The sentences of a line; the number of an entry in a list stays with its first."""
    pieces = _END.split(line)
    if len(pieces) > 1 and _ITEM.fullmatch(pieces[0].strip()):
        return [line[: len(line) - len(line.lstrip())] + f"{pieces[0]} {pieces[1]}", *pieces[2:]]
    return pieces


def plain(sentence: str) -> str:
    """Return the sentence without filler in front; empty where it was nothing else.

    >>> plain("Okay, so I think the grid is turned."), plain("Let me think about this."), plain("Hmm.")
    ('The grid is turned.', '', '')
    >>> plain("Let me write blue into the hole."), plain("Right-most cells stay."), plain("It appears twice.")
    ('Let me write blue into the hole.', 'Right-most cells stay.', 'It appears twice.')
    """
    if sentence.startswith(_FENCES):
        return sentence
    rest = sentence
    while (lead := _LEAD.match(_straight(rest))) is not None and lead.end():
        rest = rest[lead.end() :]
    if not rest or _RULER.fullmatch(rest) or _announces(rest):
        return ""
    return rest if rest == sentence else _begun(rest)


def _straight(text: str) -> str:
    """With plain apostrophes; as long as it was."""
    return text.replace("\u2019", "'")


def _begun(rest: str) -> str:
    """With a capital, unless it begins with a name of code."""
    first = _WORD.match(rest)
    code = first is not None and ("_" in first[0] or any(map(str.isdigit, first[0])) or rest[first.end() :][:1] == "(")
    return rest if code else rest[0].upper() + rest[1:]


def _announces(rest: str) -> bool:
    """It says that something will be said, or how it feels, and nothing else."""
    found = _ANNOUNCED.match(_straight(rest))
    if found is None or len(_WORD.findall(rest)) > ANNOUNCEMENT_WORDS or _TELLING_IN_PLAIN.search(rest):
        return False
    if found["alone"]:
        return found.end() >= len(rest.rstrip(" .!?…:"))
    others = _WORD.findall(_straight(f"{found['between'] or ''} {rest[found.end() :]}".lower()))
    return all(word in _VAGUE for word in others)


def distinct(sentences: list[str], similar: float) -> list[str]:
    """Return the sentences without those that repeat an earlier one."""
    kept: list[str] = []
    seen: dict[tuple[str, ...], list[_Idea]] = {}
    for sentence in sentences:
        idea = _idea(sentence)
        earlier = seen.setdefault(idea.telling, [])
        leads = sentence.endswith(":")
        if leads or not idea.content or not any(_alike(idea, other, similar) for other in earlier):
            earlier.append(idea)
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
    if sentence.startswith(_FENCES):  # a grid between fences has its place in the text
        code = any(map(str.isalpha, sentence.partition("\n")[2]))
        return _Idea((sentence,), (sentence,), frozenset({sentence} if code else ()))
    words, telling, content = [], [], set()
    for token in _TOKEN.findall(_straight(sentence)):
        word = token if token.startswith("`") or token.endswith("(") else token.lower()
        if word in _TELLING or not word.replace("'", "").isalpha():
            telling.append(word)
            words.append(word)
        elif word not in _IDLE:
            content.add(_stem(word))
            words.append(_stem(word))
    return _Idea(tuple(telling), tuple(words), frozenset(content))


def _stem(word: str) -> str:
    """Without the ending that a change of number or tense brings."""
    for ending in ("'s", "ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def _alike(one: _Idea, other: _Idea, similar: float) -> bool:
    """Most content words in common, and what is in common in the same order; the telling words are the same."""
    common = one.content & other.content
    if len(common) < similar * len(one.content | other.content):
        return False
    told = common | set(one.telling)
    return [word for word in one.words if word in told] == [word for word in other.words if word in told]
