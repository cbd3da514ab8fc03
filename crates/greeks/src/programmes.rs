//! Programmes: what a line of the book holds, as named combinations of options.

use hedgerow_core::registry;

use crate::{OptionKind, Strike};

/// A named way to hold something.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Programme {
    /// As written in a scenario: snake case, unique.
    pub name: &'static str,
    /// One clause on its meaning, no full stop.
    pub about: &'static str,
    /// A working TOML line.
    pub example: &'static str,
    /// The options of one unit bought; none means coins held outright.
    pub options: &'static [OptionRule],
    /// The strike when none is typed; `None` means that every strike must be typed.
    pub usual_strike: Option<Strike>,
}

/// One option of a programme.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OptionRule {
    /// Call or put.
    pub kind: OptionKind,
    /// Coins of underlying per unit of the programme: +1 bought, −1 sold.
    pub coins: f64,
    /// Which key holds its strike.
    pub strike: StrikeKey,
}

/// The keys under which a programme's strikes are typed.
///
/// Where a programme has two, the earlier variant is that of the lower strike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StrikeKey {
    /// `strike`: the only one.
    Strike,
    /// `put`: of the put.
    Put,
    /// `call`: of the call.
    Call,
    /// `lower`: of the option with the lower strike.
    Lower,
    /// `upper`: of the option with the higher strike.
    Upper,
}

impl StrikeKey {
    /// Every key.
    pub const ALL: [Self; 5] = [Self::Strike, Self::Put, Self::Call, Self::Lower, Self::Upper];

    /// As written in a scenario.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Strike => "strike",
            Self::Put => "put",
            Self::Call => "call",
            Self::Lower => "lower",
            Self::Upper => "upper",
        }
    }
}

const fn bought(kind: OptionKind, strike: StrikeKey) -> OptionRule {
    OptionRule { kind, coins: 1.0, strike }
}

const fn sold(kind: OptionKind, strike: StrikeKey) -> OptionRule {
    OptionRule { kind, coins: -1.0, strike }
}

/// Every programme, from the simplest on.
pub const PROGRAMMES: &[Programme] = &[
    Programme {
        name: "spot",
        about: "coins held outright",
        example: "book = [{ programme = \"spot\", quantity = 100 }]",
        options: &[],
        usual_strike: None,
    },
    Programme {
        name: "call",
        about: "a call, re-opened at each expiry or roll",
        example: "book = [{ programme = \"call\", side = \"short\", quantity = 10, strike = { delta = 0.25 }, tenor_days = 30 }]",
        options: &[bought(OptionKind::Call, StrikeKey::Strike)],
        usual_strike: None,
    },
    Programme {
        name: "put",
        about: "a put, re-opened at each expiry or roll",
        example: "book = [{ programme = \"put\", side = \"long\", quantity = 10, strike = { moneyness = 0.9 }, tenor_days = 30 }]",
        options: &[bought(OptionKind::Put, StrikeKey::Strike)],
        usual_strike: None,
    },
    Programme {
        name: "straddle",
        about: "a call and a put at one strike, at the money unless `strike` says otherwise (its delta is the call's)",
        example: "book = [{ programme = \"straddle\", side = \"short\", quantity = 10, tenor_days = 30 }]",
        options: &[
            bought(OptionKind::Call, StrikeKey::Strike),
            bought(OptionKind::Put, StrikeKey::Strike),
        ],
        usual_strike: Some(Strike::Moneyness(1.0)),
    },
    Programme {
        name: "strangle",
        about: "a put and a call at a higher strike",
        example: "book = [{ programme = \"strangle\", side = \"short\", quantity = 10, put = { delta = 0.25 }, call = { delta = 0.25 }, tenor_days = 30, roll_days = 7 }]",
        options: &[
            bought(OptionKind::Put, StrikeKey::Put),
            bought(OptionKind::Call, StrikeKey::Call),
        ],
        usual_strike: None,
    },
    Programme {
        name: "collar",
        about: "a put bought and a call at a higher strike sold",
        example: "book = [{ programme = \"collar\", side = \"long\", quantity = 10, put = { moneyness = 0.9 }, call = { moneyness = 1.15 }, tenor_days = 30 }]",
        options: &[
            bought(OptionKind::Put, StrikeKey::Put),
            sold(OptionKind::Call, StrikeKey::Call),
        ],
        usual_strike: None,
    },
    Programme {
        name: "put_spread",
        about: "a put bought at the upper strike and one sold at the lower",
        example: "book = [{ programme = \"put_spread\", side = \"long\", quantity = 10, upper = { moneyness = 0.95 }, lower = { moneyness = 0.8 }, tenor_days = 30 }]",
        options: &[
            bought(OptionKind::Put, StrikeKey::Upper),
            sold(OptionKind::Put, StrikeKey::Lower),
        ],
        usual_strike: None,
    },
];

/// The programme of this name.
///
/// # Errors
/// Text that lists the known names.
pub(crate) fn programme(name: &str) -> Result<&'static Programme, String> {
    PROGRAMMES.iter().find(|programme| programme.name == name).ok_or_else(|| {
        registry::unknown("programme", name, PROGRAMMES.iter().map(|programme| programme.name))
    })
}
