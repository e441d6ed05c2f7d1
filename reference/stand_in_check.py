"""Reads stand-ins of `microau synth dataset` with openpyxl and pandas, as published loaders read the real sets.

    python reference/stand_in_check.py LAYOUT=DIR [LAYOUT=DIR ...]

Knows nothing of our code: headers, types of cells, counts and folders below are those published of the data sets (of what a
set is known by, so that a stand-in at full size passes; smaller ones pass where `--small` leaves counts out). Every event's
onset, apex and offset must be a file. Prints one line a check; exit code 1 when one failed.
"""

import collections
import pathlib
import re
import sys

import openpyxl
import pandas

COUNTED = [1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 17]
POSITIVES = {
    "casme": [23, 17, 70, 0, 1, 4, 40, 3, 9, 23, 14, 13],
    "casme2": [26, 22, 130, 2, 13, 39, 13, 16, 34, 27, 16, 25],
    "samm": [6, 18, 23, 10, 3, 46, 5, 6, 28, 13, 4, 6],
    "4dme": [46, 54, 102, 8, 25, 89, 1, 2, 53, 4, 6, 11],
    "mmew": [50, 41, 109, 70, 10, 47, 8, 38, 37, 17, 6, 11],
    "casme3a": [153, 128, 274, 44, 8, 27, 50, 10, 15, 193, 6, 20],
}
ROWS = {
    "casme": 189, "casme2": 255, "samm": 159, "smic": 157, "mmew": 300, "4dme": 267, "casme_squared": 357,
    "casme3a": 860, "casme3c": 165, "samm_lv": 502, "dfme": 1856,
}
SMALL = "--small" in sys.argv
failed = []


def check(what, good, found=""):
    print(f"{'ok  ' if good else 'FAIL'} {what}{'' if good else f': {found}'}")
    if not good:
        failed.append(what)


def equal(what, found, wanted):
    check(what, found == wanted, f"{found}, expected {wanted}")


def full(what, found, wanted):
    """A count that holds at full size."""
    if not SMALL:
        equal(what, found, wanted)


def numbers(cell):
    """AUs of a cell by MEB's way: digits only, so that ref(), ? and sides count as present; of "or" the last is taken."""
    text = str(cell)
    text = re.sub(r"\.0$", "", text)
    text = re.sub(r"AU\d+\(k\)", "", text)
    text = re.sub(r"[\w/]+ or ", "", text)
    return {int(number) for number in re.findall(r"\d+", text)}


def positives(layout, cells):
    sets = [numbers(cell) for cell in cells]
    full(f"{layout}: AU positives", [sum(au in aus for aus in sets) for au in COUNTED], POSITIVES[layout])
    check(f"{layout}: every row has an AU", all(sets))


def rows_of(layout, frame):
    full(f"{layout}: rows", len(frame), ROWS[layout])


def sheet_types(path, sheet, first_row):
    """Types of the cells of each column, by openpyxl."""
    rows = openpyxl.load_workbook(path)[sheet].iter_rows(min_row=first_row, values_only=True)
    columns = zip(*[row for row in rows if any(cell is not None for cell in row)])
    return [collections.Counter(type(cell).__name__ for cell in column) for column in columns]


def frames_exist(layout, places):
    """`places`: folder, pattern of names, numbers."""
    missing = [folder / pattern.format(n) for folder, pattern, ns in places for n in ns
               if not (folder / pattern.format(n)).is_file()]
    check(f"{layout}: frames of {len(places)} rows are there", not missing, missing[:3])


def casme2(folder):
    path = folder / "CASME2-coding-20140508.xlsx"
    book = openpyxl.load_workbook(path)
    equal("casme2: sheets", book.sheetnames, ["Sheet1", "Sheet2", "Sheet3"])
    equal("casme2: empty sheets", [book[name].max_row * book[name].max_column for name in book.sheetnames[1:]], [1, 1])
    header = ["Subject", "Filename", None, "OnsetFrame", "ApexFrame", "OffsetFrame", None, "Action Units", "Estimated Emotion"]
    equal("casme2: header", [cell.value for cell in book["Sheet1"][1]], header)
    types = sheet_types(path, "Sheet1", 2)
    equal("casme2: subjects are text", set(types[0]), {"str"})
    equal("casme2: blank columns", [set(types[2]), set(types[6])], [{"NoneType"}] * 2)
    full("casme2: numeric and text AU cells", dict(types[7]), {"int": 133, "str": 122})
    full("casme2: apexes and slashes", dict(types[4]), {"int": 234, "str": 21})
    frame = pandas.read_excel(path)
    frame = frame.loc[:, [name for name in frame.columns if "Unnamed" not in name]]
    rows_of("casme2", frame)
    equal("casme2: dtypes", [str(frame[name].dtype) for name in ("OnsetFrame", "OffsetFrame")], ["int64", "int64"])
    positives("casme2", frame["Action Units"])
    tokens = [token for cell in frame["Action Units"] for token in str(cell).split("+")]
    shape = collections.Counter(re.sub(r"\d+", "N", token) for token in tokens)
    full("casme2: tokens", dict(shape), {"N": 311, "LN": 37, "RN": 23, "N?": 5})
    full("casme2: emotions", dict(frame["Estimated Emotion"].value_counts()),
         {"others": 99, "disgust": 63, "happiness": 32, "repression": 27, "surprise": 25, "sadness": 7, "fear": 2})
    full("casme2: subjects", frame["Subject"].nunique(), 26)
    length = frame["OffsetFrame"] - frame["OnsetFrame"] + 1
    full("casme2: frames", [length.min(), length.median(), length.max()], [24, 61, 141])
    classes = pandas.read_excel(folder / "CASME2-ObjectiveClasses.xlsx", dtype={"Subject": str})
    equal("casme2: classes are in the order of the rows", list(classes["Filename"]), list(frame["Filename"]))
    full("casme2: classes", list(classes["Objective Class"].value_counts().sort_index()), [25, 15, 99, 26, 20, 1, 69])
    raw = folder / "CASME2_RAW/CASME2-RAW"
    text = pandas.read_excel(path, dtype=str)
    frames_exist("casme2", [(raw / f"sub{row.Subject}" / row.Filename, "img{}.jpg",
                             [n for n in (row.OnsetFrame, row.ApexFrame, row.OffsetFrame) if n != "/"])
                            for row in text.itertuples()])
    check("casme2: folders without a row", (raw / "sub09/EP02_02f").is_dir() and (raw / "sub24/EP02_07").is_dir())


def samm(folder):
    path = folder / "SAMM_Micro_FACS_Codes_v2.xlsx"
    equal("samm: sheets", openpyxl.load_workbook(path).sheetnames, ["MICRO_ONLY"])
    frame = pandas.read_excel(path, skiprows=13, dtype={"Subject": str})
    header = ["Subject", "Filename", "Inducement Code", "Onset Frame", "Apex Frame", "Offset Frame", "Duration", "Micro",
              "Action Units", "Estimated Emotion", "Objective Classes", "Notes"]
    equal("samm: header on row 14", list(frame.columns), header)
    rows_of("samm", frame)
    positives("samm", frame["Action Units"])
    full("samm: emotions", dict(frame["Estimated Emotion"].value_counts()),
         {"Anger": 57, "Happiness": 26, "Other": 26, "Surprise": 15, "Contempt": 12, "Disgust": 9, "Fear": 8, "Sadness": 6})
    full("samm: or", int(frame["Action Units"].str.contains(" or ").sum()), 5)
    full("samm: frames", [frame["Duration"].min(), frame["Duration"].median(), frame["Duration"].max()], [30, 78, 101])
    full("samm: subjects", frame["Subject"].nunique(), 29)
    types = sheet_types(path, "MICRO_ONLY", 15)
    equal("samm: types", [set(column) for column in types[:7]], [{"str"}, {"str"}] + [{"int"}] * 5)
    frames_exist("samm", [(folder / row["Subject"] / row["Filename"], row["Subject"] + "_{:05d}.jpg",
                           [row["Onset Frame"], row["Apex Frame"], row["Offset Frame"]]) for _, row in frame.iterrows()])


def smic(folder):
    frame = pandas.read_excel(folder / "SMIC-HS-E_annotation_2019.xlsx")
    equal("smic: header", list(frame.columns), ["Subject", "Filename", "FirstF", "OnsetF", "ApexF", "OffsetF", "Emotion"])
    check("smic: text below the rows", frame["Filename"].isna().any())
    frame = frame.dropna(subset=["Filename"])
    rows_of("smic", frame)
    full("smic: subjects", frame["Subject"].nunique(), 16)
    equal("smic: emotions", set(frame["Emotion"]), {"positive", "negative", "surprise"})
    films = folder / "HS_long/SMIC-HS-E"
    if films.is_dir():
        frames_exist("smic", [(films / row.Subject, "image{:06d}.jpg", [int(row.OnsetF), int(row.ApexF), int(row.OffsetF)])
                              for row in frame.itertuples()])


def mmew(folder):
    frame = pandas.read_excel(folder / "MMEW_Micro_Exp.xlsx")
    equal("mmew: header", list(frame.columns), ["Subject", "Filename", "OnsetFrame", "ApexFrame", "OffsetFrame",
                                                 "Action Units", "Estimated Emotion", "remarks"])
    rows_of("mmew", frame)
    positives("mmew", frame["Action Units"])
    check("mmew: names", frame["Filename"].str.fullmatch(r"S\d\d-\d\d-\d\d\d").all())
    full("mmew: subjects", frame["Subject"].nunique(), 30)
    frames_exist("mmew", [(folder / "Micro_Expression" / row["Estimated Emotion"] / row["Filename"], "{}.jpg",
                           [row["OnsetFrame"], row["ApexFrame"], row["OffsetFrame"]]) for _, row in frame.iterrows()])


def casme(folder):
    frame = pandas.read_excel(folder / "casme.xlsx")
    equal("casme: header", list(frame.columns), ["Subject", "Filename", "Unnamed: 2", "OnsetF", "ApexF1", "ApexF2", "OffsetF",
                                                  "Unnamed: 7", "AU", "Emotion"])
    rows_of("casme", frame)
    positives("casme", frame["AU"])
    full("casme: subjects", frame["Subject"].nunique(), 19)
    frames_exist("casme", [(folder / f"sub{row.Subject:02d}" / row.Filename, "img{}.jpg",
                            [row.OnsetF, row.ApexF1, row.OffsetF]) for row in frame.itertuples()])


def four_dme(folder):
    frame = pandas.read_excel(folder / "4DME_Labelling_Micro_release v1.xlsx", dtype={"sub_ID": str})
    equal("4dme: header", list(frame.columns[:7]), ["sub_ID", "fold_name", "Emotion", "Onset", "Apex", "Offset", "AUs"])
    columns = [name for name in frame.columns if re.fullmatch(r"AU\d+", name)]
    equal("4dme: columns of AUs", len(columns), 22)
    rows_of("4dme", frame)
    positives("4dme", frame["AUs"])
    with_k = frame["AUs"].apply(lambda cell: {int(n) for n in re.findall(r"\d+", cell)})
    check("4dme: one-hot columns follow the cell", all(
        {int(name[2:]) for name in columns if row[name]} == codes for (_, row), codes in zip(frame.iterrows(), with_k)))
    check("4dme: some codes carry (k)", frame["AUs"].str.contains(r"\(k\)").any())
    full("4dme: subjects", frame["sub_ID"].nunique(), 56)
    frames_exist("4dme", [(folder / "gray_micro" / row.sub_ID / row.fold_name, "{:04d}.jpg",
                           [row.Onset, row.Apex, row.Offset]) for row in frame.itertuples()])


def casme3a(folder):
    path = folder / "cas(me)3_part_A_ME_label_JpgIndex_v2.xlsx"
    sheet = openpyxl.load_workbook(path).sheetnames[0]
    equal("casme3a: all cells are text", {name for column in sheet_types(path, sheet, 1) for name in column}, {"str"})
    frame = pandas.read_excel(path, dtype=str)
    equal("casme3a: header", list(frame.columns),
          ["Subject", "Filename", "Onset", "Apex", "Offset", "AU", "Objective class", "emotion"])
    rows_of("casme3a", frame)
    positives("casme3a", frame["AU"])
    full("casme3a: emotions", dict(frame["emotion"].value_counts()),
         {"disgust": 250, "surprise": 187, "others": 158, "fear": 86, "anger": 64, "sad": 57, "happy": 55, "Others": 3})
    full("casme3a: films", len(frame[["Subject", "Filename"]].drop_duplicates()), 463)
    full("casme3a: subjects", frame["Subject"].nunique(), 94)
    frames_exist("casme3a", [(folder / row.Subject / row.Filename / "color", "{}.jpg", [row.Onset, row.Apex, row.Offset])
                             for row in frame.itertuples()])


def casme3c(folder):
    frame = pandas.read_excel(folder / "cas(me)3_part_C_ME_label.xlsx", dtype={"au": str})
    equal("casme3c: header", list(frame.columns), ["sub", "count", "onset", "offset", "au", "emotion"])
    rows_of("casme3c", frame)
    full("casme3c: subjects", frame["sub"].nunique(), 30)
    for what, pattern in [("Chinese comma", "，"), ("comma at the end", ",$"), ("question mark", r"\d\?"), ("side", "^R")]:
        check(f"casme3c: {what}", frame["au"].str.contains(pattern).any())
    frames_exist("casme3c", [(folder / f"spNO.{row.sub}/color", "{}.jpg", [row.onset, row.offset])
                             for row in frame.itertuples()])


def casme_squared(folder):
    path = folder / "CAS(ME)^2code_final(Updated).xlsx"
    frame = pandas.read_excel(path, header=None, sheet_name=0)
    rows_of("casme_squared", frame)
    equal("casme_squared: columns", frame.shape[1], 9)
    full("casme_squared: kinds", dict(frame[7].value_counts()), {"macro-expression": 300, "micro-expression": 57})
    check("casme_squared: offsets of 0", (frame[4] == 0).any())
    people = dict(pandas.read_excel(path, header=None, sheet_name=1).values)
    equal("casme_squared: people", [people[1], people[2], people[3], people[22]], [15, 16, 19, 40])
    films = {row[1]: row[2] for row in pandas.read_excel(path, header=None, sheet_name=2, dtype=str).values}
    places = []
    for _, row in frame.iterrows():
        person = people[row[0]]
        name = f"{person}_{films[row[1].split('_')[0]]}"
        below = 19 if name == "23_0502funnyerrors" else person
        places.append((folder / f"rawpic/s{below}/{name}", "img{}.jpg", [n for n in (row[2], row[3], row[4]) if n]))
    frames_exist("casme_squared", places)


def samm_lv(folder):
    frame = pandas.read_excel(folder / "SAMM_LongVideos_V2_Release.xlsx", skiprows=10, dtype={"Subject": str})
    equal("samm_lv: header below ten rows", list(frame.columns), ["Subject", "Filename", "Inducement Code", "Onset", "Apex",
                                                                  "Offset", "Duration", "Type", "Action Units", "Notes"])
    rows_of("samm_lv", frame)
    full("samm_lv: kinds", dict(frame["Type"].value_counts()), {"Macro": 343, "Micro - 1/2": 159})
    films = frame["Filename"].str.rsplit("_", n=1).str[0]
    frames_exist("samm_lv", [(folder / "SAMM_longvideos" / film, film + "_{:04d}.jpg", [row.Onset, row.Apex, row.Offset])
                             for film, row in zip(films, frame.itertuples())])


def dfme(folder):
    frame = pandas.read_excel(folder / "training_full_with_AU.xlsx", dtype={"Subject": str, "Filename": str})
    equal("dfme: header", list(frame.columns), ["Subject", "Filename", "OnsetFrame", "ApexFrame", "OffsetFrame", "Emotion",
                                                "EmotionId", "Fps", "AU"])
    rows_of("dfme", frame)
    full("dfme: subjects", frame["Subject"].nunique(), 176)
    frames_exist("dfme", [(folder / "train" / row.Filename, "{}.jpg", [row.OnsetFrame, row.ApexFrame, row.OffsetFrame])
                          for row in frame.itertuples()])


CHECKS = {"casme": casme, "casme2": casme2, "samm": samm, "smic": smic, "mmew": mmew, "4dme": four_dme,
          "casme_squared": casme_squared, "casme3a": casme3a, "casme3c": casme3c, "samm_lv": samm_lv, "dfme": dfme}

for argument in sys.argv[1:]:
    if not argument.startswith("--"):
        layout, folder = argument.split("=", 1)
        CHECKS[layout](pathlib.Path(folder))
print(f"{len(failed)} checks failed")
sys.exit(bool(failed))
