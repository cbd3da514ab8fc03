//! Profit and loss, explained line by line.

/// One line of the explanation of P&L. The lines of a row add up to the row's change of equity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Line {
    /// Net delta (book plus hedge) times the move of the spot.
    Delta,
    /// Half of gamma times the squared move of the spot.
    Gamma,
    /// Theta times the time passed.
    Theta,
    /// Vega times the move of the mark vol.
    Vega,
    /// Vanna times the move of the spot times the move of the vol.
    Vanna,
    /// Half of volga times the squared move of the vol.
    Volga,
    /// Coins held in the account times the move of the spot.
    Collateral,
    /// The hedge's price moved differently from the spot.
    Basis,
    /// What moving the hedge from one contract to the next costs (fees, half-spreads, slippage), always zero or negative here.
    Roll,
    /// Funding received (positive) or paid (negative).
    Carry,
    /// Interest on cash.
    Interest,
    /// Fees, always zero or negative here.
    Fee,
    /// Half-spreads, always zero or negative here.
    Spread,
    /// Slippage, always zero or negative here.
    Slippage,
    /// What the lines above leave unexplained: higher orders of the option values.
    Residual,
}

impl Line {
    /// Every line, in the order of the report.
    pub const ALL: [Self; 15] = [
        Self::Delta,
        Self::Gamma,
        Self::Theta,
        Self::Vega,
        Self::Vanna,
        Self::Volga,
        Self::Collateral,
        Self::Basis,
        Self::Roll,
        Self::Carry,
        Self::Interest,
        Self::Fee,
        Self::Spread,
        Self::Slippage,
        Self::Residual,
    ];

    /// Key in files, `delta`.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Delta => "delta",
            Self::Gamma => "gamma",
            Self::Theta => "theta",
            Self::Vega => "vega",
            Self::Vanna => "vanna",
            Self::Volga => "volga",
            Self::Collateral => "collateral",
            Self::Basis => "basis",
            Self::Roll => "roll",
            Self::Carry => "carry",
            Self::Interest => "interest",
            Self::Fee => "fee",
            Self::Spread => "spread",
            Self::Slippage => "slippage",
            Self::Residual => "residual",
        }
    }
}

/// P&L in USD by [`Line`], one row per market row; row 0 holds what opening cost.
#[derive(Debug, Clone, PartialEq)]
pub struct Explained {
    columns: Vec<Vec<f64>>,
}

impl Explained {
    /// All lines zero.
    pub fn zero(n_rows: usize) -> Self {
        Self { columns: vec![vec![0.0; n_rows]; Line::ALL.len()] }
    }

    /// One line, USD per row.
    pub fn line(&self, line: Line) -> &[f64] {
        &self.columns[line as usize]
    }

    /// One line, to be filled.
    pub fn line_mut(&mut self, line: Line) -> &mut [f64] {
        &mut self.columns[line as usize]
    }

    /// Adds `other` times `scale[row]`, row by row.
    ///
    /// # Panics
    /// When the numbers of rows differ.
    pub fn add_scaled(&mut self, other: &Self, scale: impl Fn(usize) -> f64) {
        for (column, more) in self.columns.iter_mut().zip(&other.columns) {
            assert_eq!(column.len(), more.len(), "rows of two explanations");
            for (row, (cell, addend)) in column.iter_mut().zip(more).enumerate() {
                *cell += scale(row) * addend;
            }
        }
    }

    /// The sum of all lines at `row`, USD.
    pub fn sum(&self, row: usize) -> f64 {
        self.columns.iter().map(|column| column[row]).sum()
    }

    /// The sum of one line over all rows, USD.
    pub fn total(&self, line: Line) -> f64 {
        self.line(line).iter().sum()
    }
}
