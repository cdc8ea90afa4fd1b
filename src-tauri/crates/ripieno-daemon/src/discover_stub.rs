use std::{collections::BTreeMap, path::PathBuf};
pub struct Discovered { pub kind: String, pub name: String, pub path: Option<PathBuf>, pub version: Option<String>, pub usable: bool, pub reason: Option<String>, pub signed_in: Option<bool>, pub protocol: Option<String> }
pub async fn discover(_: &BTreeMap<String,String>) -> Vec<Discovered> { Vec::new() }
