//! Downloads: what is wrong never reaches its place, and what broke off goes on where it was.

use crate::believed::version;
use ripieno_release::{NewPart, Signer, artefact, manifest, publish};
use ripieno_testkit::files::{FileServer, Trouble};
use ripieno_update::{
    Refusal,
    download::Staging,
    keys::Keys,
    manifest::{Artefact, Channel},
    source::{WebSource, offered},
    trust::Trust,
};
use std::{
    fs,
    path::PathBuf,
    sync::atomic::{AtomicU64, Ordering},
};

const TARGET: &str = "linux-x86_64-command";

/// A server with one release, and a folder for downloads.
struct Rig {
    dir: tempfile::TempDir,
    server: FileServer,
    keys: Keys,
    signer: Signer,
    artefact: Artefact,
}

impl Rig {
    /// A release of so many bytes.
    fn new(length: usize) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let signer = Signer::generate().unwrap();
        let served = dir.path().join("served");
        fs::create_dir(&served).unwrap();
        let bytes: Vec<u8> = (0..length).map(|n| (n % 251) as u8).collect();
        let file = served.join("ripieno");
        fs::write(&file, bytes).unwrap();
        let part = NewPart {
            file: &file,
            name: "ripieno".into(),
            url: "ripieno".into(),
        };
        Rig {
            server: FileServer::start(&served).unwrap(),
            artefact: artefact(&signer, &version("0.2.0"), TARGET, &[part]).unwrap(),
            keys: Keys::parse(signer.public()).unwrap(),
            signer,
            dir,
        }
    }

    fn served(&self) -> PathBuf {
        self.dir.path().join("served/ripieno")
    }

    fn staging(&self) -> Staging {
        Staging::new(&self.dir.path().join("downloads"), &version("0.2.0"))
    }

    fn fetch(&self) -> Result<Vec<u8>, Refusal> {
        self.fetch_counting(&|_| {})
    }

    fn fetch_counting(&self, steps: &(dyn Fn(&str) + Send + Sync)) -> Result<Vec<u8>, Refusal> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let source = WebSource::new(self.server.address()).unwrap();
        let (staging, wanted) = (self.staging(), version("0.2.0"));
        let fetched = staging.fetch(&source, &wanted, &self.artefact, &self.keys, steps, &|_| {});
        runtime.block_on(fetched)?;
        staging.verify(&version("0.2.0"), &self.artefact, &self.keys)?;
        Ok(fs::read(staging.file(&self.artefact.files[0])).unwrap())
    }

    /// The refusal, and that nothing lies under the name of a verified file.
    fn refused(&self) -> Refusal {
        let refusal = self.fetch().unwrap_err();
        assert!(
            !self.staging().file(&self.artefact.files[0]).exists(),
            "{refusal}"
        );
        refusal
    }
}

#[test]
fn release_arrives_as_it_was_made() {
    let rig = Rig::new(300_000);
    assert_eq!(rig.fetch().unwrap(), fs::read(rig.served()).unwrap());
}

#[test]
fn download_goes_on_where_it_broke_off() {
    let rig = Rig::new(1_000_000);
    rig.server
        .trouble("ripieno", Some(Trouble::CutAfter(300_000)));
    for _ in 0..3 {
        let refusal = rig.refused();
        assert!(refusal.is_passing(), "{refusal}");
    }
    rig.server.trouble("ripieno", None);
    assert_eq!(rig.fetch().unwrap(), fs::read(rig.served()).unwrap());
    let asked = rig.server.asked();
    assert_eq!(asked[0], "ripieno 0");
    assert!(
        asked[1..].iter().all(|asked| asked != "ripieno 0"),
        "{asked:?}"
    );
}

#[test]
fn endless_and_oversized_files_stop_at_their_length() {
    let rig = Rig::new(200_000);
    rig.server.trouble("ripieno", Some(Trouble::Endless));
    let steps = AtomicU64::new(0);
    let counted = rig.fetch_counting(&|_| {
        steps.fetch_add(1, Ordering::SeqCst);
    });
    assert!(
        matches!(counted, Err(Refusal::Oversized { limit: 200_000, .. })),
        "{counted:?}"
    );
    assert!(steps.into_inner() <= 4, "it went on reading");
    rig.server.trouble("ripieno", None);
    let mut longer = fs::read(rig.served()).unwrap();
    longer.push(0);
    fs::write(rig.served(), longer).unwrap();
    assert!(matches!(rig.refused(), Refusal::Oversized { .. }));
}

#[test]
fn short_file_is_called_truncated() {
    let rig = Rig::new(200_000);
    let whole = fs::read(rig.served()).unwrap();
    fs::write(rig.served(), &whole[..150_000]).unwrap();
    let refusal = rig.refused();
    assert_eq!(
        refusal.to_string(),
        "ripieno ended after 150000 of 200000 bytes; the rest is fetched at the next try"
    );
    fs::write(rig.served(), &whole).unwrap();
    assert_eq!(rig.fetch().unwrap(), whole);
}

#[test]
fn changed_file_is_noticed_by_its_digest_and_by_its_signature() {
    let mut rig = Rig::new(100_000);
    let mut bytes = fs::read(rig.served()).unwrap();
    bytes[50_000] ^= 1;
    fs::write(rig.served(), &bytes).unwrap();
    assert!(matches!(rig.refused(), Refusal::WrongDigest(_)));
    // The manifest agrees with the changed bytes; the file's own signature does not.
    rig.artefact.files[0].sha256 = ripieno_update::download::digest_of(&rig.served()).unwrap();
    assert!(matches!(rig.refused(), Refusal::Tampered(_)));
}

#[test]
fn old_file_under_a_new_number_is_refused() {
    let mut rig = Rig::new(1_000);
    let file = rig.served();
    let part = |name: &str| NewPart {
        file: &file,
        name: name.into(),
        url: "ripieno".into(),
    };
    for (made, target, name) in [
        ("0.1.0", TARGET, "ripieno"),
        ("0.2.0", "linux-x86_64-desktop", "ripieno"),
        ("0.2.0", TARGET, "ripieno-desktop"),
    ] {
        let other = artefact(&rig.signer, &version(made), target, &[part(name)]).unwrap();
        rig.artefact.files[0]
            .signature
            .clone_from(&other.files[0].signature);
        let refusal = rig.refused();
        assert!(
            matches!(refusal, Refusal::WrongSignature { .. }),
            "{refusal}"
        );
    }
    let stranger = Signer::generate().unwrap();
    let other = artefact(&stranger, &version("0.2.0"), TARGET, &[part("ripieno")]).unwrap();
    rig.artefact.files[0]
        .signature
        .clone_from(&other.files[0].signature);
    assert!(matches!(rig.refused(), Refusal::UnknownKey { .. }));
}

#[test]
fn file_that_changes_after_its_download_is_not_installed() {
    let rig = Rig::new(1_000);
    rig.fetch().unwrap();
    let file = rig.staging().file(&rig.artefact.files[0]);
    fs::write(&file, b"something else").unwrap();
    let refused = rig
        .staging()
        .verify(&version("0.2.0"), &rig.artefact, &rig.keys);
    assert!(
        matches!(refused, Err(Refusal::Truncated { .. })),
        "{refused:?}"
    );
    assert!(!file.exists());
}

#[test]
fn manifest_longer_than_any_is_not_read_to_its_end() {
    let rig = Rig::new(10);
    let made = manifest(
        Channel::Stable,
        version("0.2.0"),
        1,
        vec![rig.artefact.clone()],
    )
    .unwrap();
    publish(&rig.signer, &made, rig.served().parent().unwrap()).unwrap();
    let look = || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let source = WebSource::new(rig.server.address()).unwrap();
        let now = jiff::Timestamp::now();
        runtime.block_on(offered(
            &source,
            Channel::Stable,
            &rig.keys,
            now,
            &mut Trust::default(),
        ))
    };
    assert_eq!(look().unwrap(), made);
    rig.server.trouble("stable.json", Some(Trouble::Endless));
    assert!(matches!(look(), Err(Refusal::Oversized { .. })));
    rig.server
        .trouble("stable.json", Some(Trouble::Status(503)));
    let refusal = look().unwrap_err();
    assert!(refusal.to_string().contains("503"), "{refusal}");
}

#[test]
fn programs_are_not_fetched_over_plain_http_from_elsewhere() {
    for address in [
        "http://example.org/updates",
        "ftp://127.0.0.1/",
        "file:///tmp/",
    ] {
        assert!(
            matches!(WebSource::new(address), Err(Refusal::Insecure(_))),
            "{address}"
        );
    }
    assert!(WebSource::new("https://example.org/updates").is_ok());
    assert_eq!(WebSource::new("").unwrap_err(), Refusal::NoSource);
    let mut rig = Rig::new(10);
    rig.artefact.files[0].url = "http://example.org/ripieno".into();
    assert!(matches!(rig.refused(), Refusal::Insecure(_)));
}
