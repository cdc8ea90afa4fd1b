//! What made-up manifests ever found, whole and damaged, also when a key of ours signed them (sec-19).

use ripieno_update::trust::Trust;

#[path = "../../../../../fuzz/reading/again.rs"]
mod again;
#[path = "../../../../../fuzz/reading/manifest.rs"]
mod manifest;

#[test]
fn corpus_of_manifests_is_read_without_a_fault() {
    again::read_again("manifest", &[], manifest::read);
}

#[test]
fn whole_manifest_of_the_corpus_is_believed_and_one_that_leads_elsewhere_is_not() {
    let whole = include_str!("../../../../../fuzz/corpus/manifest/whole");
    let accepted = |words: &str| manifest::accept(words, &mut Trust::default());
    assert!(accepted(whole).is_ok());
    let refusal = accepted(&whole.replace("\"ripieno\"", "\"../ripieno\""));
    assert!(
        refusal
            .unwrap_err()
            .to_string()
            .contains("no name for a file")
    );
}
