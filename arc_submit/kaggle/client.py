"""One person's access to Kaggle: what the verbs ask for, as plain records, with clear words when it fails.

Requests go through the official client (`official.connect`), in this process. Where its wrappers drop something (the
version in owner/slug/version, model sources that were refused) the same client's lower layer is asked.

Not here: what is pushed and in which order (`push`), waiting (`follow`), judging what came back (`follow`, `submit`).
"""

import contextlib
import importlib
import io
import json
import os
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from arc_submit.errors import OutputError, UserError
from arc_submit.kaggle import official
from arc_submit.kaggle.common import Say, on_disk
from arc_submit.kaggle.official import PAUSES, SILENCE_SECONDS, Progress
from arc_submit.kaggle.trouble import KaggleError, refusal

__all__ = ["Client", "KaggleError", "Kernel", "Limits", "Output", "Quota", "Session", "Submission"]

T = TypeVar("T")

READY, LOST = "ready", ("failed", "deleted")
"""States of a dataset version that end the waiting."""
_PAGE = 200


@dataclass(frozen=True)
class Kernel:
    """A notebook on Kaggle."""

    owner: str
    slug: str
    version: int | None = None
    """None: the latest."""

    @classmethod
    def parse(cls, text: str, owner: str) -> "Kernel":
        """Read `slug`, `owner/slug` or `owner/slug/version`; a bare slug is the user's own.

        Raises:
            KaggleError: something else.
        """
        parts = text.strip().removeprefix("https://").removeprefix("www.").removeprefix("kaggle.com/code/").split("/")
        if len(parts) == 1:
            parts = [owner, *parts]
        if len(parts) > 3 or not all(parts) or (len(parts) == 3 and not parts[2].isdigit()):
            raise KaggleError(f"{text!r}: expected a notebook as slug, owner/slug or owner/slug/version")
        if len(parts[1]) < 5:
            raise KaggleError(f"{text!r}: the slug {parts[1]!r} is too short; Kaggle's have five letters or more")
        return cls(parts[0], parts[1], int(parts[2]) if len(parts) == 3 else None)

    @property
    def ref(self) -> str:
        return f"{self.owner}/{self.slug}"

    @property
    def url(self) -> str:
        return f"https://www.kaggle.com/code/{self.ref}"

    def __str__(self) -> str:
        return self.ref if self.version is None else f"{self.ref}/{self.version}"


@dataclass(frozen=True)
class Dataset:
    """Where a dataset stands."""

    state: str
    """ready, failed, ... in Kaggle's words. Just after an upload it may still be the version before's."""
    version: int | None
    """The current one; None: Kaggle does not tell."""


@dataclass(frozen=True)
class Session:
    """Where a run stands."""

    state: str
    """QUEUED, RUNNING, COMPLETE, ERROR, CANCEL_REQUESTED, CANCEL_ACKNOWLEDGED, NEW_SCRIPT."""
    message: str = ""
    """What Kaggle says about a failure."""


@dataclass(frozen=True)
class Output:
    """A file that a run left."""

    name: str
    url: str


@dataclass(frozen=True)
class Limits:
    """Submissions of the user's team."""

    today: int
    total: int
    left: int
    """That may be made now."""
    by_total: bool
    """It is the total, not the day, that limits."""


@dataclass(frozen=True)
class Submission:
    """One submission and what became of it."""

    ref: int
    state: str
    """PENDING, COMPLETE, ERROR."""
    public: str
    """Score on the public leaderboard; empty: none yet."""
    private: str
    error: str
    description: str
    date: str


@dataclass(frozen=True)
class Quota:
    """Accelerator time of this week, in hours."""

    used: float
    total: float
    renewed: str
    """ISO date; empty where Kaggle does not say."""

    @property
    def left(self) -> float:
        return max(0.0, self.total - self.used)


class Client:
    """Kaggle as one user sees it. Every method may raise KaggleError."""

    def __init__(
        self,
        say: Say = lambda text: None,
        progress: Progress = lambda name, done, total: None,
        sleep: Callable[[float], None] = time.sleep,
        pauses: Sequence[float] = PAUSES,
        endpoint: str | None = None,
    ) -> None:
        """Log in.

        Args:
            say: told what a person should know while they wait.
            progress: told how far an upload or download is.
            pauses: seconds before each further try; empty: no second try.
            endpoint: address of the API; None: ARC_SUBMIT_KAGGLE_ENDPOINT, else the official one.
        """
        self._sleep, self._pauses, self._say, self._progress = sleep, pauses, say, progress
        self._printed = io.StringIO()
        self._api = self._ask("logging in", lambda: official.connect(sleep, pauses, say, progress, endpoint), "account")
        self.user: str = self._api.config_values["username"]
        self.credentials: str = self._api.config_values["auth_method"].lower().replace("_", " ")

    # notebooks

    def push_kernel(self, folder: Path, accelerator: str | None, timeout_seconds: int | None) -> dict[str, Any]:
        """Save and run; return Kaggle's answer (versionNumber, url, invalid...Sources). Never repeated by itself."""
        timeout = None if timeout_seconds is None else str(timeout_seconds)
        answer = self._ask(
            "pushing the notebook", lambda: self._api.kernels_push(str(folder), timeout, accelerator), "notebook", False
        )
        found = _plain(answer)
        if found.get("error"):
            raise refusal("pushing the notebook", "notebook", str(found["error"]))
        return found

    def kernel(self, kernel: Kernel) -> dict[str, Any]:
        """Return what Kaggle keeps about a notebook (machineShape, enableInternet, ...DataSources, dockerImage)."""
        request = _request("kernels", "ApiGetKernelRequest", **_address(kernel))
        answer = self._call(f"reading {kernel}", "kernels.kernels_api_client.get_kernel", request, f"notebook {kernel}")
        return dict(_plain(answer).get("metadata") or {})

    def kernel_version(self, kernel: Kernel) -> int | None:
        """Return the current version of a notebook; None: there is none, or Kaggle does not tell."""
        try:
            return int(self.kernel(kernel).get("currentVersionNumber") or 0) or None
        except KaggleError as error:
            if error.status in (403, 404):
                return None
            raise

    def session(self, kernel: Kernel) -> Session:
        request = _request("kernels", "ApiGetKernelSessionStatusRequest", **_address(kernel))
        doing = f"status of {kernel}"
        answer = self._call(doing, "kernels.kernels_api_client.get_kernel_session_status", request, f"run of {kernel}")
        return Session(answer.status.name, answer.failure_message or "")

    def outputs(self, kernel: Kernel) -> tuple[list[Output], str]:
        """Return the files that a run left, and its log as Kaggle keeps it (a JSON list of stream, time, data)."""
        found: list[Output] = []
        log, page = "", None
        while True:
            request = _request(
                "kernels", "ApiListKernelSessionOutputRequest", **_address(kernel), page_size=_PAGE, page_token=page
            )
            doing = f"output of {kernel}"
            answer = self._call(
                doing, "kernels.kernels_api_client.list_kernel_session_output", request, f"output of {kernel}"
            )
            found += [Output(file.file_name, file.url) for file in answer.files or ()]
            log = log or answer.log or ""
            page = answer.next_page_token
            if not page:
                return found, log

    def download(self, output: Output, to: Path) -> int:
        """Fetch one file, whole or not at all; return its bytes."""
        import requests

        def fetch() -> int:
            with requests.get(output.url, stream=True, timeout=SILENCE_SECONDS) as response:
                response.raise_for_status()
                total = int(response.headers.get("Content-Length") or 0)
                draft = to.with_name(f"{to.name}.part")
                done = 0
                with open(draft, "wb") as file:
                    for block in response.iter_content(1 << 20):
                        done += file.write(block)
                        self._progress(output.name, done, total)
                if total and done != total:
                    raise requests.exceptions.ConnectionError(f"{done} of {total} bytes")
                os.replace(draft, to)
                return done

        return self._ask(f"fetching {output.name}", fetch, f"output file {output.name}")

    def quota(self) -> Quota | None:
        """Return this week's GPU hours; None where Kaggle does not say."""
        answer = self._ask("reading the quota", self._api.quota_view, "quota")
        gpu = answer.gpu_quota
        if gpu is None or gpu.total_time_allowed is None:
            return None
        used = gpu.time_used.total_seconds() / 3600 if gpu.time_used else 0.0
        renewed = answer.quota_refresh_time.isoformat() if answer.quota_refresh_time else ""
        return Quota(used, gpu.total_time_allowed.total_seconds() / 3600, renewed)

    # datasets and models

    def dataset(self, ref: str) -> Dataset | None:
        """Return where a dataset stands; None: there is no such dataset of this user."""
        wanted = "json(status,current_version_number)"
        try:
            answer = self._ask(f"status of {ref}", lambda: self._api.dataset_status(ref, wanted), f"dataset {ref}")
        except KaggleError as error:
            if error.status in (403, 404):  # Kaggle answers 403 for what does not exist
                return None
            raise
        found = json.loads(answer)
        return Dataset(str(found["status"]), found["current_version_number"] or None)

    def upload_dataset(self, folder: Path, notes: str, new: bool) -> None:
        """Upload a folder without sub-folders as a new private dataset, or as a new version of one."""
        doing = f"uploading {folder.name}"
        with self._explained(doing, f"dataset {folder.name}"):
            if new:
                answer = self._api.dataset_create_new(str(folder), False, True, False)
            else:
                answer = self._api.dataset_create_version(str(folder), notes, True, False)
        if str(answer.status).lower() != "ok":
            raise refusal(doing, f"dataset {folder.name}", str(answer.error or answer.status))

    def model_version(self, ref: str) -> int | None:
        """Return the newest version of owner/model/framework/variation; None: there is none."""
        try:
            answer = self._ask(f"reading {ref}", lambda: self._api.model_instance_get(ref), f"model {ref}")
        except KaggleError as error:
            if error.status in (403, 404):
                return None
            raise
        return int(answer.version_number)

    def has_model(self, ref: str) -> bool:
        try:
            self._ask(f"reading {ref}", lambda: self._api.model_get(ref), f"model {ref}")
        except KaggleError as error:
            if error.status in (403, 404):
                return False
            raise
        return True

    def create_model(self, folder: Path) -> None:
        """Make the model that variations hang on."""
        answer = self._ask("making the model", lambda: self._api.model_create_new(str(folder)), "model")
        if answer.error:
            raise refusal("making the model", "model", str(answer.error))

    def upload_model(self, folder: Path, notes: str, ref: str | None) -> None:
        """Upload a folder as a new variation (ref None), or as a new version of owner/model/framework/variation."""
        doing = "uploading the weights"
        with self._explained(doing, f"model {ref or folder}"):
            if ref is None:
                answer = self._api.model_instance_create(str(folder), True)
            else:
                answer = self._api.model_instance_version_create(ref, str(folder), notes, True)
        if answer.error:
            raise refusal(doing, "model", str(answer.error))

    # competitions

    def limits(self, competition: str) -> Limits:
        answer = self._ask(
            "counting submissions",
            lambda: self._api.competition_get_submission_limits(competition),
            f"competition {competition}",
            competition=competition,
        )
        return Limits(answer.num_today, answer.num_total, answer.num_allowed_now, bool(answer.limited_by_total))

    def competition_files(self, competition: str) -> list[str]:
        answer = self._ask(
            f"listing the files of {competition}",
            lambda: self._api.competition_list_files(competition, page_size=_PAGE),
            f"competition {competition}",
            competition=competition,
        )
        return [str(file.name) for file in answer.files or ()]

    def competition_file(self, competition: str, name: str, to: Path) -> None:
        """Fetch one file of the competition's data; Kaggle wants the rules accepted for that."""
        with on_disk(to):
            to.mkdir(parents=True, exist_ok=True)
            self._ask(
                f"fetching {name} of {competition}",
                lambda: self._api.competition_download_file(competition, name, str(to), force=True, quiet=True),
                f"file {name} of {competition}",
                competition=competition,
            )
            packed = to / f"{name}.zip"
            if packed.is_file():  # Kaggle zips larger files on their way
                try:
                    with zipfile.ZipFile(packed) as archive:
                        archive.extract(name, to)
                except (zipfile.BadZipFile, KeyError) as error:
                    raise KaggleError(f"{packed}: not a zip that holds {name} ({error}); fetch it again") from error
                packed.unlink()

    def may_download(self, competition: str, name: str) -> None:
        """Ask for a file of the competition without fetching it; a refusal raises."""
        request = _request(
            "competitions", "ApiDownloadDataFileRequest", "competition", competition_name=competition, file_name=name
        )
        self._call(
            f"asking for {name} of {competition}",
            "competitions.competition_api_client.download_data_file",
            request,
            f"file {name} of {competition}",
        )

    def submit(self, kernel: Kernel, competition: str, file: str, message: str) -> int:
        """Submit the file that a version left; return the submission's number (0: not told). Never repeated."""
        answer = self._ask(
            f"submitting {kernel}",
            lambda: self._api.competition_submit_code(file, message, competition, kernel.ref, kernel.version, True),
            f"competition {competition} or version {kernel}",
            repeat=False,
            competition=competition,
        )
        return int(answer.ref or 0)

    def submissions(self, competition: str) -> list[Submission]:
        """Return the newest submissions, newest first."""
        found = self._ask(
            "listing submissions",
            lambda: self._api.competition_submissions(competition),
            f"competition {competition}",
            competition=competition,
        )
        return [
            Submission(
                ref=one.ref,
                state=one.status.name,
                public=one.public_score or "",
                private=one.private_score or "",
                error=one.error_description or "",
                description=one.description or "",
                date=one.date.isoformat() if one.date else "",
            )
            for one in found or ()
        ]

    # how all of them ask

    def _call(self, doing: str, method: str, request: Any, about: str) -> Any:
        def call() -> Any:
            with self._api.build_kaggle_client() as kaggle:
                target = kaggle
                for name in method.split("."):
                    target = getattr(target, name)
                return target(request)

        return self._ask(doing, call, about)

    def _ask(
        self, doing: str, call: Callable[[], T], about: str, repeat: bool = True, competition: str = "<slug>"
    ) -> T:
        with self._explained(doing, about, repeat, competition):
            return official.persistently(call, self._sleep, self._pauses, self._say, repeat)
        raise AssertionError("unreachable")

    @contextlib.contextmanager
    def _explained(self, doing: str, about: str, repeat: bool = True, competition: str = "<slug>") -> Iterator[None]:
        """Turn what the client raises into a KaggleError; what it prints is kept from standard output."""
        try:
            from requests import exceptions
        except ImportError as error:
            raise KaggleError(f"the package requests is missing: pip install kaggle==2.2.4 ({error})") from error
        try:
            with contextlib.redirect_stdout(self._printed):
                yield
        except UserError:
            raise
        except exceptions.HTTPError as error:
            response = error.response
            status = None if response is None else response.status_code
            raise refusal(doing, about, _said(response), status, competition) from error
        except exceptions.RequestException as error:
            unsure = "" if repeat else "; it may have arrived all the same: look at kaggle.com before you try again"
            told = f"{doing}: no answer from Kaggle ({type(error).__name__}): check the network{unsure}"
            raise KaggleError(told) from error
        except json.JSONDecodeError as error:
            raise KaggleError(
                f"{doing}: the answer is not Kaggle's: does a proxy or a login page of your network stand between?"
            ) from error
        except (ValueError, KeyError) as error:  # the official client's own checks
            raise KaggleError(f"{doing}: {error}") from error
        except OSError as error:
            raise OutputError(f"{doing}: {error.filename or 'this machine'}: {error.strerror or error}") from error


def _address(kernel: Kernel) -> dict[str, Any]:
    version = None if kernel.version is None else str(kernel.version)
    return {"user_name": kernel.owner, "kernel_slug": kernel.slug, "version_label": version}


def _request(room: str, name: str, service: str | None = None, **fields: Any) -> Any:
    request = getattr(importlib.import_module(f"kagglesdk.{room}.types.{service or room}_api_service"), name)()
    for field, value in fields.items():
        if value is not None:
            setattr(request, field, value)
    return request


def _plain(answer: Any) -> dict[str, Any]:
    return dict(answer.to_dict(ignore_defaults=False))


def _said(response: Any) -> str:
    """The server's own words, without markup, and without the address: it may hold a signature."""
    if response is None:
        return ""
    try:
        body = response.json()
    except ValueError:
        text = str(response.text).strip()
        return str(response.reason or "") if not text or text.startswith("<") else text
    return str(body.get("message") or body.get("error") or "") if isinstance(body, dict) else ""
