"""One home per failure.

A fault made by a program is data (`records.Fault`), never an exception. A mistake of the person at the keyboard is a
`UserError`: one line that says what to do, exit code 2. Anything else is a bug or a broken machine: it raises and is
seen.
"""


class ArcSubmitError(Exception):
    """Base of every error that the kit raises on purpose."""


class UserError(ArcSubmitError):
    """Bad input: the message names the file or option, the task and what was expected. Exit code 2."""


class DataError(UserError, ValueError):
    """A task file that is missing, unreadable or not what the ARC format says."""


class ConfigError(UserError, ValueError):
    """An unknown preset, key or value."""


class ResumeError(UserError):
    """A run folder that belongs to other settings or other data."""


class OutputError(UserError, OSError):
    """A result that cannot be written; what was written before stays valid."""


class WeightsError(UserError, ValueError):
    """A checkpoint, adapter or tokenizer that is missing, damaged, of the wrong kind, or not for this base."""


class PromptError(UserError, ValueError):
    """A prompt that does not fit the model's context even after everything that may be dropped was dropped."""


class EngineError(ArcSubmitError, RuntimeError):
    """A language-model engine that could not be started, or failed again after every retry."""


class SandboxError(ArcSubmitError, RuntimeError):
    """The sandbox could not be started or fell below what `sandbox.require` asks for."""


class ExtractError(ArcSubmitError, ValueError):
    """Model text without a usable program; the message says why. Counted by reason, never fatal."""


NO_MEMORY = ("out of memory", "not enough memory", "allocate memory", "failed to allocate", "no memory")
"""How torch, CUDA and the system say that memory has run out, in lower case."""
