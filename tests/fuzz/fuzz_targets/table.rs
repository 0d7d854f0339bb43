#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| sociable_fuzz::read_table("posts.csv", bytes));
