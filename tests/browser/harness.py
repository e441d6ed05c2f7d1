"""A server of our own and a real browser that looks at it; what the browser complains about is collected."""

import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import urllib.request

from playwright.sync_api import sync_playwright

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEMO = ROOT / "examples" / "demo.mp4"
NO_FACE = ROOT / "crates" / "microau-vision" / "tests" / "assets" / "frames"
#: how long anything may take, milliseconds; nothing is judged by the time that it takes
PATIENCE = 120_000
#: a folder whose files take the place of the page's own, to work on the page without building the program
PAGE = os.environ.get("MICROAU_PAGE")


class Server:
    """`microau serve` on a free port, over a folder."""

    def __init__(self, binary, folder, *more):
        self.command = [str(binary), "serve", "--data-dir", str(folder), *more]
        self.folder, self.port, self.process = folder, 0, None

    def start(self):
        self.process = subprocess.Popen(self.command + ["--port", str(self.port)], stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline().strip()
        assert re.fullmatch(r"http://\S+:\d+/", line), line
        # the same port after the next start, so that open pages find it again
        self.port = int(line.rstrip("/").rsplit(":", 1)[1])
        self.url = f"http://127.0.0.1:{self.port}/"
        return self

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, *_):
        if kind is None:
            self.stop()
        else:
            self.kill()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            assert self.process.wait() == 0, "the server did not end cleanly"

    def read(self, path):
        with urllib.request.urlopen(self.url + path.lstrip("/")) as answer:
            return answer.read()

    def ask(self, path):
        return json.loads(self.read(path))


class Browser:
    """Chromium with pages whose complaints are collected."""

    def __init__(self, playwright, shots, *more):
        self.playwright = playwright
        chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
        # as root, as in most continuous integration, Chromium has no sandbox
        self.browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", *more])
        self.shots, self.complaints = shots, []

    def another(self, *more):
        return Browser(self.playwright, self.shots, *more)

    def page(self, url, width=1280, height=900, dark=False, **more):
        scheme = "dark" if dark else "light"
        context = self.browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme, **more)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        if PAGE:
            context.route(re.compile(r"/(?:|app\.css|\w+\.js)(?:#.*)?$"), from_folder)
        page.on("pageerror", lambda error: self.complaints.append(f"error of the page: {error}"))
        page.on("console", self.heard)
        page.goto(url)
        return page

    def heard(self, message):
        # that a request was answered with an error, or not at all, is what some steps are about
        if message.type in ("error", "warning") and not message.text.startswith("Failed to load resource"):
            self.complaints.append(f"{message.type}: {message.text}")

    def shot(self, page, name):
        page.screenshot(path=str(self.shots / f"{name}.png"), full_page=True)

    def close(self):
        self.browser.close()


def from_folder(route):
    name = route.request.url.split("#")[0].rsplit("/", 1)[1] or "index.html"
    route.fulfill(response=route.fetch(), body=pathlib.Path(PAGE, name).read_bytes())


def fits(page):
    """Nothing sticks out to the side."""
    wide = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide[0] <= wide[1], f"the page scrolls sideways: {wide} at {page.url}"


@contextlib.contextmanager
def chromium(shots, *more):
    with sync_playwright() as playwright:
        browser = Browser(playwright, shots, *more)
        try:
            yield browser
        finally:
            browser.close()


def below(folder, what):
    """Files below a folder in which some bytes stand."""
    return [path for path in pathlib.Path(folder).rglob("*") if path.is_file() and what in path.read_bytes()]
