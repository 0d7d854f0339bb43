//! Labelled posts → model: folds, solver, calibration, thresholds, and the model's card. Floor 5.
//!
//! The home of linfa and argmin. Knows nothing of arguments and the terminal.

mod calibration;
mod card;
mod contrast;
mod folds;
mod head;
mod labelled;
mod objective;
mod prevalence;
mod rows;
mod solver;
mod threshold;
mod train;
mod vector;
mod view;
mod word_vectors;

pub use self::{
    calibration::Calibration,
    card::card,
    labelled::{Condition, LabelledPosts},
    prevalence::{Expected, Prevalence},
    rows::{Row, Rows},
    solver::{Fitted, SolverParams, ValidSolverParams},
    train::{MIN_EXAMPLES, TrainParams, Training, train},
    view::{AnalyzedPosts, View},
};
