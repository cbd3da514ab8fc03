//! Prints the quotes of some smiles of the real chains beside the project, and of all that are refused as off their quotes,
//! each with the slice that is fitted to it alone, for another optimiser to look for a better one:
//! `benches/peers/svi_minima.py`.
//!
//! ```text
//! cargo run --release -p hedgerow-greeks --example dump_smiles > smiles.csv
//! ```
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a measurement prints, and stops where its data is broken"
)]

use hedgerow_core::Timestamp;
use hedgerow_greeks::Surface;
use hedgerow_greeks::smile::{ExpiryQuotes, SmileError, expiries, fit};

#[path = "../tests/common/deribit.rs"]
mod deribit;

/// One slice in so many, by a multiplicative hash of its number.
const ONE_IN: u64 = 800;

fn main() {
    let Some(paths) = deribit::archives() else { return };
    println!("currency,time,expiry,years,status,a,b,rho,m,sigma,log_moneyness,vol,weight,bid,ask");
    let mut number = 0_u64;
    for currency in ["BTC", "ETH"] {
        let market = deribit::market(&paths, currency);
        let chain = &market.chains()[0];
        for row in 0..market.n_rows() {
            let surface = Surface::at(chain, row, market.time()[row]).unwrap();
            let quotes = expiries(chain, chain.at(row));
            let print = |expiry: &Timestamp, status: &str| {
                let quotes = quotes[expiry].as_ref().unwrap();
                lines(&format!("{currency},{}", surface.time), quotes, status);
            };
            for slice in &surface.slices {
                number += 1;
                let hash = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
                if hash.is_multiple_of(ONE_IN) {
                    print(&slice.expiry, &format!("{:?}", slice.fit.grade));
                }
            }
            for refused in &surface.refused {
                if let SmileError::OffQuotes { points, .. } = refused.reason {
                    print(&refused.expiry, &format!("refused {points:.2}"));
                }
            }
        }
    }
}

fn lines(snapshot: &str, quotes: &ExpiryQuotes, status: &str) {
    let svi = fit(&quotes.quotes, quotes.years).unwrap().svi;
    let slice = format!("{},{},{},{},{}", svi.a, svi.b, svi.rho, svi.m, svi.sigma);
    for (quote, spread) in quotes.quotes.iter().zip(&quotes.spreads) {
        println!(
            "{snapshot},{},{},{status},{slice},{},{},{},{},{}",
            quotes.expiry,
            quotes.years,
            quote.log_moneyness,
            quote.vol,
            quote.weight,
            spread.bid,
            spread.ask
        );
    }
}
