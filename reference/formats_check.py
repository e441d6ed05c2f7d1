"""Reads the formats of `microau detect` with other people's readers and holds them against the report.

    MICROAU_FORMATS=DIR cargo test -p microau --test formats
    python reference/formats_check.py DIR [EAFv3.0.xsd]

DIR holds one made-up film in every format: `report.json` and `frames.jsonl` are read as plain JSON, all others must say the
same: `intervals.csv`, `frames.csv`, `openface.csv` (pandas), `intervals.parquet`, `frames.parquet` (pyarrow), `film.eaf`
(pympi-ling, and lxml with the schema where it is given), `film.vtt` (webvtt-py), `film.srt` (pysrt). Prints one line a check;
exit code 1 when one failed. Knows nothing of our code.
"""

import json
import math
import pathlib
import sys
import urllib.parse
import warnings

import lxml.etree
import pandas
import pyarrow.parquet
import pympi
import pysrt
import webvtt

failed = []


def check(what, good, found=""):
    print(f"{'ok  ' if good else 'FAIL'} {what}{'' if good else f': {found}'}")
    if not good:
        failed.append(what)


def equal(what, found, wanted):
    check(what, same(found, wanted), f"{found}, expected {wanted}")


def same(found, wanted):
    """Equal; numbers to the six digits that tables have, and nothing for nothing."""
    if isinstance(wanted, (list, tuple)):
        return len(found) == len(wanted) and all(same(a, b) for a, b in zip(found, wanted))
    if wanted is None:
        return found is None or found != found
    if isinstance(wanted, float):
        return math.isclose(found, wanted, abs_tol=1e-6)
    return found == wanted


def rows_of(report):
    """One row an interval, as tables have them."""
    aus = report["model"]["aus"]
    rows = []
    for film in report["inputs"]:
        for face in film["faces"]:
            for it in face["intervals"]:
                moments = [it["onset"], it["apex"], it["offset"]]
                frames = [moment and moment["frame"] for moment in moments]
                secs = [moment and moment["secs"] for moment in moments]
                probs = {score["au"]: score["probability"] for score in it["aus"]}
                rows.append([film["input"], face["face_id"], *frames, *secs, it.get("kind"), it.get("confidence"),
                             *[probs.get(au) for au in aus]])
    return rows


def frame_rows(lines, aus):
    return [[line["input"], line["frame"], line["secs"], line["face_id"], line["confidence"],
             *[line["aus"].get(au) for au in aus]] for line in lines]


def spans(report):
    """Begin and end of every interval in ms, with its face, kind and present units."""
    film = report["inputs"][0]
    rate = eval(film["video"]["frame_rate"])  # "30" or "30000/1001"
    last = film["video"]["frame_count"] / rate
    for face in film["faces"]:
        for it in face["intervals"]:
            end = it["offset"]["micros"] if it["offset"] else int(last * 1e6)
            # halves are rounded up
            begin, end = ((micros + 500) // 1000 for micros in (it["onset"]["micros"], end))
            yield face["face_id"], begin, end, it


def tables(folder, report, frames):
    aus = report["model"]["aus"]
    table = pandas.read_csv(folder / "intervals.csv")
    columns = ["input", "face_id", "onset", "apex", "offset", "onset_secs", "apex_secs", "offset_secs", "kind", "confidence"]
    equal("csv: columns", list(table.columns), columns + aus)
    equal("csv: rows", table.values.tolist(), rows_of(report))
    table = pandas.read_csv(folder / "frames.csv")
    equal("csv: columns of frames", list(table.columns), ["input", "frame", "secs", "face_id", "confidence"] + aus)
    equal("csv: frames", table.values.tolist(), frame_rows(frames, aus))

    table = pyarrow.parquet.read_table(folder / "intervals.parquet")
    equal("parquet: columns", table.column_names, columns[:8] + ["found_by"] + columns[8:] + aus)
    rows = [list(row.values()) for row in table.drop(["found_by"]).to_pylist()]
    equal("parquet: rows", rows, rows_of(report))
    head = json.loads(table.schema.metadata[b"microau"])
    equal("parquet: the model is in the metadata", head["model"], report["model"])
    table = pyarrow.parquet.read_table(folder / "frames.parquet")
    equal("parquet: frames", [list(row.values()) for row in table.to_pylist()], frame_rows(frames, aus))

    lines = [json.loads(line) for line in (folder / "intervals.jsonl").read_text().splitlines()]
    equal("jsonl: types", [line["type"] for line in lines], ["report"] + ["interval"] * len(rows) + ["input"])
    intervals = [it for film in report["inputs"] for face in film["faces"] for it in face["intervals"]]
    for line, it in zip(lines[1:], intervals):
        check("jsonl: an interval is that of the report", all(line[key] == it[key] for key in it), line)


def openface(folder, report, frames):
    aus = report["model"]["aus"]
    table = pandas.read_csv(folder / "openface.csv", skipinitialspace=True)
    columns = ["frame", "face_id", "timestamp", "confidence", "success"]
    columns += [f"{axis}_{i}" for axis in "xy" for i in range(68)]
    equal("openface: columns", list(table.columns), columns + [f"{au}_{kind}" for kind in "rc" for au in aus])
    equal("openface: frames from 1", table["frame"].tolist(), [line["frame"] + 1 for line in frames])
    equal("openface: times", table["timestamp"].tolist(), [line["secs"] for line in frames])
    for au in aus:
        probs = [line["aus"].get(au) for line in frames]
        scaled = [None if prob is None else round(5 * prob, 2) for prob in probs]
        close = all(same(a, b) or abs(a - b) < 0.0051 for a, b in zip(table[f"{au}_r"], scaled))
        check(f"openface: {au}_r is five times the probability", close, table[f"{au}_r"].tolist())
        present = [None if prob is None else float(prob >= report["settings"]["threshold"]) for prob in probs]
        equal(f"openface: {au}_c", table[f"{au}_c"].tolist(), present)
    raw = (folder / "openface.csv").read_text().splitlines()[0]
    check("openface: a blank behind each comma", raw.startswith("frame, face_id, timestamp, confidence, success, x_0"))
    row = table.iloc[0]
    eyes = [sum(row[f"x_{i}"] for i in points) / 6 for points in (range(36, 42), range(42, 48))]
    check("openface: the subject's right eye is on the left", eyes[0] < eyes[1], eyes)
    check("openface: the chin is the lowest point", row["y_8"] == max(row[f"y_{i}"] for i in range(68)))


def elan(folder, report, schema):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        eaf = pympi.Elan.Eaf(str(folder / "film.eaf"))
    names = sorted(eaf.get_tier_names())
    expected = {}
    kinds = {"micro": "micro-expressions", "macro": "longer expressions", None: "movements"}
    for face, begin, end, it in spans(report):
        units = [score["au"] for score in it["aus"] if score["present"]]
        for tier in [kinds[it.get("kind")], *units]:
            expected.setdefault(f"face {face} {tier}", []).append((begin, end))
    found = {}
    for name in names:
        annotations = eaf.get_annotation_data_for_tier(name)
        times = sorted((begin, end) for begin, end, *_ in annotations)
        check(f"eaf: {name} does not overlap itself", all(a[1] <= b[0] for a, b in zip(times, times[1:])), times)
        found.setdefault(name.split(" (")[0], []).extend(times)
    equal("eaf: tiers", sorted(found), sorted(expected))
    for name in sorted(expected):
        equal(f"eaf: times of {name}", sorted(found.get(name, [])), sorted(expected[name]))
    media = eaf.get_linked_files()[0]
    name = pathlib.PurePath(report["inputs"][0]["input"]).name
    for key in ("MEDIA_URL", "RELATIVE_MEDIA_URL"):
        path = urllib.parse.unquote(urllib.parse.urlparse(media[key]).path)
        equal(f"eaf: {key} names the film", pathlib.PurePath(path).name, name)
    tree = lxml.etree.parse(folder / "film.eaf")
    if schema:
        schema = lxml.etree.XMLSchema(lxml.etree.parse(schema))
        check("eaf: valid by the schema", schema.validate(tree), schema.error_log)


def seconds(text):
    hours, minutes, rest = text.split(":")
    return round(1000 * (3600 * int(hours) + 60 * int(minutes) + float(rest)))


def subtitles(folder, report):
    expected = sorted((begin, end, face) for face, begin, end, _ in spans(report))
    cues = list(webvtt.read(folder / "film.vtt"))
    equal("vtt: times", sorted((seconds(cue.start), seconds(cue.end)) for cue in cues), [it[:2] for it in expected])
    check("vtt: in order", [cue.start for cue in cues] == sorted(cue.start for cue in cues))
    items = pysrt.open(folder / "film.srt", encoding="utf-8")
    equal("srt: times", sorted((item.start.ordinal, item.end.ordinal) for item in items), [it[:2] for it in expected])
    equal("srt and vtt say the same", [item.text for item in items], [cue.text for cue in cues])
    equal("srt: numbers", [item.index for item in items], list(range(1, len(items) + 1)))
    check("a cue names its kind", any(cue.text.startswith("face 0: micro-expression: ") for cue in cues), cues[0].text)


def main():
    folder = pathlib.Path(sys.argv[1])
    report = json.loads((folder / "report.json").read_text())
    lines = [json.loads(line) for line in (folder / "frames.jsonl").read_text().splitlines()]
    frames = [line for line in lines if line["type"] == "frame"]
    tables(folder, report, frames)
    openface(folder, report, frames)
    elan(folder, report, sys.argv[2] if len(sys.argv) > 2 else None)
    subtitles(folder, report)
    print(f"{len(failed)} failed")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
