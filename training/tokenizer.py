"""The small model's own tokenizer: one token per DSL name, fact and row piece; lossless on any text.

Text is cut into pieces by one regular expression; a piece in the vocabulary is one token, any other goes byte by byte.
There are no merges to learn, so the vocabulary is this file. Rows of a grid go three digits to a token, a row's end
sharing the last one: the median ARC-AGI-1 evaluation task takes under 500 tokens. A call `x2 = fill(I, THREE, x1)` is
six: `x2 = `, `fill(`, `I`, `, THREE`, `, x1`, `)` with the line's end.

    python -m training.tokenizer weights/small
"""

import itertools
import sys
from pathlib import Path
from typing import Any

from arc_submit.dsl.registry import CONSTANTS, PRIMITIVES
from arc_submit.prompts.compact import WORDS
from arc_submit.prompts.facts import vocabulary

PAD, END, SYSTEM, USER, ASSISTANT = SPECIAL = ("<|pad|>", "<|end|>", "<|system|>", "<|user|>", "<|assistant|>")
VARIABLES = 40  # lines of a program whose names are single tokens
GROUP = 3  # digits of a row in one token

PIECES = "|".join(
    (
        r"def solve\(I\):\n",
        r"    return O\n",
        r"    (?:x[0-9]+|O) = ",
        r", [A-Za-z_][A-Za-z0-9_]*\(?",
        r"[A-Za-z_][A-Za-z0-9_]*\(",
        r" [a-z][a-z0-9-]*",
        r"[a-z]+\n",
        r"[A-Za-z_][A-Za-z0-9_]*",
        rf"[0-9]{{1,{GROUP}}}\n?",
        r"\)+\n?",
        r", ",
        r"[^A-Za-z0-9_\s]+|\s",
    )
)
"""What may be one token; earlier alternatives win. Characters that none of them takes stand alone."""

TEMPLATE = (
    "{% for message in messages %}"
    "{% if message['role'] == 'assistant' %}<|assistant|>{% elif message['role'] == 'system' %}<|system|>"
    "{% else %}<|user|>{% endif %}"
    "{{ message['content'] }}{% if message['role'] == 'assistant' %}<|end|>{% endif %}"
    "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


def pieces() -> list[str]:
    """Return every piece that is one token, in the order of ids that follow the special tokens and the bytes."""
    variables = [f"x{number}" for number in range(1, VARIABLES + 1)]
    names = [*PRIMITIVES, *CONSTANTS, "I", "O", *variables]
    found = ["def solve(I):\n", "    return O\n", *(f"    {name} = " for name in [*variables, "O"])]
    for name in names:
        found += [name, f", {name}"]
    for name in [*PRIMITIVES, *variables]:
        found += [f"{name}(", f", {name}("]
    found += [f" {word}" for word in (*vocabulary(), *WORDS)]
    found += [f"{word}\n" for word in WORDS]
    found += [", ", "))", ")))", ")\n", "))\n", ")))\n"]
    for length in range(1, GROUP + 1):
        for digits in itertools.product("0123456789", repeat=length):
            found += ["".join(digits), "".join(digits) + "\n"]
    return list(dict.fromkeys(found))


def build() -> Any:
    """Return the tokenizer (transformers' fast tokenizer), chat template included."""
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    spell = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    spelled = ["".join(part for part, _ in spell.pre_tokenize_str(piece)) for piece in pieces()]
    entries = list(dict.fromkeys([*SPECIAL, *alphabet, *spelled]))
    vocabulary_ids = {text: number for number, text in enumerate(entries)}
    core = Tokenizer(models.BPE(vocab=vocabulary_ids, merges=[], ignore_merges=True))
    core.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(PIECES), "isolated"), spell])
    core.decoder = decoders.ByteLevel()
    core.add_special_tokens(list(SPECIAL))
    return PreTrainedTokenizerFast(
        tokenizer_object=core,
        pad_token=PAD,
        eos_token=END,
        chat_template=TEMPLATE,
        clean_up_tokenization_spaces=False,
        model_max_length=4096,
    )


if __name__ == "__main__":
    build().save_pretrained(Path(sys.argv[1]))
