"""Messages to token ids: the one place, so that every engine and the training see the same ids.

The tokenizer is read from `tokenizer.json` as it stands. The library's automatic choice goes by the model's family
instead and puts that family's own splitting rules in place of the file's, which changes the ids of a tokenizer trained
for this kit. Which ids end an answer is the checkpoint's word and the tokenizer's.
"""

from pathlib import Path
from typing import Any

from arc_submit.errors import WeightsError
from arc_submit.records import Prompt


def load_tokenizer(folder: Path) -> Any:
    """Return the tokenizer of a model folder; brings in transformers.

    Raises:
        WeightsError: the files do not make a tokenizer.
    """
    from transformers import PreTrainedTokenizerFast

    try:
        tokenizer = PreTrainedTokenizerFast.from_pretrained(folder, local_files_only=True)
    except Exception as error:  # the tokenizers library raises bare Exception on a damaged file
        raise WeightsError(f"{folder}/tokenizer.json: cannot be read ({_line(error)}); save it again") from None
    if tokenizer.eos_token_id is None:
        raise WeightsError(f"{folder}: the tokenizer names no eos_token; add it to tokenizer_config.json")
    return tokenizer


def render(tokenizer: Any, prompt: Prompt) -> list[int]:
    """Return the ids of a prompt under the tokenizer's chat template, opened for the assistant's turn."""
    messages = [{"role": message.role, "content": message.content} for message in prompt.messages]
    ids = tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=True, return_dict=False)
    return list(ids)


def answer(tokenizer: Any, text: str) -> list[int]:
    """Return the ids of an assistant's turn, its end token last."""
    return [*tokenizer.encode(text, add_special_tokens=False), tokenizer.eos_token_id]


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
