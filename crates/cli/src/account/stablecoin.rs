//! `stablecoin`: the asset in which USD are held and paid.

use hedgerow_core::registry::SettingError;
use toml::Spanned;

use crate::desk::Desk;

/// What a coin that is meant to be a dollar costs at the first row, USD: one that has lost it already is no place for dollars.
const PRICE: (f64, f64) = (0.8, 1.25);

impl Desk<'_> {
    /// The asset of a stablecoin.
    ///
    /// # Errors
    /// [`SettingError`] with its place, where there is no such asset or it is no dollar at the first row.
    pub(super) fn stablecoin(&self, name: &Spanned<String>) -> Result<usize, SettingError> {
        let asset = self.asset_named(name)?;
        let first = self.market.assets()[asset].spot[0];
        let (least, most) = PRICE;
        if (least..=most).contains(&first) {
            return Ok(asset);
        }
        let message = format!(
            "`stablecoin` is {name}, which is worth {first} USD at the first row: expected a coin that is meant to be a dollar, {least} to {most} USD there; hold other coins with `coins` of [capital]",
            name = name.get_ref()
        );
        Err(SettingError::at(name.span(), message))
    }
}

/// What is assumed of it, as a sentence.
pub(super) fn sentence(name: &str) -> String {
    format!(
        "USD are held and paid in {name} at its price: those of [capital] bought at the first row, all others at their row; they rise and fall with it (the line `collateral`), and earn and owe what `coin_percent` and `coin_borrow_percent` say of {name}, not the rate of USD."
    )
}
