//! Fitted vol surfaces as numbers to be shown: one summary per snapshot, and the smiles of one of them.

use hedgerow_core::{SeriesQuality, Timestamp};

/// The surfaces of one option chain.
#[derive(Debug, Clone, PartialEq)]
pub struct SurfaceReport {
    /// Ticker of the underlying, `BTC`.
    pub asset: String,
    /// In what the options pay, `coins` or `USD`.
    pub paid_in: &'static str,
    /// One per snapshot, in the order of time, at least one.
    pub snapshots: Vec<SnapshotFit>,
    /// Smiles that leave a bid and ask beyond one standard deviation by more than so many vol points are flagged.
    pub most_far_points: f64,
    /// Which of them is drawn.
    pub shown: usize,
    /// The smiles of the one that is drawn, by expiry.
    pub smiles: Vec<SmileFit>,
    /// At-the-money vols of the one that is drawn between its expiries, as years and vol, ascending in years.
    pub term_structure: Vec<(f64, f64)>,
    /// Expiries of the one that is drawn that have no smile, and why.
    pub refused: Vec<(Timestamp, String)>,
    /// What was found in the files.
    pub quality: SeriesQuality,
    /// What was assumed, a sentence each.
    pub assumptions: Vec<String>,
}

/// How the surface of one snapshot came out.
#[derive(Debug, Clone, PartialEq)]
pub struct SnapshotFit {
    /// When it was complete.
    pub time: Timestamp,
    /// Expiries with a smile, by grade.
    pub grades: Vec<(&'static str, usize)>,
    /// Expiries without one.
    pub n_refused: usize,
    /// Smiles that allow a butterfly arbitrage.
    pub butterflies: usize,
    /// Smiles that lie below an earlier one somewhere.
    pub calendars: usize,
    /// Quotes that smiles were fitted to.
    pub n_used: usize,
    /// Quotes that were left out, by reason.
    pub left_out: Vec<(&'static str, usize)>,
    /// Over all smiles; `None` without any.
    pub error: Option<ShownError>,
    /// The quote that is missed by most; `None` without any.
    pub worst: Option<ShownMiss>,
    /// The quote beyond one standard deviation of the money whose bid and ask a smile leaves by most; `None`: none does.
    pub far_miss: Option<ShownMiss>,
    /// Smiles that are flagged for theirs.
    pub n_off_far_out: usize,
    /// Over all smiles, quotes within one standard deviation of the money.
    pub outside_near: ShownOutside,
    /// Over all smiles, quotes beyond.
    pub outside_far: ShownOutside,
}

/// A quote that a smile misses.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ShownMiss {
    /// When its option expires.
    pub expiry: Timestamp,
    /// USD per coin.
    pub strike: f64,
    /// By so many vol points.
    pub points: f64,
}

/// Quotes with a bid and an ask, and what lies outside of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ShownOutside {
    /// Quotes looked at.
    pub n_quotes: usize,
    /// Of these, where the smile lies outside.
    pub smile: usize,
    /// Of these, where the quote's own vol does.
    pub mark: usize,
}

/// Differences between smiles and quotes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ShownError {
    /// Median over smiles of the median absolute difference near the money, vol points; `None` where no quote is near.
    pub near_median_points: Option<f64>,
    /// Median over smiles of the median absolute difference, vol points.
    pub median_points: f64,
    /// Largest difference of any quote, vol points.
    pub worst_points: f64,
    /// Median over smiles of the median absolute difference of the price, coins per coin.
    pub median_coins: f64,
    /// Largest difference of the price of any quote, coins per coin.
    pub worst_coins: f64,
}

/// One smile and the quotes it was fitted to.
#[derive(Debug, Clone, PartialEq)]
pub struct SmileFit {
    /// When the options expire.
    pub expiry: Timestamp,
    /// To expiry, ACT/365F.
    pub years: f64,
    /// USD per coin.
    pub forward: f64,
    /// How the smile was come by.
    pub grade: &'static str,
    /// At the money, decimal.
    pub at_the_money: f64,
    /// Quotes it was fitted to.
    pub n_quotes: usize,
    /// How far it is from them.
    pub error: ShownError,
    /// Quotes within one standard deviation of the money.
    pub outside_near: ShownOutside,
    /// Quotes beyond.
    pub outside_far: ShownOutside,
    /// The one of these whose bid and ask it leaves by most; `None`: it leaves none.
    pub far_miss: Option<ShownMiss>,
    /// Whether it is flagged for that.
    pub is_off_far_out: bool,
    /// `free`, or what is wrong.
    pub butterfly: String,
    /// `free`, or what is wrong.
    pub calendar: String,
    /// The smile, as strike (USD per coin) and vol (decimal), ascending in strikes.
    pub curve: Vec<(f64, f64)>,
    /// The quotes.
    pub quotes: Vec<QuotedVol>,
}

/// What was quoted at one strike, as vols, decimal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct QuotedVol {
    /// USD per coin.
    pub strike: f64,
    /// Of the mark; `None` where nothing tells it.
    pub mark: Option<f64>,
    /// Of the bid; `None` where no vol is worth it.
    pub bid: Option<f64>,
    /// Of the ask.
    pub ask: Option<f64>,
}
