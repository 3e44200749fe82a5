"""A stand-in for Kaggle: a server on 127.0.0.1 that speaks the routes the official client calls, and fails at will.

It keeps datasets, models, notebooks with versions, runs that go QUEUED -> RUNNING -> COMPLETE, submissions and quotas
in memory. Uploads follow the resumable protocol of Google Cloud Storage: PUT with Content-Range, 308 with Range.

`fail` and `hang_up` make the next calls of a route fail; attributes of `Kaggle` change what it knows and allows.
"""

import base64
import json
import re
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

USER, KEY, TOKEN = "me", "k" * 32, "KGAT_" + "t" * 32
COMPETITION = "arc-prize-2026-arc-agi-2"


@dataclass
class Fault:
    """What the next `times` calls of a route get instead of an answer."""

    status: int
    """0: the connection ends without an answer."""
    message: str
    times: int
    headers: dict[str, str]


@dataclass
class Blob:
    """One file on its way."""

    name: str
    size: int
    content: bytes = b""


@dataclass
class Run:
    """One version of a notebook and its run."""

    asked: dict[str, Any]
    """The push, as the client sent it."""
    kept: dict[str, Any]
    """What Kaggle made of it."""
    states: list[str]
    """What the next looks find; the last one stays."""
    message: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    log: str = ""


class Refused(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


class Kaggle:
    """The state; `with Kaggle() as kaggle:` serves it at `kaggle.url`."""

    def __init__(self) -> None:
        self.datasets: dict[str, list[dict[str, bytes]]] = {}
        self.dataset_states: list[str] = ["READY"]
        """What the next looks at a dataset find; the last one stays."""
        self.late = 0
        """So many looks after an upload, a dataset or model still shows the version before."""
        self.models: dict[str, list[dict[str, bytes]]] = {}
        """owner/model/framework/variation -> versions"""
        self.model_pages: set[str] = set()
        self.kernels: dict[str, list[Run]] = {}
        self.states = ["QUEUED", "RUNNING", "COMPLETE"]
        """What a run that begins will go through."""
        self.drop: set[str] = set()
        """Sources that are dropped without a word."""
        self.replaced: dict[str, str] = {}
        """Machine asked for -> machine given."""
        self.internet: bool | None = None
        """True: on, whatever was asked for."""
        self.sessions_full = False
        self.rules_accepted = True
        self.closed = False
        self.limits = {"numToday": 0, "numTotal": 5, "numAllowedNow": 1}
        self.gpu_seconds = (3600, 108000)
        """(used, allowed)"""
        self.submissions: list[dict[str, Any]] = []
        self.scores: list[tuple[str, str]] = [("PENDING", ""), ("COMPLETE", "12.5")]
        """(state, public score) that the next looks at a submission find."""
        self.competition_files: dict[str, bytes] = {"arc-agi_test_challenges.json": b"{}"}
        self.cut_uploads: list[int] = []
        """The next uploads end after so many bytes."""
        self.upload_status = 0
        """Not 0: every upload is answered with it."""
        self.blobs: dict[str, Blob] = {}
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.sent = 0
        """Bytes received by uploads, repeats included."""
        self._faults: dict[str, Fault] = {}
        self._late: dict[str, int] = {}

    def fail(self, route: str, status: int, message: str = "", times: int = 1, **headers: str) -> None:
        self._faults[route] = Fault(status, message, times, {k.replace("_", "-"): v for k, v in headers.items()})

    def hang_up(self, route: str, times: int = 1) -> None:
        self._faults[route] = Fault(0, "", times, {})

    def named(self, route: str) -> list[dict[str, Any]]:
        """The bodies of all calls of a route."""
        return [body for name, body in self.calls if name == route]

    def fault(self, route: str) -> Fault | None:
        fault = self._faults.get(route)
        if fault is None or fault.times < 1:
            return None
        fault.times -= 1
        return fault

    def __enter__(self) -> "Kaggle":
        kaggle = self

        class Bound(_Handler):
            state = kaggle

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Bound)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    # what a person did on Kaggle before

    def add_run(self, ref: str, state: str = "COMPLETE", **files: bytes | str) -> Run:
        """A version that has run; `verdict_json=...` leaves verdict.json."""
        left = {
            name.replace("_", "."): text.encode() if isinstance(text, str) else text for name, text in files.items()
        }
        run = Run({}, {"ref": ref}, [state], files=left)
        self.kernels.setdefault(ref, []).append(run)
        return run

    # routes, by name

    def introspect_token(self, body: dict[str, Any]) -> dict[str, Any]:
        good = body.get("token") == TOKEN
        return {"active": good, "username": USER if good else ""}

    def start_blob_upload(self, body: dict[str, Any]) -> dict[str, Any]:
        token = f"blob{len(self.blobs)}"
        self.blobs[token] = Blob(body["name"], body.get("contentLength", 0))
        return {"token": token, "createUrl": f"{self.url}/upload/{token}"}

    def get_dataset_status(self, body: dict[str, Any]) -> dict[str, Any]:
        if f"{body['ownerSlug']}/{body['datasetSlug']}" not in self.datasets:
            raise Refused(403, "Permission 'datasets.get' was denied")
        state = self.dataset_states.pop(0) if len(self.dataset_states) > 1 else self.dataset_states[0]
        return {"status": state}

    def get_dataset(self, body: dict[str, Any]) -> dict[str, Any]:
        ref = f"{body['ownerSlug']}/{body['datasetSlug']}"
        version = self._shown(ref, len(self.datasets[ref]))
        return {"id": 1, "ref": ref} | ({"currentVersionNumber": version} if version else {})

    def create_dataset(self, body: dict[str, Any]) -> dict[str, Any]:
        ref = f"{body['ownerSlug']}/{body['slug']}"
        if body["ownerSlug"] != USER:
            raise Refused(403, "Permission 'datasets.create' was denied")
        self.datasets[ref] = [self._arrived(body)]
        return {"status": "ok", "ref": ref, "url": f"{self.url}/datasets/{ref}"}

    def create_dataset_version(self, body: dict[str, Any]) -> dict[str, Any]:
        ref = f"{body['ownerSlug']}/{body['datasetSlug']}"
        self.datasets[ref].append(self._arrived(body["body"]))
        self._late[ref] = self.late
        return {"status": "ok", "ref": ref, "url": f"{self.url}/datasets/{ref}"}

    def get_model(self, body: dict[str, Any]) -> dict[str, Any]:
        if f"{body['ownerSlug']}/{body['modelSlug']}" not in self.model_pages:
            raise Refused(404, "Model not found")
        return {"id": 1, "slug": body["modelSlug"]}

    def create_model(self, body: dict[str, Any]) -> dict[str, Any]:
        self.model_pages.add(f"{body['ownerSlug']}/{body['slug']}")
        return {"id": 1, "ref": body["slug"]}

    def get_model_instance(self, body: dict[str, Any]) -> dict[str, Any]:
        ref = self._variation(body, body)
        if ref not in self.models:
            raise Refused(404, "Model instance not found")
        return {"id": 1, "slug": body["instanceSlug"], "versionNumber": self._shown(ref, len(self.models[ref]))}

    def create_model_instance(self, body: dict[str, Any]) -> dict[str, Any]:
        if f"{body['ownerSlug']}/{body['modelSlug']}" not in self.model_pages:
            raise Refused(404, "Model not found")
        self.models[self._variation(body, body["body"])] = [self._arrived(body["body"])]
        return {"id": 1}

    def create_model_instance_version(self, body: dict[str, Any]) -> dict[str, Any]:
        ref = self._variation(body, body)
        self.models[ref].append(self._arrived(body["body"]))
        self._late[ref] = self.late
        return {"id": 1}

    def save_kernel(self, body: dict[str, Any]) -> dict[str, Any]:
        ref = body["slug"]
        if not ref.startswith(f"{USER}/"):
            raise Refused(403, "Permission 'kernels.update' was denied")
        if self.sessions_full:
            return {"error": "Maximum batch GPU session count of 2 reached."}
        there = {
            "datasetDataSources": self.datasets,
            "competitionDataSources": [COMPETITION] if self.rules_accepted else [],
            "modelDataSources": [f"{name}/{n + 1}" for name, all_ in self.models.items() for n in range(len(all_))],
            "kernelDataSources": self.kernels,
        }
        answer: dict[str, Any] = {}
        kept = {key: body.get(key) for key in ("dockerImage", "enableInternet", "isPrivate")}
        kept["machineShape"] = self.replaced.get(body.get("machineShape", ""), body.get("machineShape"))
        if self.internet is not None:
            kept["enableInternet"] = self.internet
        for key, known in there.items():
            wanted = body.get(key, [])
            answer[f"invalid{key.removesuffix('DataSources').capitalize()}Sources"] = [
                one for one in wanted if one not in known and one not in self.drop
            ]
            kept[key] = [one for one in wanted if one in known and one not in self.drop]
        runs = self.kernels.setdefault(ref, [])
        runs.append(Run(body, kept | {"ref": ref, "title": body["newTitle"]}, list(self.states)))
        return answer | {"ref": f"/code/{ref}", "url": f"{self.url}/code/{ref}", "versionNumber": len(runs)}

    def get_kernel(self, body: dict[str, Any]) -> dict[str, Any]:
        run = self._run(body)
        current = len(self.kernels[f"{body['userName']}/{body['kernelSlug']}"])
        return {"metadata": run.kept | {"currentVersionNumber": current}, "blob": {"source": run.asked.get("text", "")}}

    def get_kernel_session_status(self, body: dict[str, Any]) -> dict[str, Any]:
        run = self._run(body)
        state = run.states.pop(0) if len(run.states) > 1 else run.states[0]
        return {"status": state} | ({"failureMessage": run.message} if run.message and state == "ERROR" else {})

    def list_kernel_session_output(self, body: dict[str, Any]) -> dict[str, Any]:
        """Two files a page, so that paging is always exercised."""
        run = self._run(body)
        if run.states[0] in ("QUEUED", "RUNNING"):
            return {"files": [], "log": ""}
        begin = int(body.get("pageToken") or 0)
        names = sorted(run.files)
        where = f"{self.url}/files/{body['userName']}/{body['kernelSlug']}/{self._number(body)}"
        page = [{"fileName": name, "url": f"{where}/{name}"} for name in names[begin : begin + 2]]
        more = {"nextPageToken": str(begin + 2)} if begin + 2 < len(names) else {}
        return {"files": page, "log": run.log} | more

    def get_accelerator_quota_statistics(self, body: dict[str, Any]) -> dict[str, Any]:
        used, allowed = self.gpu_seconds
        gpu = {"timeUsed": f"{used}s", "totalTimeAllowed": f"{allowed}s"}
        return {"quotaRefreshTime": "2026-11-28T00:00:00Z", "gpuQuota": gpu}

    def get_submission_limits(self, body: dict[str, Any]) -> dict[str, Any]:
        self._competition(body)
        return dict(self.limits)

    def list_data_files(self, body: dict[str, Any]) -> dict[str, Any]:
        self._competition(body)
        return {"files": [{"name": name, "totalBytes": len(text)} for name, text in self.competition_files.items()]}

    def download_data_file(self, body: dict[str, Any]) -> str:
        """Return where the file is: the answer is a redirect."""
        self._competition(body)
        if not self.rules_accepted:
            raise Refused(403, "You must accept this competition's rules before you'll be able to download files.")
        if body["fileName"] not in self.competition_files:
            raise Refused(404, "File not found")
        return f"{self.url}/data/{body['fileName']}"

    def create_code_submission(self, body: dict[str, Any]) -> dict[str, Any]:
        self._competition(body)
        if self.closed:
            raise Refused(404, "Not Found")
        if self.limits["numAllowedNow"] < 1:
            raise Refused(400, "Submission limit reached: 1 per day")
        self.limits["numAllowedNow"] -= 1
        self.limits["numToday"] += 1
        self.submissions.insert(0, {"ref": 77, "description": body.get("submissionDescription", "")})
        return {"message": "Successfully submitted", "ref": 77}

    def list_submissions(self, body: dict[str, Any]) -> dict[str, Any]:
        state, score = self.scores.pop(0) if len(self.scores) > 1 else self.scores[0]
        told = {"status": state} | ({"errorDescription": score} if state == "ERROR" else {"publicScore": score})
        return {"submissions": [one | told for one in self.submissions]}

    # their parts

    def _shown(self, ref: str, version: int) -> int:
        self._late[ref] = self._late.get(ref, 0) - 1
        return version - 1 if self._late[ref] >= 0 else version

    def _competition(self, body: dict[str, Any]) -> None:
        if body["competitionName"] != COMPETITION:
            raise Refused(404, "Competition not found")

    def _variation(self, where: dict[str, Any], which: dict[str, Any]) -> str:
        framework = which["framework"].removeprefix("MODEL_FRAMEWORK_").lower()
        return f"{where['ownerSlug']}/{where['modelSlug']}/{framework}/{which['instanceSlug']}"

    def _arrived(self, body: dict[str, Any]) -> dict[str, bytes]:
        found = [self.blobs[file["token"]] for file in body.get("files", [])]
        for blob in found:
            if len(blob.content) != blob.size:
                raise Refused(400, f"{blob.name}: upload is not complete")
        return {blob.name: blob.content for blob in found}

    def _number(self, body: dict[str, Any]) -> int:
        label = body.get("versionLabel")
        return int(label) if label else len(self.kernels[f"{body['userName']}/{body['kernelSlug']}"])

    def _run(self, body: dict[str, Any]) -> Run:
        ref = f"{body['userName']}/{body['kernelSlug']}"
        if ref not in self.kernels:
            raise Refused(403, "Permission 'kernels.get' was denied")
        number = self._number(body)
        if not 1 <= number <= len(self.kernels[ref]):
            raise Refused(404, f"Version {number} not found")
        return self.kernels[ref][number - 1]


class _Handler(BaseHTTPRequestHandler):
    state: Kaggle
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        kaggle = self.state
        route = self.path.rpartition("/")[2]
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        kaggle.calls.append((route, body))
        fault = kaggle.fault(route)
        if fault is not None and fault.status == 0:
            return self._hang_up()
        if fault is not None:
            return self._refuse(fault.status, fault.message, fault.headers)
        if route != "IntrospectToken" and not self._known():
            return self._refuse(401, "Unauthenticated")
        method: Callable[[dict[str, Any]], Any] = getattr(kaggle, re.sub(r"(?<!^)(?=[A-Z])", "_", route).lower())
        try:
            answer = method(body)
        except Refused as refused:
            return self._refuse(refused.status, refused.message)
        if isinstance(answer, bytes):
            return self._answer(200, answer, Content_Type="text/html")
        if isinstance(answer, str):
            return self._answer(302, b"", Location=answer)
        return self._answer(200, json.dumps(answer).encode(), Content_Type="application/json")

    def do_PUT(self) -> None:
        kaggle = self.state
        blob = kaggle.blobs.get(self.path.rpartition("/")[2])
        length = int(self.headers.get("Content-Length") or 0)
        asked = re.fullmatch(r"bytes (?:\*|(\d+)-\d+)/\d+", self.headers.get("Content-Range") or "")
        if asked is not None and asked[1] is None:
            return self._how_far(blob)
        if kaggle.upload_status or blob is None:
            self.rfile.read(length)
            return self._answer(kaggle.upload_status or 404, b"")
        start = int(asked[1]) if asked is not None else 0
        assert start <= len(blob.content), "a hole in the upload"
        cut = kaggle.cut_uploads.pop(0) if kaggle.cut_uploads else None
        data = self.rfile.read(length if cut is None else min(cut, length))
        kaggle.sent += len(data)
        blob.content = blob.content[:start] + data
        if cut is not None:
            return self._hang_up()
        return self._answer(200, b"")

    def do_GET(self) -> None:
        kaggle = self.state
        kind, _, rest = self.path.lstrip("/").partition("/")
        fault = kaggle.fault(kind)
        if fault is not None:
            return self._hang_up() if fault.status == 0 else self._answer(fault.status, b"")
        if kind == "data":
            return self._answer(200, kaggle.competition_files[rest])
        owner, slug, version, name = rest.split("/", 3)
        return self._answer(200, kaggle.kernels[f"{owner}/{slug}"][int(version) - 1].files[name])

    def log_message(self, *_: object) -> None:
        """Nothing on standard error."""

    def _known(self) -> bool:
        basic = "Basic " + base64.b64encode(f"{USER}:{KEY}".encode()).decode()
        return self.headers.get("Authorization") in (basic, f"Bearer {TOKEN}")

    def _how_far(self, blob: Blob | None) -> None:
        if blob is None:
            return self._answer(404, b"")
        if len(blob.content) == blob.size:
            return self._answer(200, b"")
        done = {"Range": f"bytes=0-{len(blob.content) - 1}"} if blob.content else {}
        return self._answer(308, b"", **done)

    def _refuse(self, status: int, message: str, headers: dict[str, str] | None = None) -> None:
        body = json.dumps({"code": status, "message": message}).encode()
        self._answer(status, body, Content_Type="application/json", **(headers or {}))

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)
