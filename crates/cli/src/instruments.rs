//! What a leg can hedge with: the instruments of the registry `with`.

use std::num::NonZeroUsize;

use hedgerow_core::registry::{Entry, Setting, SettingError, build, parameters};
use hedgerow_core::{Contract, PaidIn};
use hedgerow_greeks::OptionSpec;
use hedgerow_sim::fees::Fee;
use hedgerow_sim::{Basket, Cheapest};
use serde::Deserialize;
use toml::Spanned;
use toml::de::DeValue;

use crate::section::{Section, within};
use crate::write::toml_value;

/// A hedge instrument as typed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Instrument {
    /// One that is held by itself.
    One(One),
    /// One of several at a time: whichever is cheapest to hold.
    Cheapest { of: Vec<Member>, policy: Cheapest },
    /// Several at once, by joint minimum variance.
    Basket { of: Vec<Member>, basket: Basket },
}

/// An instrument that is held by itself.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum One {
    /// Spot or a perpetual, of the leg's asset or of the one named.
    Linear { contract: Contract, asset: Option<Spanned<String>> },
    /// A dated future, left so many days before its expiry.
    Future { paid_in: PaidIn, roll_days: f64, asset: Option<Spanned<String>> },
    /// A rolling option.
    Option(Box<OptionSpec>),
}

/// One of several instruments, with its text in canonical TOML.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Member {
    pub(crate) with: One,
    pub(crate) raw: String,
}

impl One {
    fn fees(&self) -> &'static [Fee] {
        match self {
            Self::Linear { contract: Contract::Spot, .. } => &[Fee::Spot],
            Self::Linear { contract, .. } if contract.is_inverse() => &[Fee::InversePerp],
            Self::Linear { .. } => &[Fee::Perp],
            Self::Future { roll_days, .. } if *roll_days > 0.0 => &[Fee::Future],
            Self::Future { .. } => &[Fee::Future, Fee::FutureDelivery],
            Self::Option(_) => &[Fee::Option, Fee::OptionDelivery, Fee::OptionCap],
        }
    }

    /// The asset that the instrument follows, where it is named.
    pub(crate) fn asset(&self) -> Option<&Spanned<String>> {
        match self {
            Self::Linear { asset, .. } | Self::Future { asset, .. } => asset.as_ref(),
            Self::Option(_) => None,
        }
    }
}

impl Instrument {
    /// A linear instrument of the leg's asset.
    pub(crate) const fn linear(contract: Contract) -> Self {
        Self::One(One::Linear { contract, asset: None })
    }

    /// The fees that holding it may be charged.
    pub(crate) fn fees(&self) -> Vec<Fee> {
        match self {
            Self::One(one) => one.fees().to_vec(),
            Self::Cheapest { of, .. } | Self::Basket { of, .. } => {
                of.iter().flat_map(|member| member.with.fees()).copied().collect()
            }
        }
    }

    /// Whether it is an option.
    pub(crate) const fn is_option(&self) -> bool {
        matches!(self, Self::One(One::Option(_)))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LinearSpec {
    asset: Option<Spanned<String>>,
}

fn linear(contract: Contract, setting: Setting<'_>) -> Result<Box<Instrument>, SettingError> {
    let LinearSpec { asset } = parameters(setting)?;
    Ok(Box::new(Instrument::One(One::Linear { contract, asset })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FutureSpec {
    paid_in: PaidIn,
    roll_days: Spanned<f64>,
    asset: Option<Spanned<String>>,
}

/// The instruments that a list names: at least two, none of them an option or a list itself.
fn members(section: &mut Section<'_>) -> Result<Vec<Member>, SettingError> {
    let setting = section.need("of")?;
    let span = setting.span();
    let DeValue::Array(list) = setting.into_inner() else {
        return Err(SettingError::at(
            span,
            "`of` is a list of instruments, for example [\"perp\", \"inverse_perp\"]",
        ));
    };
    let member = |setting: Setting<'_>| {
        let (span, raw) = (setting.span(), toml_value(setting.get_ref()));
        match *build(INSTRUMENTS, setting, "instrument")? {
            Instrument::One(with) if !matches!(with, One::Option(_)) => Ok(Member { with, raw }),
            _ => Err(SettingError::at(
                span,
                "`of` names spot, perps and futures only; write an option as a leg of its own",
            )),
        }
    };
    let members = list.into_iter().map(member).collect::<Result<Vec<_>, _>>()?;
    for (index, one) in members.iter().enumerate() {
        if members[..index].iter().any(|earlier| earlier.raw == one.raw) {
            return Err(SettingError::at(span, format!("`of` names {} twice", one.raw)));
        }
    }
    Ok(members)
}

fn days(section: &mut Section<'_>, key: &'static str) -> Result<f64, SettingError> {
    let days: Spanned<f64> = section.read_needed(key)?;
    within(key, &days, (0.01, 36_500.0))
}

/// Every instrument, alphabetically.
pub(crate) const INSTRUMENTS: &[Entry<Instrument>] = &[
    Entry {
        name: "basket",
        about: "several instruments at once against the whole book: each asset's return explained by theirs, out of sample \
                (joint minimum variance); a row is that of the market",
        example: r#"with = { basket = { of = ["perp", { perp = { asset = "ETH" } }], window_days = 60, refit_rows = 24, ridge = 0.01 } }  # and against = "portfolio""#,
        build: |setting| {
            let mut section = Section::from_setting("basket", setting)?;
            let of = members(&mut section)?;
            let window_days = days(&mut section, "window_days")?;
            let refit_rows =
                section.read::<NonZeroUsize>("refit_rows")?.unwrap_or(NonZeroUsize::MIN);
            let ridge: Option<Spanned<f64>> = section.read("ridge")?;
            section.finish()?;
            let ridge = ridge.map_or(Ok(0.0), |ridge| within("ridge", &ridge, (0.0, 10.0)))?;
            let basket = Basket { window_days, refit_rows, ridge };
            Ok(Box::new(Instrument::Basket { of, basket }))
        },
    },
    Entry {
        name: "cheapest",
        about: "one of several at a time: opened in the one that is cheapest to enter (less what it earns over the horizon, where \
                that is known of all: funding, its mean over the lookback, or basis); changed when the saving over the horizon is \
                more than leaving the one and entering the other cost",
        example: r#"with = { cheapest = { of = ["perp", "inverse_perp"], lookback_days = 7, horizon_days = 30 } }"#,
        build: |setting| {
            let mut section = Section::from_setting("cheapest", setting)?;
            let of = members(&mut section)?;
            let lookback_days = days(&mut section, "lookback_days")?;
            let horizon_days = days(&mut section, "horizon_days")?;
            let span = section.span();
            section.finish()?;
            if of.len() < 2 {
                let found = match of.len() {
                    0 => "no instrument",
                    _ => "one instrument",
                };
                let message = format!("`of` names {found}, expected at least two");
                return Err(SettingError::at(span, message));
            }
            Ok(Box::new(Instrument::Cheapest {
                of,
                policy: Cheapest { lookback_days, horizon_days },
            }))
        },
    },
    Entry {
        name: "future",
        about: "dated future, moved `roll_days` before its expiry to the one that expires next (0: held to expiry and settled \
                at the spot); one unit is one coin, or 1 USD of notional where it pays in the coin",
        example: r#"with = { future = { paid_in = "coin", roll_days = 7 } }"#,
        build: |setting| {
            let FutureSpec { paid_in, roll_days, asset } = parameters(setting)?;
            let roll_days = within("roll_days", &roll_days, (0.0, 3_650.0))?;
            Ok(Box::new(Instrument::One(One::Future { paid_in, roll_days, asset })))
        },
    },
    Entry {
        name: "inverse_perp",
        about: "perpetual quoted in USD, margined and settled in the coin; one unit is 1 USD of notional",
        example: r#"with = "inverse_perp""#,
        build: |setting| linear(Contract::InversePerp, setting),
    },
    Entry {
        name: "option",
        about: "one European call or put, opened again when it ends or `roll_days` after it was opened; hedges `against` a size, vega or gamma",
        example: r#"with = { option = { programme = "put", strike = { moneyness = 0.9 }, tenor_days = 30 } }  # and against = { size = 1.0 }"#,
        build: |setting| {
            let span = setting.span();
            let spec: OptionSpec = parameters(setting)?;
            if matches!(spec.programme.get_ref().as_str(), "call" | "put") {
                return Ok(Box::new(Instrument::One(One::Option(Box::new(spec)))));
            }
            let message = format!(
                "a leg holds one option, `call` or `put`, found `{}`; write a combination as several legs",
                spec.programme.get_ref()
            );
            Err(SettingError::at(
                if spec.programme.span().is_empty() { span } else { spec.programme.span() },
                message,
            ))
        },
    },
    Entry {
        name: "perp",
        about: "perpetual quoted, margined and settled in USD, of the leg's asset or of another, `{ perp = { asset = \"BTC\" } }`; \
                one unit is one coin",
        example: r#"with = "perp""#,
        build: |setting| linear(Contract::LinearPerp, setting),
    },
    Entry {
        name: "spot",
        about: "the coin itself, bought and sold for cash; a short position borrows at no charge",
        example: r#"with = "spot""#,
        build: |setting| linear(Contract::Spot, setting),
    },
];
