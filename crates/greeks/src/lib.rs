//! greeks
