"""Recomputes headline numbers of a run from its ledger.parquet and compares them with summary.json.

python recompute.py REPORT_FOLDER        needs pyarrow and pandas
"""
import json, sys, pathlib
import pandas as pd

folder = pathlib.Path(sys.argv[1])
ledger, summary = pd.read_parquet(folder / "ledger.parquet"), json.load(open(folder / "summary.json"))
once = ledger.drop_duplicates(["strategy", "time"])                       # per strategy and time
equity = once.pivot(index="time", columns="strategy", values="equity")
variance = equity.diff().iloc[1:].var(ddof=0)
legs = ledger.groupby("strategy", observed=True)[["fee", "spread", "slippage", "roll"]].sum().sum(axis=1)
for name, found in summary["strategies"].items():
    reduction = 1 - variance[name] / variance["unhedged"]
    drawdown = (1 - equity[name] / equity[name].cummax()).max()
    for key, mine in {"variance_reduction_row": reduction, "max_drawdown_rows": drawdown, "final_equity": equity[name].iloc[-1]}.items():
        theirs = found["statistics"][key]["value"]
        if theirs is None: continue
        assert abs(mine - theirs) <= 1e-9 * max(1, abs(theirs)), (name, key, mine, theirs)
        print(f"{name:32} {key:24} {mine:.10g}")
