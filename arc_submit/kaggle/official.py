"""The official `kaggle` client, made patient: every repeat has a limit, no upload hangs, no failed file is skipped.

kaggle 2.2.4 leaves a file that could not be uploaded out of the dataset without an error, waits for ever on a server
that is silent, and starts a cut-off folder archive from nothing. `Patient` overrides the four methods behind that; all
else is the official client. Its notes about half-done uploads (`.kaggle/uploads` where temporary files are) stay as
they are: a second push asks how much arrived and goes on there.

Importing `kaggle` logs in, prints help, and ends the process where there are no credentials. So it is imported inside
`connect` only, with that held in check.
"""

import contextlib
import io
import os
import time
from collections.abc import Callable, Iterator, Sequence
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from arc_submit.kaggle.common import Say
from arc_submit.kaggle.limits import CARDS
from arc_submit.kaggle.trouble import CREDENTIALS, KaggleError

T = TypeVar("T")

ENDPOINT = "ARC_SUBMIT_KAGGLE_ENDPOINT"
"""Environment variable: a Kaggle API at another address (http://host:port), e.g. a stand-in on this machine."""
PAUSES = (1.0, 3.0, 10.0, 30.0)
"""Seconds before the second, third, ... try."""
SILENCE_SECONDS = 60.0
"""No byte for this long, and a connection counts as dead."""
LONGEST_WAIT_SECONDS = 600.0
"""A Retry-After beyond this is told, not waited for."""
Progress = Callable[[str, int, int], None]
"""(file, bytes done, bytes in all)"""


def persistently(
    call: Callable[[], T], sleep: Callable[[float], None], pauses: Sequence[float], say: Say, repeat: bool = True
) -> T:
    """Call, and again after a pause where that may help: 429 (after Retry-After), 5xx, a lost connection.

    Args:
        repeat: False for what must not happen twice (starting a run, a submission): then only after 429 and after a
            connection that never came about.
    """
    for number in range(len(pauses) + 1):
        try:
            return call()
        except Exception as error:
            pause = _pause(error, pauses[number], repeat) if number < len(pauses) else None
            if pause is None:
                raise
            say(f"Kaggle: {_short(error)}; next try in {pause:.0f} s")
            sleep(pause)
    raise AssertionError("unreachable")


def _pause(error: Exception, usual: float, repeat: bool) -> float | None:
    """Seconds to wait before the next try, None: there is no point in one."""
    from requests import exceptions
    from urllib3.exceptions import NewConnectionError

    if isinstance(error, exceptions.HTTPError) and error.response is not None:
        status = error.response.status_code
        if status == 429:
            asked = _retry_after(error.response.headers.get("Retry-After"))
            wait = usual if asked is None else asked
            return wait if wait <= LONGEST_WAIT_SECONDS else None
        return usual if repeat and status >= 500 else None
    if isinstance(error, exceptions.ConnectionError | exceptions.Timeout):
        never_sent = isinstance(error, exceptions.ConnectTimeout) or isinstance(
            getattr(error.args[0] if error.args else None, "reason", None), NewConnectionError
        )
        return usual if repeat or never_sent else None
    return None


def _retry_after(text: str | None) -> float | None:
    """Seconds; RFC 9110 allows a number or a date."""
    if text is None:
        return None
    with contextlib.suppress(ValueError):
        return max(0.0, float(text))
    with contextlib.suppress(ValueError):
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    return None


def _short(error: Exception) -> str:
    response = getattr(error, "response", None)
    return f"HTTP {response.status_code}" if response is not None else type(error).__name__


class Patient:
    """What is different from the official client; mixed into `KaggleApi` by `connect`."""

    MAX_UPLOAD_RESUME_ATTEMPTS = 5  # per file and push
    sleep: Callable[[float], None]
    pauses: Sequence[float]
    say: Say
    progress: Progress

    def with_retry(self, func: Callable[..., T], **_: Any) -> Callable[..., T]:
        return lambda *args, **kwargs: persistently(
            lambda: func(*args, **kwargs), self.sleep, self.pauses, self.say, repeat=True
        )

    def build_kaggle_client(self) -> Any:
        """Return the SDK's client with a limit on silence."""
        client = super().build_kaggle_client()  # type: ignore[misc]
        http = client.http_client()
        http._init_session()
        for scheme in ("http://", "https://"):
            http._session.mount(scheme, _impatient_adapter())
        return client

    def upload_files(
        self,
        request: Any,
        resources: Any,
        folder: str,
        blob_type: Any,
        upload_context: Any,
        quiet: bool = False,
        dir_mode: str = "skip",
        ignore_patterns: Any = None,
    ) -> None:
        """Upload the folder's files, all of them.

        Raises:
            KaggleError: a file did not arrive; what did arrive is remembered.
        """
        self.failed: dict[str, str] = {}
        super().upload_files(  # type: ignore[misc]
            request, resources, folder, blob_type, upload_context, quiet, dir_mode, ignore_patterns
        )
        wanted = [name for name in sorted(os.listdir(folder)) if name not in CARDS]
        if len(request.files) == len(wanted):
            return
        missing = [f"{Path(path).name} ({why})" for path, why in self.failed.items()]
        raise KaggleError(
            f"{folder}: {len(wanted) - len(request.files)} of {len(wanted)} files did not arrive: "
            f"{', '.join(missing) or 'the official client left them out without a reason'}; "
            "run the same command again: it goes on where it stopped"
        )

    def upload_complete(self, path: str, url: str, quiet: bool, resume: bool = False) -> Any:
        """Send one file to its upload address, from where the last try ended; one of `ResumableUploadResult`."""
        from kaggle.models.kaggle_models_extended import ResumableUploadResult as Result
        from requests import exceptions

        tries = self.tries[path] = self.tries.get(path, -1) + 1
        if tries:
            self.sleep(self.pauses[min(tries, len(self.pauses)) - 1] if self.pauses else 0.0)
        size = os.path.getsize(path)
        try:
            done = self._received(url, size) if resume else 0
            if done is None:  # the upload is no longer known there: forget it, so that the next push starts it anew
                self._forget(path)
                self.failed[path] = "the upload begun earlier has expired"
                return Result.FAILED
            if done < size or size == 0:
                status = self._send(path, url, done, size)
                if status >= 500 or status == 308:
                    self.failed[path] = f"cut off, HTTP {status}"
                    return Result.INCOMPLETE
                if status not in (200, 201):
                    self._forget(path)
                    self.failed[path] = f"refused with HTTP {status}"
                    return Result.FAILED
        except exceptions.RequestException as error:
            self.failed[path] = f"cut off, {type(error).__name__}"
            return Result.INCOMPLETE
        self.failed.pop(path, None)
        del self.tries[path]
        return Result.COMPLETE

    def _received(self, url: str, size: int) -> int | None:
        """Bytes that have arrived; None: that upload is no longer known."""
        import requests

        answer = requests.put(url, data=b"", headers={"Content-Range": f"bytes */{size}"}, timeout=SILENCE_SECONDS)
        if answer.status_code in (200, 201):
            return size
        if answer.status_code == 308:
            last = answer.headers.get("Range", "").rpartition("-")[2]
            return int(last) + 1 if last.isdigit() else 0
        if answer.status_code >= 500:
            raise requests.exceptions.ConnectionError(f"HTTP {answer.status_code}")
        return None

    def _send(self, path: str, url: str, start: int, size: int) -> int:
        """HTTP status of the answer."""
        import requests

        headers = {"Content-Range": f"bytes {start}-{size - 1}/{size}"} if start else {}
        with open(path, "rb") as file:
            file.seek(start)
            rest = _Rest(file, size - start, lambda done: self.progress(Path(path).name, start + done, size))
            body = rest if size else b""
            return int(requests.put(url, data=body, headers=headers, timeout=SILENCE_SECONDS).status_code)

    def _forget(self, path: str) -> None:
        from kaggle.api.kaggle_api_extended import ResumableUploadContext

        with contextlib.suppress(FileNotFoundError):
            os.remove(ResumableUploadContext().get_upload_info_file_path(path))

    tries: dict[str, int]


class _Rest:
    """The rest of a file as a request's body that says how far it is."""

    def __init__(self, file: BinaryIO, size: int, tell: Callable[[int], None]) -> None:
        self._file, self._size, self._tell, self._done = file, size, tell, 0

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[bytes]:
        while block := self.read(1 << 16):
            yield block

    def read(self, size: int = -1) -> bytes:
        block = self._file.read(size)
        self._done += len(block)
        self._tell(self._done)
        return block


def _impatient_adapter() -> Any:
    from requests.adapters import HTTPAdapter

    class Impatient(HTTPAdapter):  # type: ignore[misc]
        def send(self, request: Any, **settings: Any) -> Any:
            settings["timeout"] = settings.get("timeout") or SILENCE_SECONDS
            return super().send(request, **settings)

    return Impatient()


def connect(
    sleep: Callable[[float], None], pauses: Sequence[float], say: Say, progress: Progress, endpoint: str | None = None
) -> Any:
    """Return the official client, logged in.

    Raises:
        KaggleError: the package is missing, there are no credentials, or they are not usable.
        requests.RequestException: the credentials could not be asked about.
    """
    endpoint = endpoint or os.environ.get(ENDPOINT)
    quiet = io.StringIO()
    try:
        with contextlib.redirect_stdout(quiet), contextlib.redirect_stderr(quiet), _import_without_login():
            from kaggle.api.kaggle_api_extended import KaggleApi
            from kagglesdk import kaggle_env
    except ImportError as error:
        raise KaggleError(f"the package kaggle is missing ({error}): pip install kaggle==2.2.4 six==1.17.0") from error
    api: Any = type("Official", (Patient, KaggleApi), {})()
    api.sleep, api.pauses, api.say, api.progress = sleep, pauses, say, progress
    api.tries, api.failed, api.args = {}, {}, []
    if endpoint:
        kaggle_env._env_to_endpoint[kaggle_env.KaggleEnv.LOCAL] = endpoint.rstrip("/")
        api.args = ["--local"]
    try:
        with contextlib.redirect_stdout(quiet):
            persistently(api.authenticate, sleep, pauses, say)
    except SystemExit:
        raise KaggleError(_why_no_credentials(api, kaggle_env.get_access_token_from_env()[1])) from None
    return api


@contextlib.contextmanager
def _import_without_login() -> Iterator[None]:
    """Keep the import from asking the network: it would, with KAGGLE_API_TOKEN set, before anybody can say where."""
    token = os.environ.pop("KAGGLE_API_TOKEN", None)
    try:
        yield
    finally:
        if token is not None:
            os.environ["KAGGLE_API_TOKEN"] = token


def _why_no_credentials(api: Any, token_from: str | None) -> str:
    if token_from is not None:
        where = token_from if token_from == "KAGGLE_API_TOKEN" else "~/.kaggle/access_token"
        return f"the token in {where} is not valid (wrong, expired or withdrawn); {CREDENTIALS}"
    if os.path.exists(api.config):
        return f"{api.config}: expected JSON with username and key; {CREDENTIALS}"
    return f"no Kaggle credentials found: {CREDENTIALS}"
