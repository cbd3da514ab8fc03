"""A bare Polars read of two million rows of six columns, CSV and Parquet, two threads: milliseconds."""
import os, pathlib, tempfile, time
os.environ.setdefault("POLARS_MAX_THREADS", "2")
import numpy as np
import polars as pl

n = 2_000_000
rng = np.random.default_rng(7)
price = 30_000 * np.exp(np.cumsum(0.6 / np.sqrt(365 * 1440) * rng.standard_normal(n)))
frame = pl.DataFrame({"time": np.arange(1, n + 1) * 60_000, "open": price.round(2), "high": (price * 1.001).round(2),
                      "low": (price * 0.999).round(2), "close": price.round(2), "volume": np.full(n, 1.5)})
with tempfile.TemporaryDirectory() as folder:
    csv, parquet = pathlib.Path(folder, "bars.csv"), pathlib.Path(folder, "bars.parquet")
    frame.write_csv(csv)
    frame.write_parquet(parquet)
    for name, read in [("CSV", lambda: pl.read_csv(csv)), ("Parquet", lambda: pl.read_parquet(parquet))]:
        read()
        best = min((lambda start: (read(), time.perf_counter() - start)[1])(time.perf_counter()) for _ in range(5))
        print(f"Polars read of {name}: {1e3 * best:.0f} ms")
