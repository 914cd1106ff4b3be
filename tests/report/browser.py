"""A headless Chromium driven through its debugging pipe: no package, no port, no network."""

from __future__ import annotations

import base64
import fcntl
import itertools
import json
import os
import shutil
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-extensions", "--hide-scrollbars", "--remote-debugging-pipe",
)  # fmt: skip


def find_chromium() -> str | None:
    """Path of a Chromium on this machine, if there is one."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Browser:
    """One page. `requests` are the addresses it asked for and its policy did not forbid, `complaints` what its console and its policy complained about."""

    def __init__(self, chromium: str, profile: Path, *, width: int = 1300, height: int = 900) -> None:
        to_child, from_us = os.pipe()
        to_us, from_child = os.pipe()
        self._closed_at_exit = (from_us, to_us)
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD, 20) for end in (to_child, from_child)]  # out of the way of 3 and 4, where Chromium looks

        def place() -> None:
            os.dup2(ends[0], 3)
            os.dup2(ends[1], 4)

        command = [chromium, *FLAGS, f"--user-data-dir={profile}", f"--window-size={width},{height}", "about:blank"]
        self._process = subprocess.Popen(command, pass_fds=(3, 4), preexec_fn=place, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for end in ends:
            os.close(end)
        os.close(to_child)
        os.close(from_child)
        os.set_blocking(to_us, False)
        self._write, self._read, self._rest, self._ids = from_us, to_us, b"", itertools.count(1)
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self._urls: dict[str, str] = {}
        target = next(t for t in self._call("Target.getTargets")["targetInfos"] if t["type"] == "page")
        self._session: str | None = self._call("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self._call(f"{domain}.enable")
        self._call("Network.emulateNetworkConditions", offline=True, latency=0, downloadThroughput=0, uploadThroughput=0)

    _session: str | None = None

    def open(self, page: Path) -> None:
        """Loads a file."""
        self._call("Page.navigate", url=page.resolve().as_uri())
        self.wait_for("document.readyState === 'complete'")

    def run(self, script: str) -> Any:
        """Value of a JavaScript expression; promises are awaited."""
        answer = self._call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise AssertionError(answer["exceptionDetails"].get("exception", {}).get("description", answer["exceptionDetails"]["text"]))
        return answer["result"].get("value")

    def wait_for(self, script: str, *, seconds: float = 30) -> Any:
        """Waits until the expression is true."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            value = self.run(script)
            if value:
                return value
            time.sleep(0.05)
        raise AssertionError(f"still not true after {seconds} s: {script}; complaints: {self.complaints}")

    def key(self, name: str, *, text: str = "") -> None:
        """Presses a key on whatever has the focus."""
        self._call("Input.dispatchKeyEvent", type="keyDown", key=name, code=name, text=text)
        self._call("Input.dispatchKeyEvent", type="keyUp", key=name, code=name)

    def move(self, x: float, y: float) -> None:
        """Moves the pointer."""
        self._call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def resize(self, width: int, height: int) -> None:
        """Looks at the page through a window of that size, narrower ones than the system gives too."""
        self._call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def screenshot(self, out: Path, *, dark: bool = False) -> None:
        """Writes a PNG of what is in view."""
        self._call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        out.write_bytes(base64.b64decode(self._call("Page.captureScreenshot", format="png")["data"]))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._session = None
        try:
            self._call("Browser.close")
            self._process.wait(timeout=10)
        except (OSError, AssertionError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()
        for end in self._closed_at_exit:
            os.close(end)

    def _call(self, method: str, **params: Any) -> dict[str, Any]:
        number = next(self._ids)
        message = {"id": number, "method": method, "params": params} | ({"sessionId": self._session} if self._session else {})
        os.write(self._write, json.dumps(message).encode() + b"\0")
        until = time.monotonic() + 60
        while time.monotonic() < until:
            for answer in self._messages():
                if answer.get("id") == number:
                    if "error" in answer:
                        raise AssertionError(f"{method}: {answer['error']}")
                    return dict(answer["result"])
        raise AssertionError(f"{method}: no answer")

    def _messages(self) -> list[dict[str, Any]]:
        try:
            chunk = os.read(self._read, 1 << 20)
            if not chunk:
                raise AssertionError("the browser has gone")
            self._rest += chunk
        except BlockingIOError:
            time.sleep(0.005)
        *whole, self._rest = self._rest.split(b"\0")
        messages = [json.loads(text) for text in whole]
        for message in messages:
            self._note(message.get("method"), message.get("params", {}))
        return messages

    def _note(self, method: str | None, params: dict[str, Any]) -> None:
        match method:
            case "Network.requestWillBeSent":
                self._urls[params["requestId"]] = params["request"]["url"]
                self.requests.append(params["request"]["url"])
            case "Network.loadingFailed" if params.get("blockedReason") == "csp":
                self.requests.remove(self._urls[params["requestId"]])
            case "Runtime.exceptionThrown":
                self.complaints.append(
                    params["exceptionDetails"].get("exception", {}).get("description", params["exceptionDetails"]["text"])
                )
            case "Runtime.consoleAPICalled" if params["type"] in ("error", "warning"):
                self.complaints.append(str([arg.get("value") for arg in params["args"]]))
            case "Log.entryAdded" if params["entry"]["level"] in ("error", "warning"):
                self.complaints.append(params["entry"]["text"])
