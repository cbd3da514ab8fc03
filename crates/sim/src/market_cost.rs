//! Half-spreads and slippage that follow the market: wider when it moves, dearer for larger trades.

use std::ops::Range;

use hedgerow_core::{HalfSpread, Market, Timestamp, Track, UnitCost};

/// A half-spread that follows the vol of the spot: `bps * (vol / at_vol)^power`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SpreadByVol {
    /// Half-spread at `at_vol`, fraction of notional.
    pub spread: f64,
    /// Annualised, decimal.
    pub at_vol: f64,
    /// 1 is in proportion.
    pub power: f64,
    /// Days of returns that the vol is estimated from.
    pub window_days: f64,
}

/// Slippage by the square root of the trade: a trade of `q` USD in a market that turns over `volume` USD a day and has a daily
/// vol of `s` loses `coefficient * s * sqrt(q / volume)` of its notional (Almgren, Thum, Hauptmann and Li 2005, Risk 18(7),
/// with the square root of Tóth et al. 2011, Physical Review X 1, 021006).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Impact {
    /// Y of Tóth et al., near 1.
    pub coefficient: f64,
    /// USD a day.
    pub daily_volume: f64,
    /// Days of returns that the daily vol is estimated from.
    pub window_days: f64,
}

/// The same for options, in vol: a trade in options on `q` USD of underlying moves the implied vol by
/// `coefficient * m * sqrt(q / volume)` against the trader, who loses vega times that (Tóth, Eisler and Bouchaud 2016, "The
/// square-root impact law also holds for option markets", Wilmott 2016(85)).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OptionImpact {
    /// Y of Tóth et al., near 1.
    pub coefficient: f64,
    /// USD of underlying of all options traded in a day.
    pub daily_volume: f64,
    /// By how many vol points the implied vol moves in a day, as a standard deviation: `m`.
    pub vol_points_a_day: f64,
}

/// Annualised vol (365 days) of the spot from the returns of the last `window_days` before each row, zero mean: the row's own
/// move is not in it. `None` until the window has passed.
pub fn vol_before(time: &[Timestamp], spot: &[f64], window_days: f64) -> Vec<Option<f64>> {
    let window = crate::rehedge::millis(window_days);
    let square = |row: usize| (spot[row] / spot[row - 1]).ln().powi(2);
    let (mut first, mut sum) = (0, 0.0);
    let vol = |row: usize| {
        let last = row.checked_sub(1)?;
        sum += if last > 0 { square(last) } else { 0.0 };
        while time[last].millis() - time[first].millis() > window {
            first += 1;
            sum -= square(first);
        }
        let full = time[last].millis() - time[0].millis() >= window && first < last;
        full.then(|| (sum.max(0.0) / time[last].years_since(time[first])).sqrt())
    };
    (0..time.len()).map(vol).collect()
}

impl SpreadByVol {
    /// The half-spread at each of these vols, a fraction of notional.
    pub fn half_spread(&self, vol: &[f64]) -> Vec<f64> {
        vol.iter().map(|vol| self.spread * (vol / self.at_vol).powf(self.power)).collect()
    }

    /// Puts the half-spread in the place of the track's own; `vol` is that of the track's rows.
    pub fn put_on(&self, track: &mut Track, vol: &[f64]) {
        put_half_spread(track, self.half_spread(vol));
    }
}

/// Puts a half-spread by row, a fraction of notional, in the place of a linear track's own, its rolls included. Rules weigh
/// that of the first row against risk.
pub fn put_half_spread(track: &mut Track, spread: Vec<f64>) {
    let n_rows = track.price.len();
    let (fee, slippage, before) = match &track.unit_cost {
        UnitCost::Proportional { fee, spread, slippage } => {
            (vec![*fee; n_rows], vec![*slippage; n_rows], vec![*spread; n_rows])
        }
        UnitCost::ByRow { fee, spread, slippage } => {
            (fee.clone(), slippage.clone(), spread.clone())
        }
        UnitCost::PerUnit { .. } => return,
    };
    if let Some(rolls) = &mut track.rolls {
        for side in rolls.sides_mut() {
            let cells = side.cost.iter_mut().zip(&side.turnover).enumerate();
            cells.for_each(|(row, (cost, turnover))| {
                *cost += (spread[row] - before[row]) * turnover;
            });
        }
    }
    track.cost_rate = (track.cost_rate - before[0] + spread[0]).max(0.0);
    track.unit_cost = UnitCost::ByRow { fee, spread, slippage };
}

impl Impact {
    /// Adds the impact to a linear track and its rolls; `vol` is annualised, that of the track's rows.
    pub fn put_on(&self, track: &mut Track, vol: &[f64]) {
        let scale = self.coefficient / (365.0 * self.daily_volume).sqrt();
        let impact: Vec<f64> = vol.iter().map(|vol| scale * vol).collect();
        if let Some(rolls) = &mut track.rolls {
            for side in rolls.sides_mut() {
                let lost = side.weight.iter().zip(&impact).map(|(weight, impact)| weight * impact);
                side.impact = Some(lost.collect());
            }
        }
        track.impact = Some(impact);
    }
}

impl OptionImpact {
    /// Adds the impact to the track of an option and its rolls; `spot` is that of the track's rows, USD per coin.
    pub fn put_on(&self, track: &mut Track, spot: &[f64]) {
        let scale = self.coefficient * self.vol_points_a_day / 100.0 / self.daily_volume.sqrt();
        if let Some(rolls) = &mut track.rolls {
            for side in rolls.sides_mut() {
                side.impact = Some(side.weight.iter().map(|weight| scale * weight).collect());
            }
        }
        let vega = spot.iter().enumerate().map(|(row, spot)| track.vega.at(row).abs() / spot);
        track.impact = Some(vega.map(|vega| scale * vega).collect());
    }
}

/// The vol of the traded asset at each of `rows`, from the whole history; an error names the first instant without one.
///
/// # Errors
/// The instant at which the window has not passed yet.
pub fn known_vol(
    full: &Market,
    asset: usize,
    rows: &Range<usize>,
    window_days: f64,
) -> Result<Vec<f64>, Timestamp> {
    let vol = vol_before(full.time(), &full.assets()[asset].spot, window_days);
    match rows.clone().find(|row| vol[*row].is_none()) {
        Some(row) => Err(full.time()[row]),
        None => Ok(vol[rows.clone()].iter().flatten().copied().collect()),
    }
}

/// Why the half-spread of a series is not known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HalfSpreadError {
    /// There is no series.
    #[error(
        "the market has no half-spread of {ticker}; add a [[market.series]] with `is = \"half_spread\"`"
    )]
    None {
        /// The asset.
        ticker: String,
    },
    /// There is none of that name.
    #[error(
        "the market has no half-spread of {ticker} called `{name}`; give a [[market.series]] with `is = \"half_spread\"` that `name`"
    )]
    NotNamed {
        /// The asset.
        ticker: String,
        /// What was asked for.
        name: String,
    },
    /// There are several, and nothing says which.
    #[error(
        "the market has several half-spreads of {ticker}: {names}; say which, as `{{ series = \"name\" }}`"
    )]
    Several {
        /// The asset.
        ticker: String,
        /// Their names.
        names: String,
    },
    /// It says nothing before a row yet.
    #[error("the half-spread of {ticker} is not known before {time}; start later")]
    NotYet {
        /// The asset.
        ticker: String,
        /// The first such row.
        time: Timestamp,
    },
    /// It says nothing recent enough before a row, and has said something earlier.
    #[error(
        "the half-spread of {ticker} at {time} is too old: the row of {last} is the last to know one{until}; give the series what it lacks, raise its `staleness`, or leave these rows out"
    )]
    Stale {
        /// The asset.
        ticker: String,
        /// The first such row.
        time: Timestamp,
        /// The last row that knows one.
        last: Timestamp,
        /// `, and the next is that of …`, or nothing where it has ended.
        until: String,
    },
}

/// The half-spread at each of `rows`, a fraction: that of the asset's series, of this name where there are several, as the row
/// before knows it.
///
/// # Errors
/// [`HalfSpreadError`] where there is no series, or more than one to choose from, or it is not known.
pub fn known_half_spread(
    full: &Market,
    (asset, name): (usize, Option<&str>),
    rows: &Range<usize>,
) -> Result<Vec<f64>, HalfSpreadError> {
    let ticker = || full.assets()[asset].name.clone();
    let fraction = &series(full, asset, name)?.fraction;
    let known = rows.clone().map(|row| {
        let before = row.checked_sub(1).and_then(|before| fraction[before]);
        before.ok_or_else(|| unknown(full.time(), fraction, row, ticker()))
    });
    known.collect()
}

/// The only series of the asset, or the one of this name.
fn series<'a>(
    full: &'a Market,
    asset: usize,
    name: Option<&str>,
) -> Result<&'a HalfSpread, HalfSpreadError> {
    let ticker = full.assets()[asset].name.clone();
    let own: Vec<&HalfSpread> =
        full.half_spreads().iter().filter(|spread| spread.asset == asset).collect();
    match (name, own.as_slice()) {
        (None, [only]) => Ok(only),
        (None, []) => Err(HalfSpreadError::None { ticker }),
        (None, _) => {
            let names =
                own.iter().map(|spread| spread.name.as_deref().unwrap_or("one without a name"));
            Err(HalfSpreadError::Several { ticker, names: names.collect::<Vec<_>>().join(", ") })
        }
        (Some(name), _) => {
            let named = own.iter().find(|spread| spread.name.as_deref() == Some(name));
            named
                .copied()
                .ok_or_else(|| HalfSpreadError::NotNamed { ticker, name: name.to_owned() })
        }
    }
}

/// Why nothing is known before a row: too early, or too long after what was known.
fn unknown(
    time: &[Timestamp],
    fraction: &[Option<f64>],
    row: usize,
    ticker: String,
) -> HalfSpreadError {
    match fraction[..row].iter().rposition(Option::is_some) {
        None => HalfSpreadError::NotYet { ticker, time: time[row] },
        Some(last) => {
            let next = fraction[row..].iter().position(Option::is_some);
            let until = next.map(|next| format!(", and the next is that of {}", time[row + next]));
            HalfSpreadError::Stale {
                ticker,
                time: time[row],
                last: time[last],
                until: until.unwrap_or_default(),
            }
        }
    }
}
