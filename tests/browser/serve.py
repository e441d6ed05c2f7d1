"""Walks through `microau serve` in a real browser, as a user does:

    python tests/browser/serve.py BINARY SHOTS [--film FILM]

upload, progress, result, correction, export, reload; then everything that goes wrong for users. Screenshots go to the folder SHOTS.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

from harness import DEMO, NO_FACE, PATIENCE, ROOT, Server, below, chromium, fits
from playwright.sync_api import expect

FORMATS = ["csv", "json", "jsonl", "openface", "parquet", "eaf", "vtt", "srt", "table", "annotations"]


def step(text):
    print(f"-- {text}", flush=True)


def upload(page, path):
    page.set_input_files("#files", str(path))


def drop(page, path):
    """A file or a folder dragged from the desktop into the page, as the browser hears of it."""
    box = page.locator(".drop").bounding_box()
    at = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    data = {"items": [], "files": [str(path)], "dragOperationsMask": 1}
    client = page.context.new_cdp_session(page)
    for kind in ["dragEnter", "dragOver", "drop"]:
        client.send("Input.dispatchDragEvent", {"type": kind, **at, "data": data})


def row(page, name):
    return page.locator(".film", has=page.get_by_role("link", name=name, exact=True))


def open_film(page, name):
    row(page, name).get_by_role("link", name=name, exact=True).click()
    expect(page.locator(".stage canvas[data-frame]")).to_be_visible()


def saved(page, revision=None):
    text = f"revision {revision})" if revision else "All corrections saved"
    expect(page.locator(".saving")).to_contain_text(text)


def canvas_colours(page):
    """How many different colours the frame shows: a picture has many, an empty canvas has one."""
    return page.evaluate("""() => {
      const canvas = document.querySelector('.stage canvas');
      const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
      const seen = new Set();
      for (let i = 0; i < data.length; i += 400) seen.add(`${data[i]},${data[i + 1]},${data[i + 2]}`);
      return seen.size;
    }""")


def upload_to_reload(browser, server):
    step("a film is dropped, progress, result")
    page = browser.page(server.url)
    expect(page.get_by_text("None yet.")).to_be_visible()
    browser.shot(page, "01-empty")
    drop(page, DEMO)
    expect(row(page, "demo.mp4").locator("progress")).to_be_visible()
    browser.shot(page, "02-progress")
    expect(row(page, "demo.mp4")).to_contain_text("of 1 face")
    browser.shot(page, "03-films")
    open_film(page, "demo.mp4")
    expect(page.locator(".curve")).to_have_count(12)
    page.wait_for_function("document.querySelector('.stage canvas').dataset.frame > 0")
    assert canvas_colours(page) > 50
    browser.shot(page, "04-result")

    step("frame by frame, by keyboard")
    frame = int(page.locator(".stage canvas").get_attribute("data-frame"))
    page.locator("h1").click()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".stage canvas")).to_have_attribute("data-frame", str(frame + 1))
    page.keyboard.press("Home")
    expect(page.locator(".where")).to_contain_text("frame 0")
    page.get_by_label("Speed").select_option("0.1")
    page.locator("h1").click()
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    expect(page.locator(".where")).to_contain_text("frame 29")

    step("correction")
    page.locator("#at-offset").fill("25")
    page.locator("#at-offset").press("Enter")
    page.locator(".chip[data-key=au-AU06]").click()
    page.locator(".chip[data-key=au-AU04]").click()
    page.locator(".chip[data-key=au-AU04]").click()
    page.locator("#emotion").fill("happiness")
    page.locator("#note").fill("brows first, very private")
    page.locator(".verdict.confirmed").click()
    saved(page)
    # the handle of the onset is dragged by two frames' breadth
    handle = page.locator(".handle.onset circle")
    handle.scroll_into_view_if_needed()
    box, before = handle.bounding_box(), page.locator("#at-onset").input_value()
    page.mouse.move(box["x"] + 6, box["y"] + 6)
    page.mouse.down()
    page.mouse.move(box["x"] - 80, box["y"] + 6, steps=4)
    page.mouse.up()
    expect(page.locator("#at-onset")).not_to_have_value(before)
    # and one is added by hand, with its apex moved by the arrow keys
    page.locator("h1").click()
    page.keyboard.press("Home")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("n")
    expect(page.locator("tbody tr")).to_have_count(2)
    page.locator(".handle.apex").focus()
    page.keyboard.press("ArrowRight")
    page.locator(".chip[data-key=au-AU12]").click()
    saved(page)
    browser.shot(page, "05-corrected")
    onset = page.evaluate("document.querySelectorAll('tbody tr').length") and page.locator("#at-apex").input_value()
    assert onset == "21", onset

    step("export")
    page.locator("summary", has_text="Export").click()
    browser.shot(page, "06-export")
    texts = {}
    for format in FORMATS:
        with page.expect_download() as download:
            page.locator(f'.links a[href*="format={format}&"]').click()
        path = pathlib.Path(download.value.path())
        assert path.stat().st_size > 40 and download.value.suggested_filename.startswith("demo."), format
        texts["corrected", format] = path.read_bytes()
    # a browser lets a page start ten downloads in a row, so the others are fetched
    page.select_option("#export-of", "machine")
    for format in FORMATS:
        link = page.locator(f'.links a[href*="format={format}&"]').get_attribute("href")
        texts["machine", format] = server.read(link)
        assert len(texts["machine", format]) > 40, format
    assert texts["corrected", "csv"] != texts["machine", "csv"]
    report = json.loads(texts["corrected", "json"])
    confirmed = [it for face in report["inputs"][0]["faces"] for it in face["intervals"]]
    assert [it["confidence"] for it in confirmed] == [1.0, 1.0] and confirmed[0]["offset"]["frame"] == 25, confirmed
    labels = pathlib.Path(server.folder, "labels.csv").read_text()
    assert labels.count("\n") == 3 and "?4" in labels and "happiness" in labels, labels

    step("reload")
    page.reload()
    expect(page.locator("tbody tr")).to_have_count(2)
    page.locator("tbody button").first.click()
    expect(page.locator("#at-offset")).to_have_value("25")
    expect(page.locator("#note")).to_have_value("brows first, very private")
    expect(page.locator(".chip.on[data-key=au-AU06]")).to_be_visible()
    expect(page.locator(".chip.unsure[data-key=au-AU04]")).to_be_visible()
    return page


def looks(browser, server):
    step("light and dark, desk and phone")
    for dark in [False, True]:
        for width in [1280, 390]:
            film = server.ask("api/films")[-1]["id"]
            for name, hash in [("films", "#/"), ("film", f"#/film/{film}"), ("about", "#/about")]:
                page = browser.page(server.url + hash, width, 844, dark)
                page.wait_for_selector("main h1")
                if name == "film":
                    page.wait_for_selector(".stage canvas[data-frame]")
                    page.wait_for_selector(".curve")
                page.wait_for_timeout(300)
                fits(page)
                browser.shot(page, f"look-{name}-{width}-{'dark' if dark else 'light'}")
                page.context.close()


def two_tabs(browser, server, first):
    step("two tabs")
    other = first.context.new_page()
    # this tab does not hear of the other
    other.route("**/api/events", lambda route: route.abort())
    other.goto(first.url)
    expect(other.locator("tbody tr")).to_have_count(2)
    first.locator("tbody button").first.click()
    first.locator("#note").fill("from the first tab")
    saved(first)
    other.locator("tbody button").first.click()
    other.locator("#note").fill("from the second tab")
    expect(other.locator(".saving")).to_contain_text("corrected in another tab")
    browser.shot(other, "07-two-tabs")
    film = server.ask("api/films")[0]["id"]
    notes = {it["note"] for it in server.ask(f"api/films/{film}/annotations")["intervals"]}
    assert "from the first tab" in notes and "from the second tab" not in notes, notes
    other.get_by_role("button", name="Save mine over theirs").click()
    saved(other)
    # the first tab has nothing open, so it shows what the other saved
    expect(first.locator("tbody")).to_contain_text("from the second tab")
    other.close()


def unreadable(browser, server):
    step("an upload that is no film, a film without a face")
    page = browser.page(server.url)
    with tempfile.TemporaryDirectory() as folder:
        letter = pathlib.Path(folder, "letter.mp4")
        letter.write_text("Dear reader, this is no film.\n" * 40)
        upload(page, letter)
        expect(row(page, "letter.mp4")).to_contain_text("Expected a video or an image, got text: letter.mp4.")
    films = sorted(NO_FACE.glob("*.mp4"))
    upload(page, films[0])
    expect(row(page, films[0].name)).to_contain_text("Found no face in")
    browser.shot(page, "08-errors")
    open_film(page, films[0].name)
    expect(page.locator(".list")).to_contain_text("No movement was found. That does not mean that there was none.")
    browser.shot(page, "09-no-face")
    page.context.close()


def cancelled(browser, server, film):
    step("a job is stopped")
    page = browser.page(server.url)
    upload(page, film)
    line = row(page, film.name)
    expect(line.locator("progress")).to_be_visible()
    line.get_by_role("button", name="Stop").click()
    expect(line).to_contain_text("Stopped.")
    browser.shot(page, "10-stopped")
    return page


def killed(browser, server, page, film):
    step("the server is killed in the middle of a job")
    line = row(page, film.name)
    line.get_by_role("button", name="Look at it again").click()
    expect(line.locator("progress[value]")).to_be_visible()
    server.kill()
    expect(page.locator("#trouble")).to_contain_text("The server does not answer")
    browser.shot(page, "11-server-away")
    server.start()
    expect(page.locator("#trouble")).to_be_hidden()
    expect(line).to_contain_text("of 1 face")
    browser.shot(page, "12-went-on")
    open_film(page, film.name)
    picture(browser, page)
    page.get_by_role("button", name="Show less of the film").click()
    page.get_by_role("button", name="Show less of the film").click()
    page.wait_for_timeout(500)
    browser.shot(page, "13-long-film")
    page.context.close()


def picture(browser, page):
    """The picture of docs/images/serve.jpg: the movement in the middle of the list, confirmed."""
    page.set_viewport_size({"width": 1280, "height": 1100})
    movements = page.locator(".list tbody button")
    movements.nth(movements.count() // 2).click()
    page.locator(".verdict.confirmed").click()
    saved(page)
    page.locator("h1").click()
    page.wait_for_timeout(700)
    page.screenshot(path=str(browser.shots / "picture.png"))


def unsaved(browser, server):
    step("what is changed while the server is away is not lost")
    page = browser.page(server.url)
    open_film(page, "demo.mp4")
    server.kill()
    page.locator("tbody button").first.click()
    page.locator("#note").fill("written while nobody listened")
    expect(page.locator(".saving")).to_contain_text("the server does not answer")
    browser.shot(page, "14-not-saved")
    server.start()
    saved(page)
    film = [it for it in server.ask("api/films") if it["name"] == "demo.mp4"][0]["id"]
    assert "written while nobody listened" in json.dumps(server.ask(f"api/films/{film}/annotations"))
    page.context.close()


def compared(browser, server):
    step("two models")
    page = browser.page(server.url)
    open_film(page, "demo.mp4")
    page.get_by_role("link", name="Compare two models").click()
    nano = ROOT / "crates" / "microau" / "assets" / "nano.safetensors"
    page.set_input_files("main input[type=file]", str(nano))
    expect(page.locator("#model")).to_contain_text("nano.safetensors")
    page.get_by_role("button", name="Let it look at this film").click()
    expect(page.get_by_text("Both found 1 movement,")).to_be_visible()
    fits(page)
    browser.shot(page, "15-compared")
    page.context.close()


def folder_of_frames(browser, server, folder):
    step("a folder of frames, a folder of videos")
    film = [it for it in server.ask("api/films") if it["name"] == "demo.mp4"][0]["id"]
    take, videos = pathlib.Path(folder, "take one"), pathlib.Path(folder, "videos")
    take.mkdir()
    videos.mkdir()
    for frame in range(30):
        pathlib.Path(take, f"img{frame + 1}.jpg").write_bytes(server.read(f"api/films/{film}/frames/{frame}"))
    pathlib.Path(take, "notes.txt").write_text("no frame")
    for name in ["first.mp4", "second.mp4"]:
        shutil.copy(DEMO, videos / name)
    page = browser.page(server.url)
    page.locator("summary", has_text="Settings").click()
    page.get_by_label("Frames a second").fill("60")
    page.set_input_files("#folder", str(take))
    expect(row(page, "take one")).to_contain_text("of 1 face")
    page.locator(".drop").scroll_into_view_if_needed()
    drop(page, videos)
    for name in ["first.mp4", "second.mp4"]:
        expect(row(page, name)).to_contain_text("of 1 face")
    added = [it for it in server.ask("api/films") if it["name"] == "take one"][0]
    assert (added["kind"], added["rate"], added["files"]) == ("frames", "60", 30), added
    page.context.close()


def webcam(browser, server, folder):
    step("webcam")
    film = [it for it in server.ask("api/films") if it["name"] == "demo.mp4"][0]["id"]
    tape = pathlib.Path(folder, "camera.mjpeg")
    with tape.open("wb") as file:
        for frame in range(30):
            file.write(server.read(f"api/films/{film}/frames/{frame}"))
    flags = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", f"--use-file-for-fake-video-capture={tape}"]
    camera = browser.another(*flags)
    page = camera.page(server.url + "#/webcam", permissions=["camera"])
    page.get_by_role("button", name="Switch the camera on").click()
    page.get_by_role("button", name="Record").click()
    expect(page.get_by_role("status")).to_contain_text(re.compile(r"Recording: [3-9]\d frames"))
    camera.shot(page, "16-webcam")
    page.get_by_role("button", name="Stop and look at it").click()
    expect(page.locator(".stage canvas[data-frame]")).to_be_visible()
    expect(page.locator(".film-head")).to_contain_text("frames a second")
    camera.shot(page, "17-webcam-result")
    browser.complaints += camera.complaints
    camera.close()
    added = [it for it in server.ask("api/films") if it["name"].startswith("webcam")][0]
    assert added["kind"] == "frames" and 5 < float(eval_rate(added["rate"])) < 120, added


def eval_rate(text):
    above, _, under = text.partition("/")
    return float(above) / float(under or 1)


def deleted(browser, server):
    step("a delete deletes")
    page = browser.page(server.url)
    film = [it for it in server.ask("api/films") if it["name"] == "demo.mp4"][0]["id"]
    assert below(server.folder, b"very private") and pathlib.Path(server.folder, "films", film).exists()
    page.get_by_role("button", name="Delete demo.mp4").click()
    browser.shot(page, "18-delete")
    page.get_by_role("button", name="Delete it").click()
    expect(row(page, "demo.mp4")).to_have_count(0)
    for what in [b"very private", b"demo.mp4", film.encode(), b"written while nobody listened"]:
        assert not below(server.folder, what), (what[:20], below(server.folder, what))
    assert page.evaluate("Object.keys(localStorage).length") == 0
    page.context.close()


def token(browser, binary, folder):
    step("token")
    with Server(binary, folder, "--host", "0.0.0.0", "--token", "a token of many letters") as server:
        sign_in(browser, server)


def sign_in(browser, server):
    page = browser.page(server.url)
    page.get_by_label("Token").fill("not the token at all")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert").filter(has_text="not the token")).to_be_visible()
    browser.shot(page, "19-sign-in")
    page.get_by_label("Token").fill("a token of many letters")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("None yet.")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Token")).to_be_visible()
    page.context.close()


def disk_full(browser, binary, folder):
    """A disk smaller than what is seen in a film, where it may be mounted."""
    os.mkdir(folder)
    mount = ["mount", "-t", "tmpfs", "-o", "size=420k", "tmpfs", str(folder)]
    if os.name != "posix" or os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode:
        step("disk full: skipped, no small disk can be mounted here")
        return
    try:
        step("disk full")
        with Server(binary, folder) as server:
            page = browser.page(server.url)
            upload(page, DEMO)
            expect(row(page, "demo.mp4")).to_contain_text("The disk is full.")
            browser.shot(page, "20-disk-full")
            subprocess.run(["mount", "-o", "remount,size=64m", str(folder)], check=True)
            row(page, "demo.mp4").get_by_role("button", name="Try again").click()
            expect(row(page, "demo.mp4")).to_contain_text("of 1 face")
            page.context.close()
    finally:
        subprocess.run(["umount", str(folder)], check=False)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("binary", type=pathlib.Path)
    arguments.add_argument("shots", type=pathlib.Path)
    arguments.add_argument("--film", type=pathlib.Path, required=True, help="a film that takes some seconds to look at")
    given = arguments.parse_args()
    shutil.rmtree(given.shots, ignore_errors=True)
    given.shots.mkdir(parents=True)
    expect.set_options(timeout=PATIENCE)
    with tempfile.TemporaryDirectory() as folder, chromium(given.shots) as browser:
        with Server(given.binary, pathlib.Path(folder, "data")) as server:
            first = upload_to_reload(browser, server)
            two_tabs(browser, server, first)
            looks(browser, server)
            first.context.close()
            unreadable(browser, server)
            page = cancelled(browser, server, given.film)
            killed(browser, server, page, given.film)
            unsaved(browser, server)
            compared(browser, server)
            folder_of_frames(browser, server, folder)
            webcam(browser, server, folder)
            deleted(browser, server)
        token(browser, given.binary, pathlib.Path(folder, "token"))
        disk_full(browser, given.binary, pathlib.Path(folder, "small"))
        assert not browser.complaints, "\n".join(browser.complaints)
    print(f"passed; screenshots in {given.shots}")


if __name__ == "__main__":
    main()
