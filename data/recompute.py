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
costs = ["fee", "spread", "slippage", "roll"]
opened = ledger[ledger["time"] == ledger["time"].min()]                   # equity before the first row: opening costs come off it
opening = opened.groupby("strategy", observed=True)[costs].sum().sum(axis=1)
opening += opened.drop_duplicates("strategy").set_index("strategy")[["book_fee", "book_spread"]].sum(axis=1)
paid = -ledger.filter(["carry"] + [column for column in ledger if column.startswith("pnl_") and column != "pnl_delta"]).sum(axis=1)
cost = paid.groupby(ledger["strategy"], observed=True).sum() + legs       # what deltas earned is no cost
for name, found in summary["strategies"].items():
    reduction = 1 - variance[name] / variance["unhedged"]
    drawdown = (1 - equity[name] / equity[name].cummax().clip(lower=equity[name].iloc[0] + opening[name])).max()
    for key, mine in {"variance_reduction_row": reduction, "max_drawdown_rows": drawdown, "final_equity": equity[name].iloc[-1], "cost_total": cost[name]}.items():
        theirs = found["statistics"][key]["value"]
        if theirs is None: continue
        assert abs(mine - theirs) <= 1e-9 * max(1, abs(theirs), equity[name].abs().max()), (name, key, mine, theirs)
        print(f"{name:32} {key:24} {mine:.10g}")
lines = [column for column in ledger if column.startswith("pnl_")]
held = ledger.dropna(subset=["price_pnl"])
scale = 1e-9 * (held["equity"].abs() + (held["held"] * held["instrument_price"]).abs() + 1)
assert ((held[lines].sum(axis=1) - held["price_pnl"]).abs() <= scale).all(), "lines of the legs"
book = [column for column in once if column.startswith("book_pnl_")]
scale = 1e-9 * (once["equity"].abs() + once["book_value"].abs() + 1)
assert ((once[book].sum(axis=1) - once["book_pnl"]).abs() <= scale).all(), "lines of the book"
daily_rows = (once["time"] - pd.Timedelta(milliseconds=1)).dt.floor("D")
greeks = ["delta", "gamma", "theta", "vega", "vanna", "volga"]
for name, found in summary["strategies"].items():
    theirs = found["attribution"]["value"]
    if theirs is None: continue
    rows, mine = ledger[ledger["strategy"] == name], once[once["strategy"] == name]
    day = daily_rows[mine.index].set_axis(mine["time"])
    def total(columns, table):
        return table.set_index("time")[[c for c in columns if c in table]].sum(axis=1).groupby(level=0).sum().groupby(day).sum().iloc[1:]
    rtpl = total([f"pnl_{line}" for line in greeks], rows) + total([f"book_pnl_{line}" for line in greeks], mine)
    hpl = total(["price_pnl"], rows) + total(["book_pnl"], mine)
    rtpl, hpl = rtpl.iloc[-theirs["days"]:], hpl.iloc[-theirs["days"]:]
    rtpl = rtpl.where((rtpl - hpl).abs() > 1e-9 * mine["equity"].abs().max(), hpl)
    spearman = rtpl.rank().corr(hpl.rank())
    at = pd.concat([rtpl, hpl]).sort_values()
    share = lambda column: column.sort_values().searchsorted(at, "right") / len(column)
    ks = abs(share(rtpl) - share(hpl)).max()
    for key, mine in {"spearman": spearman, "ks": ks}.items():
        assert abs(mine - theirs[key]) <= 1e-9, (name, key, mine, theirs[key])
        print(f"{name:32} {key:24} {mine:.10g}")
