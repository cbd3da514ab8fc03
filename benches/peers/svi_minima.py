"""How far the smiles of `dump_smiles` are from the best that SciPy's differential evolution finds.

    cargo run --release -p hedgerow-greeks --example dump_smiles > smiles.csv
    python svi_minima.py smiles.csv

The objective is ours (`crates/greeks/src/smile/problem.rs`): half the weighted mean square of the misses in vol, in units of
the vol at the money, over raw SVI without butterfly arbitrage. A slice of the other search may go as far below Durrleman's
g = 0 as rounding. Needs numpy, scipy and pandas.
"""

import sys

import numpy as np
import pandas as pd
from scipy.optimize import differential_evolution, minimize

FORCE = 1e3  # of the penalty on a negative g
SEEDS = 2
LEAST = 7  # quotes: of fewer no five numbers are fitted
WIDE = np.sinh(np.linspace(-6.0, 6.0, 121)) / np.sinh(6.0)


def slice_of(p, x):
    """u, u', u'' of raw SVI in standard deviations; p = least variance, root wing slopes, centre, roundness."""
    least, left, right, m, sigma = p
    y = x - m
    radius = np.hypot(y, sigma)
    rest, half = 0.5 * (right**2 - left**2), 0.5 * (right**2 + left**2)
    value = least - sigma * left * right + rest * y + half * radius
    return value, rest + half * y / radius, half * sigma**2 / radius**3


def durrleman(p, x, scale):
    u, slope, bend = slice_of(p, x)
    u = np.maximum(u, 1e-300)
    return (1 - 0.5 * x * slope / u) ** 2 - 0.25 * slope**2 * (1 / u + 0.25 * scale**2) + 0.5 * bend


class Problem:
    def __init__(self, quotes):
        quotes = quotes.sort_values("log_moneyness")
        k, vol, weight = (quotes[name].to_numpy() for name in ("log_moneyness", "vol", "weight"))
        self.years = quotes.years.iloc[0]
        self.vol0 = vol[np.argmin(np.abs(k))]
        self.scale = self.vol0 * np.sqrt(self.years)
        self.k, self.x, self.vol, self.weight = k, k / self.scale, vol / self.vol0, weight / weight.sum()
        width = max(self.x[-1] - self.x[0], 1.0)
        steepest = np.sqrt((2 - 1e-6) / self.scale)
        self.bounds = [
            (1e-6, max(1.0, (self.vol**2).max())),
            (0.0, steepest),
            (0.0, steepest),
            (self.x[0] - width, self.x[-1] + width),
            (1e-3, 10 * width),
        ]
        middle = 0.5 * (self.x[0] + self.x[-1])
        self.grid = np.concatenate([np.linspace(self.x[0] - 2, self.x[-1] + 2, 161), middle + 40 * width * WIDE])

    def misses(self, p):
        return np.sqrt(np.maximum(slice_of(p, self.x)[0], 1e-300)) - self.vol

    def cost(self, p):
        return 0.5 * np.sum(self.weight * self.misses(p) ** 2)

    def penalised(self, p):
        grid = np.concatenate([self.grid, p[3] + p[4] * np.linspace(-4, 4, 41)])
        short = np.minimum(durrleman(p, grid, self.scale), 0.0)
        return self.cost(p) + FORCE * np.sum(short**2)

    def of_raw(self, raw):
        a, b, rho, m, sigma = raw
        s = self.scale
        least = a + b * sigma * np.sqrt(1 - rho**2)
        return np.array([least / s**2, np.sqrt(b * (1 - rho) / s), np.sqrt(b * (1 + rho) / s), m / s, sigma / s])

    def points(self, cost):
        """Root of the weighted mean square, vol points."""
        return 100 * self.vol0 * np.sqrt(2 * cost)

    def worst_near(self, p):
        """Largest miss within one standard deviation, vol points, whatever the spread."""
        at_money = np.sqrt(max(slice_of(p, np.zeros(1))[0][0], 0.0))
        near = np.abs(self.x) <= max(at_money, np.abs(self.x).min())
        return 100 * self.vol0 * np.abs(self.misses(p))[near].max()

    def best(self, ours):
        found = []
        for seed in range(SEEDS):
            evolved = differential_evolution(
                self.penalised, self.bounds, seed=seed, popsize=20, maxiter=300, tol=1e-12, atol=0, polish=False
            )
            found.append(evolved.x)
        found.append(np.clip(ours, *np.array(self.bounds).T))
        polished = [
            minimize(self.penalised, p, method="Nelder-Mead", bounds=self.bounds,
                     options={"maxiter": 8000, "maxfev": 8000, "xatol": 1e-10, "fatol": 1e-16, "adaptive": True}).x
            for p in found
        ]
        return min(found[:SEEDS] + polished, key=self.penalised)


def main():
    smiles = pd.read_csv(sys.argv[1])
    print("currency time expiry quotes grade | rms of ours, of theirs, vol points | worst near of ours, of theirs | ratio of costs")
    for (currency, time, expiry), quotes in smiles.groupby(["currency", "time", "expiry"], sort=False):
        if len(quotes) < LEAST:
            print(f"{currency} {time[:16]} {expiry[:10]} {len(quotes):3d} {quotes.status.iloc[0]:13s} | too few quotes", flush=True)
            continue
        problem = Problem(quotes)
        ours = problem.of_raw(quotes[["a", "b", "rho", "m", "sigma"]].iloc[0].to_numpy())
        theirs = problem.best(ours)
        cost, least = problem.cost(ours), problem.cost(theirs)
        print(
            f"{currency} {time[:16]} {expiry[:10]} {len(quotes):3d} {quotes.status.iloc[0]:13s} | "
            f"{problem.points(cost):6.3f} {problem.points(least):6.3f} | "
            f"{problem.worst_near(ours):6.2f} {problem.worst_near(theirs):6.2f} | {cost / least:8.3f}  "
            f"g>={durrleman(theirs, problem.grid, problem.scale).min():.1e} {np.round(theirs, 4)}",
            flush=True,
        )


if __name__ == "__main__":
    main()
