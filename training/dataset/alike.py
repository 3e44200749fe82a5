"""May datasets be learnt from together? One version of prompts, one writer's settings, one tokenizer."""

from arc_submit.errors import DataError
from training.dataset.store import About


class MixtureError(DataError):
    """Datasets that must not be joined."""


def check_alike(first: tuple[str, About], *others: tuple[str, About]) -> None:
    """Make sure that datasets may be learnt from together.

    Args:
        first: a dataset's name and what it is; so are the others.

    Raises:
        MixtureError: other prompts, or another tokenizer.
    """
    name, one = first
    for other_name, other in others:
        pair = f"{name} and {other_name}"
        if one.version != other.version:
            raise MixtureError(
                f"{pair} have prompts of {one.version} and {other.version}: a model tuned on one does badly on the "
                f"other; build both again with one version"
            )
        if one.prompts != other.prompts:
            ours, theirs = one.prompts.model_dump(), other.prompts.model_dump()
            key = next(key for key in ours if ours[key] != theirs[key])
            raise MixtureError(
                f"{pair} have prompts.{key} {ours[key]} and {theirs[key]}: a model wants one; "
                f"build both again with the same --set prompts.{key}=..."
            )
        if one.fingerprint != other.fingerprint:
            raise MixtureError(
                f"{pair} were counted with different tokenizers ({one.model or '?'} and {other.model or '?'}); "
                f"build both again with the same --model"
            )
