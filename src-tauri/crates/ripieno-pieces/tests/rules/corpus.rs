//! What made-up pieces ever found, and every piece there is, whole and damaged (sec-19).

#[path = "../../../../../fuzz/reading/again.rs"]
mod again;
#[path = "../../../../../fuzz/reading/piece.rs"]
mod piece;

#[test]
fn corpus_of_pieces_is_read_without_a_fault() {
    let ours = "src-tauri/crates/ripieno-pieces/tests";
    let malformed = format!("{ours}/malformed");
    again::read_again("piece", &["pieces", ours, &malformed], piece::read);
}
