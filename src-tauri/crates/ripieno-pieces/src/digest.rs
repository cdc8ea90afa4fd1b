//! The digest that pins a piece to a task.

use sha2::{Digest, Sha256};

use crate::facets::PulledFacet;

/// Computes the SHA-256, in hex, over the text of a piece and every facet it pulls in.
///
/// Each part goes in with its length, so that no two different sets of parts can read the
/// same; the order in which the facets were pulled in does not matter.
#[must_use]
pub fn digest(text: &str, facets: &[PulledFacet]) -> String {
    let mut sorted: Vec<&PulledFacet> = facets.iter().collect();
    sorted.sort();
    sorted.dedup();
    let mut hash = Sha256::new();
    hash.update(b"ripieno piece 1\n");
    add(&mut hash, text);
    for facet in sorted {
        add(&mut hash, facet.kind.word());
        add(&mut hash, facet.name.as_str());
        add(&mut hash, &facet.text);
    }
    hash.finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn add(hash: &mut Sha256, part: &str) {
    hash.update((part.len() as u64).to_be_bytes());
    hash.update(part.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facets::FacetKind;
    use crate::name::Name;

    fn facet(name: &str, text: &str) -> PulledFacet {
        PulledFacet {
            kind: FacetKind::Policy,
            name: Name::new(name).unwrap(),
            text: text.to_owned(),
        }
    }

    #[test]
    fn digest_changes_with_piece_and_facets_but_not_with_their_order() {
        let (a, b) = (facet("a", "one"), facet("b", "two"));
        let both = digest("piece", &[a.clone(), b.clone()]);
        assert_eq!(both.len(), 64);
        assert_eq!(both, digest("piece", &[b.clone(), a.clone(), a.clone()]));
        assert_ne!(both, digest("piece", std::slice::from_ref(&a)));
        assert_ne!(both, digest("piece ", &[a.clone(), b]));
        assert_ne!(
            digest("p", &[facet("a", "bc")]),
            digest("p", &[facet("ab", "c")])
        );
        assert_ne!(digest("p", &[a]), digest("p", &[facet("a", "one ")]));
    }
}
