"""Value and four Greeks, and implied vol, of the same seeded options, one thread: NumPy/SciPy, py_vollib_vectorized,
QuantLib-Python.

    python greeks.py [OURS.txt]

Makes its own private environment on the first run. OURS.txt is the output of
`cargo run --release -p hedgerow-greeks --example ns_per_option`; with it, ratios to ours are printed.
`py_vollib_vectorized` 0.1.1 is the last release and runs with the Numba and the vollib of its time only, hence the pins.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

HOME = pathlib.Path(tempfile.gettempdir()) / "hedgerow-peers-greeks"
if sys.prefix == sys.base_prefix:
    python = HOME / "bin" / "python"
    # Written last: an installation that was cut short starts again.
    ready = HOME / "ready"
    if not ready.exists():
        subprocess.run([sys.executable, "-m", "venv", HOME], check=True)
        packages = ["numpy<2", "numba<0.60", "scipy", "pandas", "setuptools", "QuantLib", "py_vollib_vectorized==0.1.1",
                    "py_vollib==1.0.1", "py_lets_be_rational==1.0.1"]
        subprocess.run([python, "-m", "pip", "install", "--quiet", *packages], check=True)
        ready.touch()
    os.execv(python, [str(python), *sys.argv])

import numpy as np
from scipy.special import ndtr

N = 4096
rng = np.random.default_rng(1)
spot = rng.uniform(50_000, 70_000, N)
strike = rng.uniform(40_000, 90_000, N)
years = rng.uniform(0.003, 1.0, N)
vol = rng.uniform(0.3, 1.2, N)
rate = rng.uniform(0.0, 0.05, N)
sign = np.where(rng.uniform(size=N) < 0.5, 1.0, -1.0)
FLAGS = np.where(sign > 0, "c", "p")


def best(work, n, rounds):
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return 1e9 * min(times) / n


def scipy_greeks():
    root = np.sqrt(years)
    deviation = vol * root
    d1 = (np.log(spot / strike) + rate * years) / deviation + 0.5 * deviation
    d2 = d1 - deviation
    discounted = strike * np.exp(-rate * years)
    n1, n2 = ndtr(sign * d1), ndtr(sign * d2)
    pdf = np.exp(-0.5 * d1 * d1) / np.sqrt(2 * np.pi)
    value = sign * (spot * n1 - discounted * n2)
    theta = -0.5 * spot * pdf * vol / root - sign * rate * discounted * n2
    return value, sign * n1, pdf / (spot * deviation), spot * pdf * root, theta


def scipy_implied(price):
    """Newton's method on vega from a fixed guess, as commonly written; bounded, 8 steps."""
    sigma = np.full(N, 0.6)
    root = np.sqrt(years)
    for _ in range(8):
        deviation = sigma * root
        d1 = np.log(spot / strike) / deviation + 0.5 * deviation
        value = sign * (spot * ndtr(sign * d1) - strike * ndtr(sign * (d1 - deviation)))
        vega = spot * np.exp(-0.5 * d1 * d1) / np.sqrt(2 * np.pi) * root
        sigma = np.clip(sigma - (value - price) / np.maximum(vega, 1e-8), 1e-3, 5.0)
    return sigma


def vectorized_greeks():
    from py_vollib_vectorized import get_all_greeks, vectorized_black_scholes

    vectorized_black_scholes(FLAGS, spot, strike, years, rate, vol, return_as="numpy")
    get_all_greeks(FLAGS, spot, strike, years, rate, vol, model="black_scholes", return_as="numpy")


def vectorized_implied(price):
    from py_vollib_vectorized import vectorized_implied_volatility_black as implied

    implied(price, spot, strike, 0.0, years, FLAGS, return_as="numpy", on_error="ignore")


def quantlib_greeks(n):
    import QuantLib as ql

    types = [ql.Option.Call if s > 0 else ql.Option.Put for s in sign[:n]]
    rows = list(zip(types, spot[:n].tolist(), strike[:n].tolist(), years[:n].tolist(), vol[:n].tolist(), rate[:n].tolist()))
    for kind, s, k, t, v, r in rows:
        option = ql.BlackCalculator(ql.PlainVanillaPayoff(kind, k), s * np.exp(r * t), v * np.sqrt(t), np.exp(-r * t))
        option.value(), option.delta(s), option.gamma(s), option.vega(t), option.theta(s, t)


def quantlib_implied(n, price):
    import QuantLib as ql

    for i in range(n):
        kind = ql.Option.Call if sign[i] > 0 else ql.Option.Put
        ql.blackFormulaImpliedStdDevLiRS(kind, strike[i], spot[i], price[i])


def undiscounted():
    deviation = vol * np.sqrt(years)
    d1 = np.log(spot / strike) / deviation + 0.5 * deviation
    return sign * (spot * ndtr(sign * d1) - strike * ndtr(sign * (d1 - deviation)))


def ours(path):
    found = {}
    for line in pathlib.Path(path).read_text().splitlines():
        if match := re.match(r"(.+?)\s+([\d.]+) ns per option", line):
            found[match[1].strip()] = float(match[2])
    return found


def main():
    price = undiscounted()
    mine = ours(sys.argv[1]) if len(sys.argv) > 1 else {}
    batch = {"greeks": mine.get("batch Black-Scholes, five outputs"), "vol": mine.get("batch implied vol")}
    work = [
        ("NumPy/SciPy, value and four Greeks", "greeks", scipy_greeks, N, 200),
        ("NumPy/SciPy, implied vol, 8 Newton steps", "vol", lambda: scipy_implied(price), N, 50),
        ("py_vollib_vectorized, value and five Greeks", "greeks", vectorized_greeks, N, 10),
        ("py_vollib_vectorized, implied vol", "vol", lambda: vectorized_implied(price), N, 10),
        ("QuantLib-Python, value and four Greeks", "greeks", lambda: quantlib_greeks(512), 512, 5),
        ("QuantLib-Python, implied vol (Li RS)", "vol", lambda: quantlib_implied(512, price), 512, 5),
    ]
    for name, value in mine.items():
        print(f"{'ours: ' + name:<48} {value:10.1f} ns per option")
    for name, kind, call, n, rounds in work:
        try:
            call()
        except Exception as error:  # A peer that does not work is said so, and the others go on.
            print(f"{name:<48} does not run: {error!r}")
            continue
        nanoseconds = best(call, n, rounds)
        ratio = f"   {nanoseconds / batch[kind]:8.1f} times our batch" if batch[kind] else ""
        print(f"{name:<48} {nanoseconds:10.1f} ns per option{ratio}")


main()
