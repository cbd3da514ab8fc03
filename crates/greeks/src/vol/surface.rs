//! A surface fitted to the market's option chain, as of each row; or each option's own quotes where it has them.

use std::fmt::{self, Display, Formatter};

use hedgerow_core::registry::{Entry, Setting, SettingError, build as build_entry, parameters};
use hedgerow_core::{Chain, Grade, MILLIS_PER_DAY, Market, PaidIn, Timestamp};
use serde::Deserialize;
use toml::de::DeValue;

use super::{VOLS, VolMarks, VolModel};
use crate::{GreeksError, MarkBy, Smiles, SurfaceHistory};

/// The registry's line.
pub(super) const ENTRY: Entry<dyn VolModel> = Entry {
    name: "surface",
    about: "each option by its own quotes, else by the surface fitted to the chain (between expiries linear in total variance; \
            before the first and after the last the vol of that one; beyond the last strike straight wings); `fallback` is a \
            vol model or \"none\"",
    example: "model = { surface = { marks = \"quoted\", fallback = \"dvol\" } }",
    build,
};

/// What the surface says where no smile does.
const EXTRAPOLATION: &str = "an expiry without a smile has total variance linear in time between its neighbours at the same \
                             log-moneyness, before the first and after the last the vol of that one; beyond the last strike \
                             wings of total variance are straight";

/// Tenor of the vol that stands for the whole surface.
const REFERENCE_DAYS: i64 = 30;

/// In an ACT/365F year.
const MINUTES_PER_YEAR: f64 = 365.0 * 24.0 * 60.0;

/// The model, checked.
#[derive(Debug)]
struct SurfaceModel {
    by: MarkBy,
    /// Marks where there is no surface; `None`: none, and an option held there is an error.
    fallback: Option<Box<dyn VolModel>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Typed {
    #[serde(default)]
    marks: MarkBy,
}

fn build(setting: Setting<'_>) -> Result<Box<dyn VolModel>, SettingError> {
    let span = setting.span();
    let mut table = match setting.into_inner() {
        DeValue::Table(table) => table,
        other => {
            let message =
                format!("expected `{{ marks = …, fallback = … }}`, found {}", other.type_str());
            return Err(SettingError::at(span, message));
        }
    };
    let fallback = table.remove("fallback").map(fallback).transpose()?.flatten();
    let Typed { marks } = parameters(toml::Spanned::new(span, DeValue::Table(table))).map_err(
        |error: SettingError| SettingError {
            message: error.message.replace("expected `marks`", "expected `marks` or `fallback`"),
            ..error
        },
    )?;
    Ok(Box::new(SurfaceModel { by: marks, fallback }))
}

/// `"none"`, or any vol model that is one vol for all options.
fn fallback(setting: Setting<'_>) -> Result<Option<Box<dyn VolModel>>, SettingError> {
    if setting.get_ref().as_str() == Some("none") {
        return Ok(None);
    }
    let span = setting.span();
    let model = build_entry(VOLS, setting, "vol model")?;
    if model.name() == ENTRY.name {
        return Err(SettingError::at(
            span,
            "`fallback` is a vol model without a surface, or \"none\"",
        ));
    }
    Ok(Some(model))
}

impl VolModel for SurfaceModel {
    fn name(&self) -> &'static str {
        ENTRY.name
    }

    /// The vol of thirty days at the money.
    fn column(&self, market: &Market, asset: usize) -> Result<Vec<Option<f64>>, GreeksError> {
        Ok(self.marks(market, asset)?.vol)
    }

    fn describe(&self) -> String {
        let marks = match self.by {
            MarkBy::Quoted => {
                "an option is marked by its own quote, moved from the quote's index to the row's spot: its carry stays, its vol \
                 changes as the smile of its expiry does between the two forwards, and what its price is beyond the model's \
                 is added; the mark is graded quoted at the first row that knows the quote, surface until the next; without a \
                 quote the surface marks it"
            }
            MarkBy::Surface => {
                "options are marked by the surface fitted to the chain as of the row, which moves with the forward \
                 between snapshots"
            }
        };
        let fallback = self.fallback.as_ref().map_or_else(
            || "without a surface there is no mark".to_owned(),
            |model| format!("without a surface, {}", model.describe()),
        );
        format!("{marks}; {EXTRAPOLATION}; {fallback}")
    }

    fn grade(&self) -> Grade {
        Grade::Surface
    }

    fn marks(&self, market: &Market, asset: usize) -> Result<VolMarks, GreeksError> {
        let chain = [PaidIn::Coin, PaidIn::Usd]
            .into_iter()
            .find_map(|paid_in| market.chain(asset, paid_in))
            .ok_or_else(|| GreeksError::NoChainForVol {
                asset: market.assets()[asset].name.clone(),
                model: ENTRY.name,
            })?;
        let fallback =
            self.fallback.as_ref().map(|model| model.column(market, asset)).transpose()?;
        let surfaces = SurfaceHistory::fit(market, chain);
        let reference = |(row, time): (usize, &Timestamp)| {
            let expiry = Timestamp::from_millis(time.millis() + REFERENCE_DAYS * MILLIS_PER_DAY);
            let vol = surfaces.vol(row, 1.0, expiry).map(|(vol, _)| vol);
            vol.or_else(|| fallback.as_ref()?[row])
        };
        Ok(VolMarks {
            model: ENTRY.name.to_owned(),
            vol: market.time().iter().enumerate().map(reference).collect(),
            grade: self.grade(),
            about: match Staleness::of(market, chain) {
                Some(staleness) => format!("{}; {staleness}", self.describe()),
                None => self.describe(),
            },
            smiles: Some(Smiles { paid_in: chain.paid_in, by: self.by, fallback, surfaces }),
        })
    }
}

/// How far quotes lie from the rows that are the first to know them, over all quotes with an index.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Staleness {
    /// Age of a quote at its row, minutes: median and most.
    minutes: [f64; 2],
    /// |row's spot / quote's index − 1|: median and most.
    moved: [f64; 2],
    paid_in: PaidIn,
}

impl Staleness {
    /// `None` where no quote has an index.
    fn of(market: &Market, chain: &Chain) -> Option<Self> {
        let spot = &market.assets()[chain.asset].spot;
        let mut minutes = Vec::new();
        let mut moved = Vec::new();
        let mut known = None;
        for (row, time) in market.time().iter().enumerate() {
            let snapshot = chain.snapshot_of_row[row];
            if snapshot == known {
                continue;
            }
            known = snapshot;
            for quote in chain.at(row) {
                let Some(index) = quote.index.filter(|index| *index > 0.0) else { continue };
                minutes.push(time.years_since(quote.time) * MINUTES_PER_YEAR);
                moved.push((spot[row] / index - 1.0).abs());
            }
        }
        Some(Self {
            minutes: median_and_most(minutes)?,
            moved: median_and_most(moved)?,
            paid_in: chain.paid_in,
        })
    }
}

impl Display for Staleness {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let [minutes, most_minutes] = self.minutes;
        let [moved, most_moved] = self.moved.map(|moved| 100.0 * moved);
        write!(
            f,
            "quotes are {minutes:.1} minutes older than their rows in the median, {most_minutes:.1} at most, and the spot of \
             the row is {moved:.2} % from their index, {most_moved:.2} % at most: by so much marks differ from what the \
             venue said"
        )?;
        match self.paid_in {
            PaidIn::Coin => write!(
                f,
                "; the quotes are of options that pay coins, also for a book that pays USD"
            ),
            PaidIn::Usd => Ok(()),
        }
    }
}

/// Median (the upper of two) and greatest; `None` of nothing.
fn median_and_most(mut values: Vec<f64>) -> Option<[f64; 2]> {
    values.sort_by(f64::total_cmp);
    Some([*values.get(values.len() / 2)?, *values.last()?])
}
