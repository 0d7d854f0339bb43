//! The estimators agree with the same formulas worked in numpy and scipy (`tests/fixtures/estimator.py`).

use serde::Deserialize;
use sociable::summary::{Estimator, Interval, Totals, Unit};

#[derive(Deserialize)]
struct Case {
    inputs: Inputs,
    expected: Expected,
}

#[derive(Deserialize)]
struct Inputs {
    stratum: Vec<usize>,
    thread: Vec<u64>,
    member: Vec<bool>,
    of: Vec<bool>,
    bears: Vec<bool>,
    predicted: Vec<f64>,
    predicted_of: Vec<f64>,
    sizes: Vec<f64>,
    totals: [f64; 3],
    all_could: bool,
}

#[derive(Deserialize)]
struct Expected {
    design: f64,
    design_variance: f64,
    design_interval: [f64; 2],
    lambda: f64,
    assisted: f64,
    assisted_interval: [f64; 2],
    width_if_doubled: f64,
}

#[test]
fn estimates_agree_with_the_fixture_to_1e_9() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("fixtures/estimator.json")).expect("a fixture");
    let mut with_model = 0;
    for (number, Case { inputs, expected }) in cases.into_iter().enumerate() {
        let units: Vec<Unit> = (0..inputs.stratum.len())
            .map(|at| Unit {
                stratum: inputs.stratum[at],
                thread: inputs.thread[at],
                member: inputs.member[at],
                of: inputs.of[at],
                bears: inputs.bears[at],
                predicted: inputs.predicted[at],
                predicted_of: inputs.predicted_of[at],
            })
            .collect();
        let [members, predicted, predicted_of] = inputs.totals;
        let totals = Totals { members, predicted, predicted_of, all_could: inputs.all_could };
        let found = Estimator::new(&units, &inputs.sizes, totals).expect("posts were coded");
        let bounds = |interval: Interval| [interval.low, interval.high];
        let pairs = [
            ("design", found.design, expected.design),
            ("design variance", found.design_variance, expected.design_variance),
            ("lambda", found.lambda, expected.lambda),
            ("assisted", found.assisted, expected.assisted),
            ("width if doubled", found.width_if_doubled, expected.width_if_doubled),
        ];
        let intervals = [
            ("design interval", bounds(found.design_interval), expected.design_interval),
            ("assisted interval", bounds(found.assisted_interval), expected.assisted_interval),
        ]
        .into_iter()
        .flat_map(|(name, ours, theirs)| [(name, ours[0], theirs[0]), (name, ours[1], theirs[1])]);
        for (name, ours, theirs) in pairs.into_iter().chain(intervals) {
            assert!((ours - theirs).abs() < 1e-9, "case {number}, {name}: {ours}, expected {theirs}");
        }
        with_model += usize::from(found.lambda > 0.0);
    }
    assert!(with_model >= 4, "the model helps in {with_model} cases");
}
