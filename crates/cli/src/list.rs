//! `hedgerow list`: everything a scenario can say.

use hedgerow_core::registry::Entry;
use hedgerow_sim::fees::{Fee, Rate};

use crate::args::ListArgs;
use crate::instruments::INSTRUMENTS;
use crate::output::say;
use crate::presets::{PRESETS, Preset};

/// Keys that are not entries of a registry, by table.
const KEYS: &[(&str, &str)] = &[
    ("name, about", "title and one sentence; the folder is named after `name`"),
    ("[market]", "source = \"sample\", or [[market.series]]; from, to: dates or UTC times"),
    ("", "grid = \"1h\": distance between rows; default: the stamps of the first spot series"),
    (
        "",
        "staleness = \"2d\": how old a figure may be; default: less than a step for prices, 3 steps for vols",
    ),
    (
        "",
        "max_gap = \"3d\": longest hole allowed between from and to; quality = \"strict\" refuses every warning, \"tolerant\" none;",
    ),
    ("", "without `quality`, unusable cells, contradictory stamps and mixed units are refused"),
    (
        "",
        "perp = \"at_spot\": perps without prices of their own; funding = \"none\": there is no funding;",
    ),
    (
        "",
        "funding = \"deribit\", \"binance\" …: made of prices for perps without a funding series, by the formula of a venue",
    ),
    (
        "",
        "futures = { carry_percent = 8 }: quarterly futures at a constant carry over the spot, for want of real ones",
    ),
    (
        "[[market.series]]",
        "is = spot, perp, inverse_perp, funding, inverse_funding, vol, half_spread (bps), future, option_chain or instruments",
    ),
    (
        "",
        "asset, path (file, folder or pattern), format, columns = { time = \"ts\", close = \"price\" }",
    ),
    (
        "",
        "bar = \"start\" or \"end\" (what a stamp labels), step, unit = \"percent\" or \"fraction\"",
    ),
    (
        "",
        "time_unit = s, ms, us, ns or text; time_zone = \"Europe/London\"; staleness; name (of a vol, a half-spread)",
    ),
    ("", "from, to = \"2022-05-12\": rows of its files outside of them are not used"),
    (
        "",
        "instrument = \"BTC-PERPETUAL\": which rows of a file of several; futures: paid_in, expiry, contract_size, tick, lot",
    ),
    ("[vol]", "model"),
    (
        "[[book]]",
        "programme, asset, side, quantity, strike (or put and call, lower and upper); may be left out for `replay-trades`",
    ),
    (
        "",
        "strike = { moneyness = 0.9 } (times the spot), { delta = 0.25 } (without sign) or { usd = 50_000 } (fixed, for `expiry`)",
    ),
    ("", "tenor_days, or expiry = \"2024-03-29T08:00:00Z\" for one fixed option; roll_days"),
    (
        "",
        "settlement = \"usd\" or \"coin\"; listed = true: expiry and strikes are quoted ones of the chain",
    ),
    ("[capital]", "usd = 1_000_000, coins = { BTC = 2 }"),
    (
        "[account]",
        "borrow_percent = 8, coin_percent = { BTC = 1 }, coin_borrow_percent = { BTC = 3 }: interest beside that of [rates]",
    ),
    (
        "",
        "stablecoin = \"USDC\": USD, those of [capital] too, are held and paid in this asset, which has a spot series of its own",
    ),
    (
        "",
        "margin: what the venue asks; margin_of = \"book and legs\" or \"legs\"; haircut_percent = { BTC = 10 }",
    ),
    (
        "",
        "spot_margin = { initial_percent = 50, maintenance_percent = 10 }: asked of what is owed for spot legs (coins sold short,",
    ),
    (
        "",
        "USD that paid for coins); these two where nothing is said, as Binance's cross margin at 3 times",
    ),
    (
        "",
        "posted_usd, posted_coins = { BTC = 1 }: what of [capital] is at the venue (all, where neither is typed); the rest is the treasury",
    ),
    (
        "",
        "top_up = { below_ratio = 1.5, to_ratio = 2, delay_hours = 12 }; sweep = { above_ratio = 5, to_ratio = 3, delay_hours = 12 }",
    ),
    (
        "",
        "reduce_at = 1.5, or { ratio = 1.5, penalty_bps = 0, pause_hours = 24 }: a part of the legs is closed to keep margin equity at",
    ),
    (
        "",
        "so many times the maintenance margin: for the fees of the trades, at a ratio of 1 also for the venue's penalty",
    ),
    (
        "",
        "liquidation = { penalty_bps = 50, option_penalty_bps = 20, then = \"stop\" or \"unhedged\" }: the penalties are those of",
    ),
    ("", "the venue's table where nothing is said, else 50 bp of the notional where it is closed"),
    ("[rates]", "usd_percent = 5: interest on cash, and discounting of options"),
    (
        "[costs]",
        "fill = \"next_open\" or \"deciding_price\"; spot_fee_bps, perp_fee_bps, future_fee_bps, future_delivery_bps",
    ),
    (
        "",
        "where they differ: inverse_perp_fee_bps, inverse_future_fee_bps, weekly_future_fee_bps, weekly_future_delivery_bps,",
    ),
    ("", "usd_option_fee_bps, daily_option_delivery_bps"),
    (
        "",
        "each fee is a number, { maker = -1, taker = 5 } at a venue, or a list by date: [{ from = 2023-01-01, bps = 3 }, …] (`percent` of the cap)",
    ),
    (
        "",
        "half_spread_bps, slippage_bps, option_fee_bps, option_delivery_bps, option_fee_cap_percent, option_half_spread_points, option_slippage_points",
    ),
    (
        "",
        "venue = \"deribit\" …: its fees by date; liquidity = \"maker\" or \"taker\"; delay_rows = 1, twap_rows = 4: late, in slices",
    ),
    (
        "",
        "a maker's orders rest: the maker's fee, no half-spread, no slippage; what a venue closes by force is traded as a taker",
    ),
    (
        "",
        "half_spread_bps = { bps = 1, at_vol_percent = 60 } (with power, window_days): wider as the spot moves;",
    ),
    (
        "",
        "half_spread_bps = { from_bars = \"corwin_schultz\" or \"abdi_ranaldo\", negatives = \"zero_each\" or \"zero_mean\", window_days = 30 }:",
    ),
    (
        "",
        "estimated from highs, lows and closes of the spot before each row; half_spread_bps = \"series\": that of a",
    ),
    (
        "",
        "[[market.series]] with is = \"half_spread\", as the row before knows it, { series = \"name\" } that of a name;",
    ),
    (
        "",
        "half_spread_bps = { spot = 2, perp = 1, inverse_perp = { series = \"name\" }, future = …, inverse_future = … }: by kind of instrument",
    ),
    (
        "",
        "impact = { coefficient = 1, daily_volume_usd = 1e9 } (with window_days): square-root slippage; dated futures and options also need",
    ),
    (
        "",
        "future_daily_volume_usd = 1e8; option_daily_volume_usd = 5e8 (of underlying), option_vol_points_a_day = 3",
    ),
    ("[bootstrap]", "seed = 1, resamples = 1000, level_percent = 95"),
    ("[[strategy]]", "name, about"),
    (
        "[[strategy.leg]]",
        "with; against = \"delta\", \"account\" (delta and the account's coins), \"vega\", \"gamma\", \"portfolio\" (all assets) or { size = units per coin held }; ratio, when",
    ),
    (
        "",
        "to = \"edge\", \"centre\" or { fraction = 0.5 } (of the way to the ideal, to 1.5); with bias, minimum_trade, lot, tick:",
    ),
    (
        "",
        "{ place = \"edge\", lot = 0.1 }: bias and minimum_trade in the leg's measure (coins of delta; USD per vol point against vega; coins",
    ),
    (
        "",
        "per 1 % against gamma; units against a size), as are bands; lot in units of the instrument (coins; USD of notional where it is",
    ),
    ("", "inverse; options), tick in USD of its price"),
    (
        "",
        "an instrument of another asset: its coins hedge the leg's asset and are no exposure to legs after it; \"account\" hedges those that",
    ),
    ("", "the account holds of it too, one to one"),
    (
        "",
        "delta: which delta of the book it hedges, \"black_scholes\" if nothing is said; name; asset; liquidity, delay_rows, twap_rows",
    ),
    (
        "",
        "fill = \"next_open\", \"deciding_price\" or \"stop\": orders rest at the levels of `spot_move`, `spot_move_deviations` or",
    ),
    (
        "",
        "`stop_loss` from the row before, and are filled there when the bar's high or low reaches them, at the open beyond them",
    ),
    (
        "",
        "rules by risk (hodges_neuberger, whalley_wilmott, zakamouline) take `risk_aversion` per USD, or what it should lead to:",
    ),
    (
        "",
        "delta_cap = { coins = 0.5, quantity = 10, tenor_days = 30, vol_percent = 60 }: at most so far off, for options on so many coins;",
    ),
    (
        "",
        "indifference = { mean_usd = 10000, deviation_usd = 2000, certain_usd = 8000 }: the certain sum that is as good as a risky one",
    ),
    (
        "",
        "roll_days: of a future, before it expires; of an option, after it was opened (tenor_days where nothing is said)",
    ),
];

/// Prints every registry, or the text of a preset.
///
/// # Errors
/// When there is no preset of that name.
pub(crate) fn list(args: &ListArgs) -> anyhow::Result<()> {
    if let Some(name) = &args.preset {
        say(Preset::named(name)?.text);
        return Ok(());
    }
    let mut text = String::new();
    heading(&mut text, "Presets, `hedgerow run --preset NAME`");
    for preset in PRESETS {
        text.push_str(&format!("  {:<22} {}\n", preset.name, preset.about()));
    }
    heading(&mut text, "Keys of a scenario");
    for (table, keys) in KEYS {
        text.push_str(&format!("  {table:<18} {keys}\n"));
    }
    section(&mut text, "Data formats, `format` of a [[market.series]]", hedgerow_data::FORMATS);
    section(&mut text, "Funding formulas, `funding` of [market]", hedgerow_sim::FUNDING_FORMULAS);
    section(&mut text, "Vol models, `model` of [vol]", hedgerow_greeks::VOLS);
    heading(
        &mut text,
        "Programmes, `programme` of a [[book]] (`call` and `put` also of an option leg)",
    );
    for programme in hedgerow_greeks::PROGRAMMES {
        item(&mut text, programme.name, programme.about, programme.example);
    }
    section(&mut text, "Instruments, `with` of a [[strategy.leg]]", INSTRUMENTS);
    heading(
        &mut text,
        "Venues, `venue` of [costs]: fees of makers / takers by date, and where each comes from",
    );
    for venue in hedgerow_sim::fees::VENUES {
        text.push_str(&format!("  {:<18} {}\n", venue.name, venue.about));
        venue.rates.iter().for_each(|(fee, rates)| fee_lines(&mut text, *fee, rates));
    }
    section(&mut text, "Margin models, `margin` of [account]", hedgerow_sim::MARGINS);
    section(&mut text, "Deltas, `delta` of a [[strategy.leg]]", hedgerow_greeks::DELTAS);
    section(&mut text, "Rules, `when` of a [[strategy.leg]]", hedgerow_sim::RULES);
    section(&mut text, "Ratios, `ratio` of a [[strategy.leg]]", hedgerow_sim::RATIOS);
    heading(&mut text, "Metrics, in summary.json and the report");
    for metric in hedgerow_report::METRICS {
        text.push_str(&format!("  {:<32} {}\n", metric.key, metric.about));
    }
    say(&text);
    Ok(())
}

/// A line for each rate of a fee, with its days and where it comes from.
fn fee_lines(text: &mut String, fee: Fee, rates: &[Rate]) {
    for rate in rates {
        let days = match rate.until {
            None => format!("from {}", rate.since),
            Some(until) => format!("{} to {until}", rate.since),
        };
        let price = if (rate.maker - rate.taker).abs() > 0.0 {
            format!("{} / {}", rate.maker, rate.taker)
        } else {
            rate.taker.to_string()
        };
        let price = format!("{price} {}", fee.unit());
        text.push_str(&format!(
            "  {:<18}   {:<26} {days:<24} {price:<12} {}\n",
            "",
            fee.about(),
            rate.known
        ));
    }
}

fn section<T: ?Sized>(text: &mut String, title: &str, entries: &[Entry<T>]) {
    heading(text, title);
    for entry in entries {
        item(text, entry.name, entry.about, entry.example);
    }
}

fn heading(text: &mut String, title: &str) {
    text.push_str(&format!("{}{title}\n\n", if text.is_empty() { "" } else { "\n" }));
}

fn item(text: &mut String, name: &str, about: &str, example: &str) {
    text.push_str(&format!("  {name:<18} {about}\n"));
    for line in example.lines() {
        text.push_str(&format!("  {:<18}   {line}\n", ""));
    }
}
