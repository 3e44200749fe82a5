"""Answers behind their prompt: several examples of one prompt in one row, each seeing the prompt and itself.

    prompt ......... | answer 1 ... | answer 2 ... |        P places, then G times N places

A group of eight answers costs one prompt, not eight. Attention is cut where the prompt ends: the prompt attends to
itself, causally; all answers attend, as a batch, to the prompt's keys and their own. So no mask over a whole row is
needed, and the work grows with the answers' number, not its square (docs/LOG.md: three times as fast as trl's step).

Left out: answers that share more than the prompt. Letters: R rows, P prompt places, G answers of a row, N places of an
answer, S examples, H heads, D head size. Shorter prompts, answers and groups are padded at their right end.
"""

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from arc_submit.adapt.records import Example


class Rows:
    """Tensors of some rows, and the attention over them; stands where the engine's batch does (`hf.attend`).

    Args:
        rows: examples, those of a row with one prompt.
    """

    def __init__(self, rows: Sequence[Sequence[Example]], device: Any) -> None:
        prompts = [len(row[0].prompt) for row in rows]
        examples = [example for row in rows for example in row]
        self.places, self.group = max(prompts), max(map(len, rows))
        self.length = max(len(example.answer) for example in examples)
        columns = self.places + self.group * self.length
        ids, positions = torch.zeros(2, len(rows), columns, dtype=torch.long)
        mask = torch.zeros(len(examples), self.length, dtype=torch.bool)
        at: list[tuple[int, int]] = []
        wanted: list[int] = []
        for row, members in enumerate(rows):
            ids[row, : prompts[row]] = torch.tensor(members[0].prompt)
            positions[row, : prompts[row]] = torch.arange(prompts[row])
            for number, example in enumerate(members):
                begin, count = self.places + number * self.length, len(example.answer)
                ids[row, begin : begin + count] = torch.tensor(example.answer)
                positions[row, begin : begin + count] = torch.arange(prompts[row], prompts[row] + count)
                at += [(row, prompts[row] - 1), *((row, place) for place in range(begin, begin + count - 1))]
                wanted += example.answer
        for number, example in enumerate(examples):
            mask[number, : len(example.answer)] = True
        self.ids_R_T, self.positions_R_T = ids.to(device), positions.to(device)
        self.mask_S_N = mask.to(device)
        """Where there is an answer token."""
        self.at = torch.tensor(at, device=device).unbind(-1)
        """Row and column that predict each answer token, in the order of the mask."""
        self.wanted = torch.tensor(wanted, device=device)
        """Id of each answer token."""
        self.tokens = sum(prompts) + len(wanted)
        """Prompts, once a row, and answers; no padding."""
        self._seen = self._sight(torch.tensor(prompts)).to(device)

    def attend(self, layer: int, query: Tensor, keys: Tensor, values: Tensor, scaling: float) -> Tensor:
        """Return the attention of every place, (R, P + G * N, H, D); query and keys are (R, heads, P + G * N, D)."""
        repeats = query.shape[1] // keys.shape[1]
        if repeats > 1:
            keys, values = keys.repeat_interleave(repeats, 1), values.repeat_interleave(repeats, 1)
        q, k, v = (part[:, :, : self.places] for part in (query, keys, values))
        prompt = F.scaled_dot_product_attention(q, k, v, is_causal=True, scale=scaling)
        own_q, own_k, own_v = (self._split(part) for part in (query, keys, values))
        k, v = torch.cat([self._shared(k), own_k], 2), torch.cat([self._shared(v), own_v], 2)
        answers = F.scaled_dot_product_attention(own_q, k, v, attn_mask=self._seen, scale=scaling)
        return torch.cat([prompt, self._joined(answers)], 2).transpose(1, 2).contiguous()

    def _sight(self, prompts: Tensor) -> Tensor:
        """(R * G, 1, N, P + N) bool: an answer's token sees its prompt, and its answer up to itself."""
        whole = (torch.arange(self.places) < prompts[:, None])[:, None, None, None].expand(
            -1, self.group, 1, self.length, -1
        )
        own = torch.ones(self.length, self.length, dtype=torch.bool).tril().expand(len(prompts), self.group, 1, -1, -1)
        return torch.cat([whole, own], -1).flatten(0, 1)

    def _split(self, part: Tensor) -> Tensor:
        """(R, H, P + G * N, D) -> (R * G, H, N, D)."""
        return part[:, :, self.places :].unflatten(2, (self.group, self.length)).transpose(1, 2).flatten(0, 1)

    def _shared(self, head: Tensor) -> Tensor:
        """(R, H, P, D) -> (R * G, H, P, D), the same for all answers of a row."""
        return head[:, None].expand(-1, self.group, -1, -1, -1).flatten(0, 1)

    def _joined(self, answers: Tensor) -> Tensor:
        """(R * G, H, N, D) -> (R, H, G * N, D)."""
        return answers.unflatten(0, (-1, self.group)).transpose(1, 2).flatten(2, 3)
