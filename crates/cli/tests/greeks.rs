//! `greeks` end to end, on tables that are typed here.
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use std::fmt::Write as _;

use hedgerow_core::OptionKind;
use hedgerow_data::{read_parquet_numbers, read_sheet};
use hedgerow_greeks::inverse;
use support::{Desk, assert_near, numbers, refused, said, texts};

/// Haug 1998, as tabulated by `QuantLib` (europeanoption.cpp); columns in another order than the documentation has them.
const V1_1: &str = "\
strike,kind,spot,rate,carry,years,vol,haug,model
65,call,60,0.08,0.08,0.25,0.30,2.1334,bsm
95,put,100,0.10,0.05,0.50,0.20,2.4648,bsm
19,Put,19,0.10,0.00,0.75,0.28,1.7011,black76
19,C,19,0.10,0.00,0.75,0.28,1.7011,bsm
1.60,call,1.56,0.06,-0.02,0.50,0.12,0.0291,bsm
70,p,75,0.10,0.05,0.50,0.35,4.0870,bsm
40,call,42,0.04,-0.04,0.75,0.35,5.0975,bsm
";

#[test]
fn v1_1_haug_values_through_the_command() {
    let desk = Desk::new();
    desk.write("haug.csv", V1_1);
    let said = said(&desk, &["greeks", "haug.csv", "--out", "priced.csv"]);
    assert!(said.starts_with("haug.csv: 7 rows, 7 priced, 0 not\nnot used: haug\n"), "{said}");
    let priced = read_sheet(&desk.path("priced.csv")).unwrap();
    for (value, expected) in numbers(&priced, "value").into_iter().zip(numbers(&priced, "haug")) {
        assert_near(value, expected, 1e-4);
    }
    let names: Vec<&str> = priced.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names[..9].join(","), V1_1.lines().next().unwrap());
    let outputs =
        "value,delta,gamma,vega,theta,rho,vanna,volga,charm,veta,speed,zomma,color,reason";
    assert_eq!(names[9..].join(","), outputs);
    assert_near(numbers(&priced, "strike")[4], 1.6, 0.0);
}

/// LITERATURE V1.7: inverse options, computed with 50 digits. What is the same in every row is said on the command line.
#[test]
fn v1_7_inverse_rows_through_the_command() {
    let desk = Desk::new();
    desk.write("inverse.csv", "kind,strike\ncall,65000\nput,55000\n");
    let years = (30.0_f64 / 365.0).to_string();
    let constants =
        ["--model", "inverse", "--forward", "60000", "--years", &years, "--vol", "0.65"];
    let mut arguments = vec!["greeks", "inverse.csv", "--out", "priced.parquet"];
    arguments.extend(constants);
    let text = said(&desk, &arguments);
    assert!(text.contains("units: value coins; delta coins"), "{text}");
    let path = desk.path("priced.parquet");
    let column = |name: &str| -> Vec<f64> {
        read_parquet_numbers(&path, name).unwrap().into_iter().map(Option::unwrap).collect()
    };
    let expected = [
        ("value", [0.042_662_363_796_086_96, 0.037_064_679_030_202_67]),
        ("delta", [0.368_301_172_825_567_8, -0.287_705_250_727_378_5]),
        ("net_delta", [0.325_638_809_029_480_8, -0.324_769_929_757_581_1]),
    ];
    for (name, expected) in expected {
        for (found, expected) in column(name).into_iter().zip(expected) {
            assert_near(found, expected, 1e-12);
        }
    }
    assert_near(column("vega")[0], 0.108_082_956_162_148_4, 1e-12);
    assert_near(column("theta")[0], -0.427_378_022_491_161_7, 1e-12);
    // As venues print them.
    arguments.extend(["--venue-units", "--overwrite"]);
    let text = said(&desk, &arguments);
    assert!(text.contains("vega per vol point (0.01); theta per day\n"), "{text}");
    assert!(text.contains("rho per point of rate (0.01); vanna coins per vol point"), "{text}");
    assert_near(column("vega")[0], 0.001_080_829_561_621_484, 1e-14);
    assert_near(column("theta")[0], -0.427_378_022_491_161_7 / 365.0, 1e-14);
    // LITERATURE V1.3, set B: the put.
    assert_near(column("vanna")[1], -0.001_960_912_049_133_764, 1e-14);
    assert_near(column("charm")[1], 0.775_377_306_094_975_8 / 365.0, 1e-13);
    assert_near(column("volga")[1], 1_889.252_310_660_958 / 60_000.0 / 10_000.0, 1e-15);
    assert_near(column("veta")[1], -43_156.196_394_163_39 / 60_000.0 / 36_500.0, 1e-15);
    assert_near(column("zomma")[1], -3.710_106_426_125_748e-7, 1e-18);
    assert_near(column("color")[1], 1.467_037_915_997_223e-4 / 365.0, 1e-17);
    assert_near(column("speed")[1], -2.036_251_361_228_377e-9, 1e-20);
}

#[test]
fn values_give_back_their_vols_and_times_their_years() {
    let desk = Desk::new();
    let mut text = "time,expiry,kind,strike,forward,true\n".to_owned();
    for (row, vol) in [0.2, 0.65, 1.4, 0.5].into_iter().enumerate() {
        let kind = ["call", "put"][row % 2];
        // Words, milliseconds and a bare day are all instants.
        let time =
            ["2026-02-05T08:00:00Z", "1770278400000", "2026-02-05 08:00", "2026-02-05T09:00+01:00"]
                [row];
        let _ = writeln!(
            text,
            "{time},2026-03-27T08:00:00Z,{kind},{},60000,{vol}",
            50_000 + 7_000 * row
        );
    }
    desk.write("vols.csv", &text);
    let inverse = ["--model", "black76", "--settlement", "coin"];
    let run = |arguments: &[&str]| said(&desk, &[arguments, &inverse].concat());
    run(&["greeks", "vols.csv", "--out", "values.parquet", "--columns", "vol=true"]);
    let values = read_sheet(&desk.path("values.parquet")).unwrap();
    let years = 50.0 / 365.0;
    let put = inverse::coin_greeks(OptionKind::Put, 60_000.0, 57_000.0, years, 0.65);
    assert_near(numbers(&values, "value")[1], put.value, 1e-15);
    run(&[
        "greeks",
        "values.parquet",
        "--out",
        "again.csv",
        "--columns",
        "price=value",
        "--without",
        "delta,net_delta,window_left,gamma,vega,theta,rho,vanna,volga,charm,veta,speed,zomma,color,reason",
    ]);
    let again = read_sheet(&desk.path("again.csv")).unwrap();
    for (vol, expected) in numbers(&again, "implied_vol").into_iter().zip([0.2, 0.65, 1.4, 0.5]) {
        assert_near(vol, expected, 1e-12);
    }
    assert_eq!(texts(&again, "time"), texts(&values, "time"));
}

#[test]
fn rows_that_cannot_be_priced_say_why() {
    let desk = Desk::new();
    let head = "strike,years,vol\n";
    let rows = "65000,0.1,NaN\n65000,-0.1,0.6\n65000,0.1,0\n-5,0.1,0.6\n0,0.1,0.6\n,0.1,0.6\n65000,0.1,0.6\n";
    desk.write("rows.csv", &format!("{head}{rows}"));
    let constants = ["--model", "inverse", "--kind", "call", "--forward", "60000"];
    let text = said(&desk, &[&["greeks", "rows.csv", "--out", "out.csv"][..], &constants].concat());
    assert!(
        text.starts_with(
            "rows.csv: 7 rows, 2 priced, 5 not\n  line 2: vol is NaN, expected a finite number\n  \
             line 3: years is -0.1, expected zero or more\n  \
             2 rows, the first is line 5: strike is -5, expected a positive number\n  line 7: `strike` is empty\n"
        ),
        "{text}"
    );
    let out = read_sheet(&desk.path("out.csv")).unwrap();
    let reasons = texts(&out, "reason");
    assert_eq!(reasons[4], "strike is 0, expected a positive number");
    assert_eq!(
        (reasons[2].as_str(), numbers(&out, "value")[2]),
        ("", 0.0),
        "no vol, no time value"
    );
    let unknown: Vec<bool> = numbers(&out, "delta").into_iter().map(f64::is_nan).collect();
    assert_eq!(unknown, [true, true, false, true, true, true, false]);
    // Prices that no vol explains: below exercise, and above what a call in coins can be worth.
    desk.write("prices.csv", "strike,years,price\n50000,0.1,0.1\n50000,0.1,1.5\n50000,0,0.2\n");
    let output =
        desk.hedgerow(&[&["greeks", "prices.csv", "--out", "vols.csv"][..], &constants].concat());
    // Nothing could be priced: the reasons are written and the exit code says so.
    assert_eq!(output.status.code(), Some(1));
    let (text, message) =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).into();
    assert!(text.starts_with("prices.csv: 3 rows, 0 priced, 3 not\n"), "{text}");
    assert_eq!(
        message,
        "error: no row of `prices.csv` could be priced; `vols.csv` has the reasons\n"
    );
    let reasons = texts(&read_sheet(&desk.path("vols.csv")).unwrap(), "reason");
    assert!(
        reasons[0].starts_with("price 0.1 is below the intrinsic value 0.16"),
        "{}",
        reasons[0]
    );
    assert!(reasons[1].starts_with("price 1.5 is not below 1"), "{}", reasons[1]);
    assert!(reasons[2].starts_with("no time is left to expiry"), "{}", reasons[2]);
}

#[test]
fn wrong_tables_are_refused() {
    let desk = Desk::new();
    desk.write("good.csv", "kind,strike,years,vol\ncall,65000,0.1,0.6\nput,55000,0.1,0.6\n");
    desk.write("word.csv", "kind,strike,years,vol\ncall,65000,0.1,0.6\nput,high,0.1,0.6\n");
    desk.write("kind.csv", "kind,strike,years,vol\ncall,65000,0.1,0.6\nputt,55000,0.1,0.6\n");
    desk.write("name.csv", "kind,Strikes,years,vol\ncall,65000,0.1,0.6\n");
    desk.write("both.csv", "kind,strike,years,vol,price\ncall,65000,0.1,0.6,0.04\n");
    desk.write("rerun.csv", "kind,strike,years,vol,delta\ncall,65000,0.1,0.6,0.4\n");
    desk.write("empty.csv", "kind,strike,years,vol\n");
    let refuse = |file: &str, more: &[&str]| {
        let base = ["greeks", file, "--out", "out.csv", "--model", "inverse", "--forward", "60000"];
        refused(&desk, &[&base[..], more].concat())
    };
    assert_eq!(
        refuse("word.csv", &[]),
        "`word.csv` line 3, column `strike`: found `high`, expected a number"
    );
    assert_eq!(
        refuse("kind.csv", &[]),
        "`kind.csv` line 3, column `kind`: found `putt`, expected `call` or `put`"
    );
    assert_eq!(
        refuse("name.csv", &[]),
        "`name.csv` has no column `strike`, and every row needs it (did you mean `Strikes`?); it has: kind, Strikes, years, \
         vol; say which column it is with --columns strike=NAME, or give one value for all rows with --strike"
    );
    let both = "both `vol` and `price` are given; leave one out: --without";
    assert!(refuse("both.csv", &[]).starts_with(&format!("`both.csv`: {both} price")));
    assert!(
        refuse("good.csv", &["--price", "0.1"]).starts_with(&format!("`good.csv`: {both} vol"))
    );
    assert!(
        refuse("good.csv", &["--strike", "1"])
            .contains("has a column `strike`, and --strike is given")
    );
    assert!(refuse("rerun.csv", &[]).contains("which is the name of an output"));
    assert_eq!(refuse("empty.csv", &[]), "`empty.csv` has a header but no rows");
    assert!(refuse("good.csv", &["--spot", "1"]).contains("both `spot` and `forward`"));
    assert!(refuse("good.csv", &["--kind", "straddle"]).contains("expected call or put"));
    assert!(refuse("good.csv", &["--columns", "strik=K"]).contains("unknown input `strik`"));
    assert!(refuse("good.csv", &["--columns", "strike=K"]).contains("has no such column"));
    assert!(refuse("good.csv", &["--without", "vols"]).contains("(did you mean"), "nearest name");
    let bsm = ["greeks", "good.csv", "--out", "out.csv", "--model", "bsm", "--spot", "60000"];
    let message = refused(&desk, &bsm);
    assert!(message.contains("no column `rate`, and `bsm` needs it"), "{message}");
    let other = ["greeks", "good.csv", "--out", "out.xlsx", "--model", "inverse", "--forward", "1"];
    assert!(refused(&desk, &other).contains("expected a name that ends in .parquet or .csv"));
    let onto = ["greeks", "good.csv", "--out", "./good.csv", "--overwrite"];
    assert!(refused(&desk, &onto).contains("is the input, which is never replaced"));
    desk.write("dates.csv", "strike,vol,expiry\n60000,0.5,2026-03-27\n");
    let message = refuse("dates.csv", &["--kind", "call", "--time", "2026-03-01"]);
    assert!(
        message.starts_with("`dates.csv` line 2: expiry `2026-03-27` has no hour"),
        "{message}"
    );
    let message = refuse("good.csv", &["--expiry", "2026-03-27"]);
    assert!(message.contains("a time with its hour"), "{message}");
    desk.write("out.csv", "mine");
    assert!(refuse("good.csv", &[]).contains("is there already; replace it with --overwrite"));
}

/// Found bug: whole numbers longer than 53 bits were rounded on their way through.
#[test]
fn long_numbers_are_carried_over_as_they_are() {
    let desk = Desk::new();
    desk.write("ids.csv", "id,strike\n9007199254740993,65000\n");
    let constants =
        ["--model", "inverse", "--kind", "put", "--forward", "60000", "--years", "1", "--vol", "1"];
    said(&desk, &[&["greeks", "ids.csv", "--out", "out.csv"][..], &constants].concat());
    let out = std::fs::read_to_string(desk.path("out.csv")).unwrap();
    assert!(out.lines().nth(1).unwrap().starts_with("9007199254740993,65000,"), "{out}");
}

/// LITERATURE V1.15 (Lewis) beside Haug's jumps (V1.17) and `QuantLib`'s SABR (V1.12): parameters in columns and in `--set`.
#[test]
fn models_with_smiles_through_the_command() {
    let desk = Desk::new();
    desk.write(
        "lewis.csv",
        "kind,strike,variance,correlation,true\nput,80,0.04,-0.5,7.958878113256768\ncall,120,0.04,-0.5,9.024913483457836\n",
    );
    let base = ["greeks", "lewis.csv", "--out", "out.csv", "--overwrite", "--model", "heston"];
    let market = ["--spot", "100", "--years", "1", "--rate", "0.01", "--carry", "-0.01"];
    let set = ["--set", "reversion=4,mean_variance=0.25,vol_of_variance=1"];
    let text = said(&desk, &[&base[..], &market, &set].concat());
    assert!(text.starts_with("lewis.csv: 2 rows, 2 priced, 0 not\nnot used: true\n"), "{text}");
    let out = read_sheet(&desk.path("out.csv")).unwrap();
    for (value, expected) in numbers(&out, "value").into_iter().zip(numbers(&out, "true")) {
        assert_near(value, expected, 1e-11);
    }
    // The Black vol of the value has the value.
    let vols = numbers(&out, "implied_vol");
    assert!(vols[0] > vols[1], "correlation leans the smile to the puts: {vols:?}");
    let lack = |more: &[&str]| refused(&desk, &[&base[..], &market, more].concat());
    assert_eq!(
        lack(&["--set", "reversion=4,mean_variance=0.25"]),
        "`lewis.csv` has no column `vol_of_variance`, and `heston` needs it; it has: kind, strike, variance, correlation, true; \
         say which column it is with --columns vol_of_variance=NAME, or give one value for all rows with --set \
         vol_of_variance=VALUE"
    );
    assert!(lack(&["--set", "kappa=4"]).contains("unknown parameter `kappa`; known: variance, "));
    assert!(lack(&["--set", "reversion"]).contains("expected pairs such as `jump_intensity=4"));
    assert!(lack(&["--set", "reversion=x"]).contains("expected a finite number"));
    let twice = [&set[..], &["--set", "reversion=5"]].concat();
    assert_eq!(lack(&twice), "--set reversion is given twice; leave one out");
    let again = [&set[..], &["--set", "variance=0.05"]].concat();
    assert!(
        lack(&again)
            .starts_with("`lewis.csv` has a column `variance`, and --set variance is given")
    );
    let other = [&set[..], &["--set", "nu=1", "--vol", "0.5"]].concat();
    let text = said(&desk, &[&base[..], &market, &other].concat());
    assert!(text.contains("\nnot used: true, --vol, --set nu\n"), "{text}");
    // A price does not tell five parameters.
    let price = [&set[..], &["--price", "5"]].concat();
    let output = desk.hedgerow(&[&base[..], &market, &price].concat());
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("a price does not imply the parameters of `heston`: leave `price` out"),
        "{text}"
    );
}

/// Found by a reader: a day before expiry, far out of the money, the integration's error was written as a value with a vol of
/// 94 % and a negative gamma.
#[test]
fn heston_says_where_its_value_is_its_error() {
    let desk = Desk::new();
    desk.write("far.csv", "kind,strike\ncall,60500\ncall,78000\ncall,120000\n");
    let model = "variance=0.36,reversion=2,mean_variance=0.36,vol_of_variance=0.8,correlation=-0.3";
    let base = ["greeks", "far.csv", "--out", "out.csv", "--model", "heston", "--set", model];
    let market =
        ["--forward", "60000", "--years", "0.00273972602739726", "--rate", "0", "--carry", "0"];
    let text = said(&desk, &[&base[..], &market].concat());
    assert!(text.contains("the error of its integration"), "{text}");
    let out = read_sheet(&desk.path("out.csv")).unwrap();
    let text = std::fs::read_to_string(desk.path("out.csv")).unwrap();
    let vols: Vec<&str> =
        text.lines().skip(1).map(|line| line.split(',').nth(3).unwrap()).collect();
    assert_eq!(out.n_rows(), 3);
    assert!((vols[0].parse::<f64>().unwrap() - 0.6).abs() < 0.02, "{text}");
    assert_eq!(&vols[1..], ["", ""], "{text}");
}

/// Rows of several models share a file: each reads the columns that it wants.
#[test]
fn models_on_spot_and_on_forward_share_a_file() {
    let desk = Desk::new();
    desk.write(
        "mixed.csv",
        "model,kind,spot,forward,strike,vol,rate,carry,alpha\n\
         bsm,call,100,,100,0.2,0.05,0.05,\n\
         inverse,put,,60000,55000,0.65,,,\n\
         inverse,put,60000,60000,55000,0.65,,0,\n\
         bsm,call,100,104,100,0.2,0.05,0.05,\n\
         sabr,put,,0.039,0.05,,0,,0.3\n\
         bsm,call,100,,100,0.2,,0.05,\n",
    );
    let set = ["--years", "1", "--set", "beta=0.6,correlation=0.01,nu=0.02"];
    let base = ["greeks", "mixed.csv", "--out", "out.csv"];
    let text = said(&desk, &[&base[..], &set].concat());
    assert!(
        text.starts_with(
            "mixed.csv: 6 rows, 4 priced, 2 not\n  line 5: `spot` is 100 and `forward` is 104, but with `carry` the forward would \
             be 105.12710963760242; leave one empty\n  line 7: `rate` is empty, and `bsm` needs it\n\
             units: value USD, or coins where paid in coins; delta coins; "
        ),
        "{text}"
    );
    let out = read_sheet(&desk.path("out.csv")).unwrap();
    let value = numbers(&out, "value");
    assert_near(value[0], 10.450_583_572_185_57, 1e-12);
    assert_near(value[1], value[2], 0.0);
    assert_near(numbers(&out, "rho")[0], 53.232_481_545_376_34, 1e-11);
    assert_near(numbers(&out, "implied_vol")[4], 1.052_266_425_815_03, 1e-12);
}

/// Deribit's example of the settlement window through the command: half of it is left, and half of the delta.
#[test]
fn deltas_decay_before_settlement() {
    let desk = Desk::new();
    desk.write(
        "late.csv",
        "time\n2026-02-27T07:00:00Z\n2026-02-27T07:45:00Z\n2026-02-27T07:59:00Z\n",
    );
    let text = said(
        &desk,
        &[
            "greeks",
            "late.csv",
            "--out",
            "out.csv",
            "--model",
            "inverse",
            "--kind",
            "call",
            "--forward",
            "100",
            "--strike",
            "70",
            "--vol",
            "0.4",
            "--expiry",
            "2026-02-27T08:00:00Z",
        ],
    );
    assert!(
        text.contains(
            "settlement window: 2 rows within half an hour of expiry, the first is line 3; delta and net_delta are multiplied"
        ),
        "{text}"
    );
    let out = read_sheet(&desk.path("out.csv")).unwrap();
    assert_eq!(numbers(&out, "delta")[..2], [1.0, 0.5]);
    assert_near(numbers(&out, "net_delta")[1], 0.35, 1e-12);
    assert_near(numbers(&out, "window_left")[2], 1.0 / 30.0, 1e-12);
}

/// Found by a reader: a vol of 65, per cent taken for a fraction, was priced without a word.
#[test]
fn vols_in_per_cent_are_told() {
    let desk = Desk::new();
    desk.write("vols.csv", "strike,vol\n65000,0.65\n65000,65\n70000,62.5\n");
    let constants =
        ["--model", "inverse", "--kind", "call", "--forward", "60000", "--years", "0.1"];
    let base = ["greeks", "vols.csv", "--out", "out.csv", "--overwrite"];
    let text = said(&desk, &[&base[..], &constants].concat());
    assert!(
        text.contains(
            "\nwarning: 2 vols above 500 %, the first in line 3: 6,500 %; are they in per cent? then say --unit percent\n"
        ),
        "{text}"
    );
    let text = said(&desk, &[&base[..], &constants, &["--unit", "percent"]].concat());
    assert!(!text.contains("warning"), "{text}");
    let value = numbers(&read_sheet(&desk.path("out.csv")).unwrap(), "value");
    let expected = inverse::coin_greeks(OptionKind::Call, 60_000.0, 65_000.0, 0.1, 0.65).value;
    assert_near(value[1], expected, 1e-15);
    // Those of Bachelier are in USD.
    let normal = [
        "greeks",
        "vols.csv",
        "--out",
        "out.csv",
        "--overwrite",
        "--model",
        "bachelier",
        "--rate",
        "0",
    ];
    let rest = ["--kind", "call", "--forward", "60000", "--years", "0.1"];
    assert!(!said(&desk, &[&normal[..], &rest].concat()).contains("warning"));
}

/// Found by a reader: an infinite forward was told as a spot, and a long number with all its zeros.
#[test]
fn reasons_name_the_forward_and_shorten_numbers() {
    let desk = Desk::new();
    desk.write("odd.csv", "forward,strike\ninf,100\n1e300,-1e300\n100,100\n");
    let constants =
        ["--model", "black76", "--kind", "call", "--rate", "0", "--years", "1", "--vol", "1"];
    let text = said(&desk, &[&["greeks", "odd.csv", "--out", "out.csv"][..], &constants].concat());
    assert!(text.contains("line 2: forward is inf, expected a finite number\n"), "{text}");
    assert!(text.contains("line 3: strike is -1e300, expected a positive number\n"), "{text}");
}

/// Found by a reader: a rate of 500 % passed without a word, where a vol of 6,500 % is asked after.
#[test]
fn rates_and_carries_in_per_cent_are_asked_after() {
    let desk = Desk::new();
    desk.write(
        "rates.csv",
        "rate,carry,strike\n0.05,0.02,100\n5,2,100\n-1.5,0.02,100\n0.9,-3,100\n",
    );
    let common = ["--model", "bsm", "--kind", "call", "--spot", "100", "--years", "0.1"];
    let say = |file: &str, more: &[&str]| {
        let start = ["greeks", file, "--out", "priced.csv", "--overwrite", "--vol", "0.5"];
        said(&desk, &[&start[..], &common, more].concat())
    };
    let text = say("rates.csv", &[]);
    let question = "; are they in per cent? 5 % per year is 0.05\n";
    for warning in [
        format!("\nwarning: 2 rates above 100 %, the first in line 3: 500 %{question}"),
        format!("\nwarning: 2 carry figures above 100 %, the first in line 3: 200 %{question}"),
    ] {
        assert!(text.contains(&warning), "{text}");
    }
    assert!(text.contains("4 rows, 4 priced, 0 not"), "{text}");
    desk.write("strikes.csv", "strike\n100\n110\n");
    let text = say("strikes.csv", &["--rate", "5", "--carry", "-2"]);
    let question = "is it in per cent? 5 % per year is 0.05\n";
    assert!(text.contains(&format!("warning: --rate is 500 %, above 100 %; {question}")), "{text}");
    let carry = format!("warning: --carry is −200 %, below −100 %; {question}");
    assert!(text.contains(&carry), "{text}");
    let text = say("strikes.csv", &["--rate", "1", "--carry", "-1"]);
    assert!(!text.contains("warning"), "{text}");
}

/// Found by a reader: what was wrong with a row was told by its number, what with a cell by its line. A comment and an
/// empty line are lines; where a file has no lines its rows are counted.
#[test]
fn what_is_wrong_with_a_row_is_told_by_its_line() {
    let desk = Desk::new();
    desk.write("lines.csv", "strike,vol\n65000,0.6\n\n-5,0.6\n65000,70\n");
    let more = ["--model", "inverse", "--kind", "call", "--forward", "60000", "--years", "0.1"];
    let say =
        |file: &str, out: &str| said(&desk, &[&["greeks", file, "--out", out][..], &more].concat());
    let text = say("lines.csv", "priced.csv");
    assert!(text.contains("\n  line 4: strike is -5"), "{text}");
    assert!(text.contains("warning: 1 vol above 500 %, the first in line 5"), "{text}");
    said(
        &desk,
        &[
            "greeks",
            "lines.csv",
            "--out",
            "rows.parquet",
            "--model",
            "black76",
            "--kind",
            "call",
            "--forward",
            "60000",
            "--years",
            "0.1",
            "--rate",
            "0",
        ],
    );
    let rows = [
        "--without",
        "value,delta,gamma,vega,theta,rho,vanna,volga,charm,veta,speed,zomma,color,reason",
    ];
    let again = [&["greeks", "rows.parquet", "--out", "again.csv"][..], &more, &rows].concat();
    let text = said(&desk, &again);
    assert!(text.contains("\n  row 2: strike is -5"), "{text}");
    assert!(text.contains("warning: 1 vol above 500 %, the first in row 3"), "{text}");
}
