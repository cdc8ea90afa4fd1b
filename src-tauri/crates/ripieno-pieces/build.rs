//! Builds again when a built-in piece changes: the embedding macro alone does not notice.

fn main() {
    println!("cargo:rerun-if-changed=../../../pieces");
}
