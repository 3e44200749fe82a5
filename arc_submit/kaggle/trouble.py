"""What Kaggle's refusals mean, in words a person can act on.

One table, looked at from the top: HTTP status and a pattern over the server's own words. What is not in the table is
said as the server said it. Sources: the official client's own messages (kaggle 2.2.4), its issue tracker (#185, #433,
#545, #689, #1192), and Kaggle's page of submission errors.

Not here: what a run printed before it failed (`follow.CAUSES`).
"""

import re
from dataclasses import dataclass

from arc_submit.errors import UserError

CREDENTIALS = (
    "credentials may stand in KAGGLE_API_TOKEN, in ~/.kaggle/access_token, in ~/.kaggle/kaggle.json (chmod 600), or in "
    "KAGGLE_USERNAME and KAGGLE_KEY; make a token at kaggle.com/settings/api (Generate New Token), or run "
    "`kaggle auth login`"
)
RULES = "open kaggle.com/competitions/{competition}/rules, press Join Competition / I Understand and Accept"
VERIFY = "verify your phone (needed for GPU and internet) and identity (needed to submit) at kaggle.com/settings"


class KaggleError(UserError):
    """Kaggle refused, or could not be asked; the message says what and what to do."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        """HTTP status of the refusal; None where there was none."""


@dataclass(frozen=True)
class Known:
    """One refusal that people report."""

    status: tuple[int, ...]
    """HTTP status codes; empty: any, also a refusal inside an answer with status 200."""
    pattern: str
    """Regular expression over the server's words, case-insensitive; empty: whatever it says."""
    words: str
    """What it means and what to do; {about} is what was asked for, {competition} the competition's slug."""


KNOWN = (
    Known(
        (),
        r"maximum batch (gpu|tpu|cpu)? ?session count",
        "your account already runs as many sessions as it may (2 with a GPU): wait for one, or stop one at "
        "kaggle.com/code (View Active Events), then push again",
    ),
    Known(
        (),
        r"(gpu|tpu|accelerator).{0,30}quota|quota.{0,40}(exceeded|exhausted|used up|reached)",
        "the weekly accelerator quota is used up (4 x L4 counts double): it is renewed on Saturday 00:00 UTC; "
        "`arc-submit kaggle doctor` shows what is left",
    ),
    Known(
        (),
        r"(submission limit|daily limit|maximum.{0,20}submissions|submissions? (allowed|remaining).{0,20}(0|none))",
        "no submission is left today: the count starts anew at 00:00 UTC",
    ),
    Known(
        (),
        r"(phone|identity|persona).{0,30}verif|verif.{0,30}(phone|identity)",
        f"the account is not verified: {VERIFY}",
    ),
    Known(
        (),
        r"accept.{0,30}rules|rules.{0,30}accept|must (join|enter).{0,20}competition",
        f"the competition's rules are not accepted: {RULES}, then try again",
    ),
    Known(
        (),
        r"deadline|competition.{0,30}(closed|ended|over|not accepting)|not accepting submissions",
        "the competition takes no more submissions; push and a commit run still work",
    ),
    Known(
        (),
        r"^(kernel push error: )?notebook not found",
        "there is no such notebook of yours: take id_no out of kernel-metadata.json and check the owner in id",
    ),
    Known(
        (),
        r"not valid (dataset|competition|kernel|model) sources?",
        "sources must read owner/slug, without datasets/, c/ or code/ before it",
    ),
    Known(
        (),
        r"title.{0,40}(already in use|in use by|exists)|slug.{0,30}(taken|in use)",
        "the title or slug is taken by another of your things on Kaggle: choose another, or delete that one",
    ),
    Known((401,), "", f"Kaggle does not accept your credentials (wrong, expired or withdrawn): {CREDENTIALS}"),
    Known(
        (403,),
        "",
        "access to {about} is denied: it belongs to somebody else, is private, does not exist under that name, or the "
        f"competition's rules are not accepted ({RULES})",
    ),
    Known(
        (404,),
        "",
        "there is no {about}: check owner, slug and version; a competition that is closed answers so, too",
    ),
    Known((409,), "", "{about} is being changed or exists already: wait a minute and try again"),
    Known((413,), "", "{about} is too large for Kaggle (200 GB per dataset, about 1 MB for a notebook)"),
    Known((429,), "", "too many requests: Kaggle wants you to wait; try again later"),
    Known((500, 502, 503, 504), "", "Kaggle has trouble of its own; try again later (kaggle.com/status tells more)"),
)


def known(status: int | None, said: str) -> str | None:
    """Return the words of the first line of the table that fits."""
    for line in KNOWN:
        fits = status in line.status if line.status else bool(said)
        if fits and re.search(line.pattern, said, re.IGNORECASE | re.DOTALL):
            return line.words
    return None


def refusal(doing: str, about: str, said: str, status: int | None = None, competition: str = "<slug>") -> KaggleError:
    """Return the error for a refusal: what was being done, what it means, and what Kaggle said."""
    said = " ".join(said.split())[:300]
    words = known(status, said)
    code = f"HTTP {status}" if status else "refused"
    quoted = f"{code}: {said}" if said else code
    if words is None:
        return KaggleError(f"{doing}: {quoted}", status)
    return KaggleError(f"{doing}: {words.format(about=about, competition=competition)} ({quoted})", status)
