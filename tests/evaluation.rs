//! Metrics: parity with scikit-learn and the package krippendorff, laws, and the two ways in which they are written.

use proptest::{collection::vec, option, prelude::*, sample::select};
use serde_json::{Value as Json, from_str, json, to_value};
use sociable::{
    Codebook, Evaluation, Pole, Value,
    codebook::Characteristic,
    evaluation::{CharacteristicMetrics, Confusion, Judgement, cohen_kappa, krippendorff_alpha},
};

/// Made by `tests/fixtures/metrics.py`.
const FIXTURE: &str = include_str!("fixtures/metrics.json");

fn characteristic() -> Characteristic {
    Codebook::from_labels(&["advice"]).characteristics.remove(0)
}

fn metrics(judgements: &[Judgement]) -> CharacteristicMetrics {
    CharacteristicMetrics::new(&characteristic(), judgements)
}

fn value(cell: &Json) -> Option<Value> {
    cell.as_i64().and_then(|number| Value::from_cell(&number.to_string()))
}

/// Every figure in `expected` is in `found`, to 1e-9, and `null` where it is `null` there.
fn check_figures(place: &str, found: &Json, expected: &Json) {
    match expected {
        Json::Object(fields) => {
            for (key, expected) in fields {
                check_figures(&format!("{place}, {key}"), &found[key], expected);
            }
        }
        Json::Array(items) => {
            assert_eq!(found.as_array().map(Vec::len), Some(items.len()), "{place}");
            for (at, expected) in items.iter().enumerate() {
                check_figures(&format!("{place} {at}"), &found[at], expected);
            }
        }
        expected => {
            let near = match (found.as_f64(), expected.as_f64()) {
                (Some(found), Some(expected)) => (found - expected).abs() < 1e-9,
                _ => found == expected,
            };
            assert!(near, "{place}: found {found}, expected {expected}");
        }
    }
}

#[test]
fn metrics_are_those_of_the_reference_implementations() {
    let fixture: Json = from_str(FIXTURE).expect("the fixture is JSON");
    let cases = fixture["characteristics"].as_array().expect("the fixture has characteristics");
    assert_eq!(cases.len(), 14);
    for case in cases {
        let n_posts = case["labels"].as_array().map_or(0, Vec::len);
        let judgements: Vec<_> = (0..n_posts)
            .map(|post| Judgement {
                label: value(&case["labels"][post]),
                predicted: value(&case["predicted"][post]),
                probabilities: Pole::ALL.map(|pole| case[pole.name()][post].as_f64()),
            })
            .collect();
        let found = to_value(metrics(&judgements)).expect("metrics serialize");
        check_figures(&case["name"].to_string(), &found, &case["expected"]);
    }
}

#[test]
fn agreement_of_coders_is_that_of_the_reference_implementations() {
    let fixture: Json = from_str(FIXTURE).expect("the fixture is JSON");
    let panels = fixture["panels"].as_array().expect("the fixture has panels");
    assert_eq!(panels.len(), 4);
    for panel in panels {
        let rows = panel["units"].as_array().expect("a panel has units");
        let units: Vec<Vec<_>> =
            rows.iter().map(|unit| unit.as_array().into_iter().flatten().map(value).collect()).collect();
        let mut found = json!({ "krippendorff_alpha": krippendorff_alpha(&units) });
        if panel.get("cohen_kappa").is_some() {
            let pairs: Vec<_> = units.iter().map(|unit| [unit[0], unit[1]]).collect();
            found["cohen_kappa"] = json!(cohen_kappa(&pairs));
        }
        let mut expected = panel.clone();
        expected.as_object_mut().expect("a panel is an object").retain(|key, _| found.get(key).is_some());
        check_figures(&panel["name"].to_string(), &found, &expected);
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    select(Value::ALL.to_vec())
}

/// Any judgement; probabilities on a grid as often as not, so that there are ties.
fn any_judgement() -> impl Strategy<Value = Judgement> {
    let probability =
        || option::weighted(0.8, prop_oneof![0.0..=1.0, (0_u8..=15).prop_map(|step| f64::from(step) / 15.0)]);
    let values = (option::weighted(0.9, any_value()), option::weighted(0.9, any_value()));
    (values, [probability(), probability()]).prop_map(|((label, predicted), probabilities)| Judgement {
        label,
        predicted,
        probabilities,
    })
}

fn any_confusion() -> impl Strategy<Value = Confusion> {
    vec(any_judgement(), 0..40).prop_map(|judgements| judgements.into_iter().collect())
}

fn merged(left: &Confusion, right: &Confusion) -> Confusion {
    let mut merged = *left;
    merged.merge(right);
    merged
}

proptest! {
    #[test]
    fn figures_stay_in_their_ranges(judgements in vec(any_judgement(), 0..80)) {
        let found = metrics(&judgements);
        let poles = found.poles.iter();
        let shares = poles
            .flat_map(|pole| [pole.precision, pole.recall, pole.f1, pole.average_precision])
            .chain([found.accuracy, found.f1_neither, found.macro_f1, found.macro_f1_values])
            .chain([found.expected_calibration_error]);
        for share in shares.flatten() {
            prop_assert!((0.0..=1.0).contains(&share), "{}", share);
        }
        for agreement in [found.krippendorff_alpha, found.cohen_kappa].into_iter().flatten() {
            prop_assert!((-1.0 - 1e-12..=1.0).contains(&agreement), "{}", agreement);
        }
    }

    #[test]
    fn perfect_predictions_give_1_or_nothing(labels in vec(option::of(any_value()), 0..60)) {
        let judgements: Vec<_> = labels
            .iter()
            .map(|label| Judgement {
                label: *label,
                predicted: *label,
                probabilities: Pole::ALL.map(|pole| label.map(|own| f64::from(u8::from(own == pole.value())))),
            })
            .collect();
        let found = metrics(&judgements);
        let figures = found
            .poles
            .iter()
            .flat_map(|pole| [pole.precision, pole.recall, pole.f1, pole.average_precision])
            .chain([found.accuracy, found.f1_neither, found.macro_f1, found.macro_f1_values])
            .chain([found.krippendorff_alpha, found.cohen_kappa]);
        for figure in figures.flatten() {
            prop_assert!((figure - 1.0).abs() < 1e-12, "{}", figure);
        }
        prop_assert!(found.expected_calibration_error.is_none_or(|error| error < 1e-12));
        prop_assert_eq!(found.accuracy.is_some(), labels.iter().any(Option::is_some));
    }

    #[test]
    fn the_order_of_posts_does_not_matter(
        (judgements, shuffled) in vec(any_judgement(), 0..60).prop_flat_map(|posts| (Just(posts.clone()), Just(posts).prop_shuffle()))
    ) {
        let [found, shuffled] = [judgements, shuffled].map(|posts| to_value(metrics(&posts)).expect("metrics serialize"));
        check_figures("shuffled", &shuffled, &found);
    }

    #[test]
    fn posts_with_a_blank_label_do_not_count(judgements in vec(any_judgement(), 0..60)) {
        let labelled: Vec<_> = judgements.iter().copied().filter(|judgement| judgement.label.is_some()).collect();
        prop_assert_eq!(metrics(&judgements), metrics(&labelled));
    }

    #[test]
    fn confusions_merge_by_law(left in any_confusion(), middle in any_confusion(), right in any_confusion()) {
        prop_assert_eq!(merged(&left, &Confusion::default()), left);
        prop_assert_eq!(merged(&Confusion::default(), &left), left);
        prop_assert_eq!(merged(&left, &right), merged(&right, &left));
        prop_assert_eq!(merged(&merged(&left, &middle), &right), merged(&left, &merged(&middle, &right)));
    }

    #[test]
    fn a_split_confusion_is_the_whole(judgements in vec(any_judgement(), 0..60), at in 0..=60_usize) {
        let (head, tail) = judgements.split_at(at.min(judgements.len()));
        let [head, tail]: [Confusion; 2] = [head, tail].map(|part| part.iter().copied().collect());
        prop_assert_eq!(merged(&head, &tail), judgements.into_iter().collect());
    }

    #[test]
    fn alpha_and_kappa_are_symmetric(pairs in vec([option::of(any_value()), option::of(any_value())], 0..40)) {
        let turned: Vec<_> = pairs.iter().map(|[left, right]| [*right, *left]).collect();
        let figures = |pairs: &[_]| json!([krippendorff_alpha(pairs), cohen_kappa(pairs)]);
        check_figures("turned", &figures(&turned), &figures(&pairs));
    }
}

/// Two characteristics with examples, the second without breaches, and one without labels.
fn small_evaluation() -> Evaluation {
    let codebook = Codebook::from_labels(&["advice", "a-name-as-long-as-no-column-should-ever-be", "blank"]);
    let judgement = |label, predicted, upholds| Judgement {
        label: Some(label),
        predicted,
        probabilities: [Some(upholds), Some((1.0 - upholds) / 4.0)],
    };
    let mut first = vec![judgement(Value::Upholds, Some(Value::Upholds), 0.9); 9];
    first.push(judgement(Value::Upholds, None, 0.4));
    first.extend([judgement(Value::Neither, Some(Value::Upholds), 0.6); 3]);
    first.extend([judgement(Value::Breaches, Some(Value::Neither), 0.1); 2]);
    let second = [Value::Neither, Value::Upholds].map(|value| Judgement {
        label: Some(value),
        predicted: Some(value),
        probabilities: [None; 2],
    });
    let judged: [&[Judgement]; 3] = [&first, &second, &[]];
    Evaluation::new(codebook.characteristics.iter().zip(judged))
}

#[test]
fn the_table_is_aligned_and_narrow() {
    let table = small_evaluation().table();
    assert!(table.lines().all(|line| line.chars().count() <= 100), "{table}");
    insta::assert_snapshot!(table, @r"
    tag                                   support  predicted  precision  recall     F1     AP
    advice                                     10         12      0.750   0.900  0.818  0.977
    not-advice                                  2          0          -   0.000  0.000  1.000
    a-name-as-long-as-no-column-should-…        1          1      1.000   1.000  1.000      -
    not-a-name-as-long-as-no-column-sho…        0          0          -       -      -      -

    characteristic                        posts  undecided  accuracy  F1 poles  F1 values    ECE  alpha
    advice                                   15          1     0.600     0.409      0.273  0.191  0.140
    a-name-as-long-as-no-column-should-…      2          0     1.000     1.000      1.000      -  1.000

    1 characteristic has no label and no line here
    macro-F1  0.606  over 3 poles with a labelled example
    macro-F1  0.818  over 1 pole with 8 labelled examples or more
    ");
}

#[test]
fn nothing_to_evaluate_is_no_table_of_nothing() {
    insta::assert_snapshot!(Evaluation::new([]).table(), @r"
    macro-F1  -  over 0 poles with a labelled example
    macro-F1  -  over 0 poles with 8 labelled examples or more
    ");
}

#[test]
fn the_json_has_the_promised_keys_and_null_for_the_undefined() {
    let evaluation = small_evaluation();
    let found = to_value(&evaluation).expect("an evaluation serializes");
    let keys =
        |json: &Json| json.as_object().map(|fields| fields.keys().cloned().collect::<Vec<_>>().join(" "));
    insta::assert_snapshot!(keys(&found).unwrap_or_default(), @"characteristics macro_f1 macro_f1_min_support_8");
    insta::assert_snapshot!(keys(&found["characteristics"][0]).unwrap_or_default(), @"id slug account n undecided accuracy f1_neither macro_f1 macro_f1_values expected_calibration_error krippendorff_alpha cohen_kappa confusion poles");
    insta::assert_snapshot!(keys(&found["characteristics"][0]["poles"][0]).unwrap_or_default(), @"pole tag support predicted true_positives precision recall f1 average_precision");
    assert_eq!(found["characteristics"][1]["poles"][1]["precision"], Json::Null);
    assert_eq!(found["characteristics"][2]["macro_f1"], Json::Null);
    let read: Evaluation = serde_json::from_value(found).expect("an evaluation reads what it wrote");
    assert_eq!(read, evaluation);
}

#[test]
fn macro_f1_counts_poles_with_support_only() {
    let evaluation = small_evaluation();
    assert_eq!(evaluation.macro_f1(0), evaluation.macro_f1);
    assert_eq!(evaluation.macro_f1(8), evaluation.macro_f1_min_support_8);
    assert_eq!(evaluation.macro_f1(11), None);
}
