"""The page in a real browser, driven by keys through Chrome's DevTools protocol."""

import base64
import json
import shutil
import subprocess
import time
import urllib.request

import pytest
from review_folder import reviewing, write

from training.review.decisions import NAME, read

connect = pytest.importorskip("websockets.sync.client", reason="drives the browser").connect
pytest.importorskip("fastapi")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")


class Browser:
    """One page of a headless browser."""

    def __init__(self, socket):
        self._socket, self._number = socket, 0
        self.events = []

    def call(self, method, **parameters):
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self._socket.recv(timeout=30))
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return answer["result"]
            self.events.append(answer)

    def see(self, expression):
        """The value of an expression in the page."""
        found = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def until(self, expression, seconds=20.0):
        end = time.monotonic() + seconds
        while not (found := self.see(expression)):
            assert time.monotonic() < end, f"never: {expression}; the page says {self.text('#said')!r}"
            time.sleep(0.02)
        return found

    def press(self, key):
        text = key if len(key) == 1 else ""
        code = {"Escape": 27}.get(key, 0)
        self.call("Input.dispatchKeyEvent", type="keyDown", key=key, text=text, windowsVirtualKeyCode=code)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=code)

    def text(self, selector):
        return self.see(f"document.querySelector({json.dumps(selector)}).textContent")

    def place(self):
        return self.see("Number(document.querySelector('#list [aria-current]').dataset.place)")

    def at(self, place):
        """Wait until the trace of this place is shown."""
        self.until(f"document.querySelector('#main').dataset.place === '{place}'")
        assert self.place() == place


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    profile = tmp_path_factory.mktemp("profile")
    command = [
        CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
        "--disable-background-networking", "--remote-debugging-port=0", f"--user-data-dir={profile}", "about:blank",
    ]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        ready = profile / "DevToolsActivePort"
        end = time.monotonic() + 60
        while not (ready.exists() and ready.read_text().count("\n")):
            assert process.poll() is None and time.monotonic() < end, "the browser did not start"
            time.sleep(0.05)
        port = int(ready.read_text().split()[0])
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list", timeout=30) as answer:
            address = next(one for one in json.load(answer) if one["type"] == "page")["webSocketDebuggerUrl"]
        with connect(address, max_size=1 << 26) as socket:
            found = Browser(socket)
            for part in ("Runtime", "Log", "Page"):
                found.call(f"{part}.enable")
            yield found
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """(the page's address, folder, process) of a review of six traces; ended by the last test."""
    folder = write(tmp_path_factory.mktemp("browser") / "traces")
    with reviewing(folder) as (url, process):
        yield url, folder, process


@pytest.fixture
def seen(browser, server):
    """(browser, folder, process of the server) with nothing decided yet."""
    url, folder, process = server
    browser.call("Page.navigate", url="about:blank")
    browser.until("location.href === 'about:blank'")
    (folder / NAME).unlink(missing_ok=True)
    browser.events.clear()
    browser.call("Page.navigate", url=url)
    address = json.dumps(url)
    browser.until(f"location.href === {address} && document.querySelector('#body')?.childElementCount > 0", 30)
    return browser, folder, process


def verdicts(folder):
    return {key.rpartition("/")[2] + "/" + key[:4]: found.verdict for key, found in read(folder).items()}


def test_a_review_by_keys_alone(seen):
    browser, folder, _ = seen
    assert browser.place() == 0 and browser.text("#task") == "flip0001"
    browser.press("j")
    browser.at(1)
    browser.press("k")
    browser.at(0)
    browser.press("8")
    browser.press("a")
    browser.at(1)
    (decision,) = read(folder).values()
    assert (decision.verdict, decision.reasons) == ("accept", ("clear",))
    assert browser.text("#counts") == "1 of 6 reviewed · 1 accepted · 0 rejected"
    browser.until("document.querySelectorAll('main svg .miss').length > 0")  # the almost right one
    browser.press("r")
    browser.at(2)
    assert sorted(found.verdict for found in read(folder).values()) == ["accept", "reject"]
    browser.press("u")
    browser.at(1)
    assert [found.verdict for found in read(folder).values()] == ["accept"]
    browser.press("u")
    browser.at(0)
    assert read(folder) == {}
    browser.press("u")
    browser.until("document.querySelector('#said').textContent === 'nothing to undo'")


def test_skip_filter_help_and_where_it_goes_on(seen):
    browser, folder, _ = seen
    browser.press("a")
    browser.at(1)
    browser.press("x")
    browser.at(2)
    browser.press("/")
    for letter in "wide":
        browser.press(letter)
    browser.until("document.querySelectorAll('#list li').length === 1")
    assert browser.text("#count") == "1 of 6 traces" and verdicts(folder) == {"flip0001/3b64": "accept"}
    browser.press("Escape")
    browser.press("?")
    assert browser.see("document.querySelector('#keys').open") is True
    browser.press("a")  # behind a dialog keys do nothing
    browser.see("document.querySelector('#close').click()")
    browser.until("!document.querySelector('#keys').open")
    browser.press("?")
    browser.press("Escape")
    browser.until("!document.querySelector('#keys').open")
    assert len(read(folder)) == 1
    browser.press("d")
    browser.until("document.querySelector('main svg text')?.textContent === '1'")
    browser.call("Page.reload")
    browser.until("document.querySelector('#list [aria-current]')?.dataset.place === '1'")  # the first open one


def test_hostile_traces_are_text_and_nothing_else(seen):
    browser, _, _ = seen
    for place in range(1, 5):
        browser.press("j")
        browser.at(place)
    thinking = browser.until("document.querySelector('main pre.words').textContent.includes('<script>') && "
                             "document.querySelector('main pre.words').textContent")  # fmt: skip
    assert thinking.startswith("</pre></script><script>document.title = 'owned'</script><img src=x onerror=")
    assert browser.see("document.title").endswith("arc-train review")
    assert browser.see("document.querySelectorAll('img, iframe, script').length") == 1  # the page's own script
    assert "<script>" in browser.text(".nogrid")
    browser.see("(() => { const s = document.createElement('script'); s.textContent = \"document.title = 'owned'\"; "
                "document.body.append(s); })()")  # fmt: skip
    assert browser.see("document.title").endswith("arc-train review")  # even a script that got in would not run


def test_the_page_makes_no_mistakes_and_can_be_seen(seen):
    browser, _, _ = seen
    for place in range(1, 6):
        browser.press("j")
        browser.at(place)
    wrong = [event for event in browser.events if event.get("method") in ("Runtime.exceptionThrown", "Log.entryAdded")]
    assert not [event for event in wrong if "favicon" not in json.dumps(event)], wrong
    picture = base64.b64decode(browser.call("Page.captureScreenshot", format="png")["data"])
    assert len(picture) > 10_000
    browser.call("Emulation.setDeviceMetricsOverride", width=1280, height=700, deviceScaleFactor=1, mobile=False)
    root = "document.documentElement"
    assert browser.see(f"{root}.scrollWidth <= innerWidth && {root}.scrollHeight <= innerHeight")  # its parts scroll
    unnamed = (
        "[...document.querySelectorAll('button, input')].filter((one) => !(one.textContent.trim() || one.ariaLabel))"
    )
    assert browser.see(f"{unnamed}.length") == 0


def test_a_server_that_ended_is_said_and_nothing_is_counted(seen):
    """Runs last in this file."""
    browser, _, process = seen
    process.terminate()
    process.wait(10)
    browser.press("a")
    browser.until("document.querySelector('#said').textContent.startsWith('not saved: the server does not answer')")
    assert browser.text("#counts").startswith("0 of 6") and browser.place() == 0
