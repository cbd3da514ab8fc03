"""Compares what `hedgerow import` wrote with an independent reading of the same sources (pandas, pyarrow).

    python data/recheck.py FOLDER

FOLDER holds canonical files of one import. For each, the sources named in its metadata are read again with pandas; row
count, first and last stamp and the sums of the columns must agree.
"""

import gzip
import io
import json
import pathlib
import subprocess
import sys
import zipfile

import pandas as pd
import pyarrow.parquet as pq

TIMES = ["timestamp_ms", "timestamp_utc", "timestamp", "open_time", "unix", "Unix", "date", "Date", "Time", "calc_time"]
NAMES = {
    "open": ["open", "Open"],
    "high": ["high", "High"],
    "low": ["low", "Low"],
    "close": ["close", "Close"],
    "rate": ["funding_rate", "Funding Rate", "last_funding_rate", "fundingRate"],
    "vol": ["dvol_close"],
}


def unpacked(path):
    data = pathlib.Path(path).read_bytes()
    if data[:2] == b"\x1f\x8b":
        return gzip.decompress(data)
    if data[:4] == b"\x28\xb5\x2f\xfd":
        return subprocess.run(["zstd", "-dcq", path], capture_output=True, check=True).stdout
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return b"".join(archive.read(name) for name in archive.namelist())
    return data


def millis(column, zone):
    """Stamps as UTC milliseconds: numbers by their size, words with their zone."""
    if column.dtype.kind in "iuf":
        stamps = column.astype("int64")
        while (large := stamps >= 10**14).any():
            stamps = stamps.where(~large, stamps // 1000)
        return stamps.where(stamps >= 10**11, stamps * 1000)
    words = column.astype(str).str.replace(r"(\d\d)-([AP]M)$", r"\1:00 \2", regex=True)
    stamps = pd.to_datetime(words, format="mixed")
    if stamps.dt.tz is None:
        stamps = stamps.dt.tz_localize(zone, ambiguous=True)
    return stamps.dt.tz_convert("UTC").dt.as_unit("ms").astype("int64")


def numbers(column):
    if column.dtype.kind in "if":
        return column
    text = column.astype(str)
    scale = text.str.endswith("%").map({True: 100.0, False: 1.0})
    return pd.to_numeric(text.str.rstrip("%"), errors="coerce") / scale


def read(path, schema, zone):
    data = unpacked(path).lstrip(b"\xef\xbb\xbf")
    first = data.split(b"\n", 1)[0]
    if b"://" in first:
        data = data.split(b"\n", 1)[1]
    if data[:1] in b"[{":
        rows = json.loads(data)
        rows = rows["data"] if isinstance(rows, dict) else rows
        short = {"dt": "date", "o": "open", "h": "high", "l": "low", "c": "close"}
        columns = ["timestamp_ms", "open", "high", "low", "close", "volume"]
        frame = pd.DataFrame(rows, columns=columns if isinstance(rows[0], list) else None).rename(columns=short)
    else:
        frame = pd.read_csv(io.BytesIO(data))
    time = next(name for name in TIMES if name in frame.columns)
    table = pd.DataFrame({"time": millis(frame[time], zone)})
    if schema.startswith("funding"):
        hour = 3_600_000
        near = (table["time"] + hour // 2) // hour * hour
        table["time"] = near.where((near - table["time"]).abs() <= 60_000, table["time"])
    for name, known in NAMES.items():
        found = next((column for column in known if column in frame.columns), None)
        if found:
            table[name] = numbers(frame[found])
    return table


def compare(path):
    file = pq.ParquetFile(path)
    notes = {key.decode(): value.decode() for key, value in file.metadata.metadata.items()}
    schema, step = notes["hedgerow.schema"], int(notes["hedgerow.step_millis"] or 0)
    ours = file.read().to_pandas()
    assumptions = " ".join(json.loads(notes["hedgerow.assumptions"]))
    starts = "labels are starts" in assumptions
    zone = next((zone for zone in ["Europe/London", "Etc/GMT-3"] if zone in assumptions), "UTC")
    theirs = pd.concat([read(source, schema, zone) for source in json.loads(notes["hedgerow.sources"])])
    theirs = theirs.drop_duplicates("time").sort_values("time")
    figure = next(name for name in ["close", "rate", "vol"] if name in ours.columns)
    theirs = theirs[theirs[figure].notna()]
    if any(finding["defect"] == "unfinished rows" for finding in json.loads(notes["hedgerow.findings"])):
        theirs = theirs.iloc[:-1]
    if starts:
        theirs["time"] += step
    stamps = ours["time"].dt.as_unit("ms").astype("int64")
    problems = []
    if len(ours) != len(theirs):
        problems.append(f"{len(ours)} rows, expected {len(theirs)}")
    if (stamps.iloc[0], stamps.iloc[-1]) != (theirs["time"].iloc[0], theirs["time"].iloc[-1]):
        problems.append(f"runs {stamps.iloc[0]} .. {stamps.iloc[-1]}, expected {theirs['time'].iloc[0]} .. {theirs['time'].iloc[-1]}")
    for name in ours.columns.intersection(list(NAMES)):
        if name not in theirs:
            continue
        a, b = ours[name].sum(), theirs[name].sum()
        ratio = a / b if b else 1.0
        # A vol or rate in percent is a fraction in the canonical file.
        if not any(abs(ratio * scale - 1) < 1e-9 for scale in ([1, 100] if name in ("vol", "rate") else [1])):
            problems.append(f"{name} sums to {a}, expected {b}")
    return len(ours), problems


def main():
    failed = 0
    for path in sorted(pathlib.Path(sys.argv[1]).rglob("*.parquet")):
        n_rows, problems = compare(path)
        failed += bool(problems)
        print(f"{path.name}: {n_rows} rows, {'; '.join(problems) or 'agrees'}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
