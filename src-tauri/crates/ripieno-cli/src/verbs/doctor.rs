//! `doctor`: the cause and remedy of each thing that commonly breaks (O2).

use crate::out::Out;
use ripieno_api::ApiError;

pub(super) fn run(_out: &Out) -> Result<u8, ApiError> {
    Err(super::later("doctor"))
}
