//! What one claim costs as the table grows (perf-5).

use std::path::Path;

pub(crate) fn claim(db: &Path, payload: usize) {
    let _ = (db, payload);
}
