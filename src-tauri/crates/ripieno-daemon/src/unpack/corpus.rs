//! Hostile archives, made by code: twenty ideas in three containers.

use flate2::{Compression, write::GzEncoder};
use std::io::{Cursor, Write};
use zip::{ZipWriter, write::SimpleFileOptions};

/// What an entry is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum What {
    File,
    Folder,
    Symlink,
    Hardlink,
    Device,
    Fifo,
}

/// One entry.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) what: What,
    /// The content of a file, the target of a link.
    pub(super) data: Vec<u8>,
    pub(super) mode: u32,
}

pub(super) fn file(name: &str, data: &[u8]) -> Entry {
    Entry {
        name: name.to_owned(),
        what: What::File,
        data: data.to_vec(),
        mode: 0o644,
    }
}

pub(super) fn other(name: &str, what: What, target: &str) -> Entry {
    Entry {
        what,
        ..file(name, target.as_bytes())
    }
}

/// An idea with its name.
pub(super) type Idea = (&'static str, Vec<Entry>);

/// `outside` is a folder that must stay as it is; the archive is unpacked into a folder beside it.
pub(super) fn ideas(outside: &str) -> Vec<Idea> {
    let evil = |name: &str| vec![file("first", b"1"), file(name, b"evil")];
    let many = (0..120).map(|n| file(&format!("f{n}"), b"")).collect();
    let deep = "d/".repeat(20) + "f";
    vec![
        ("parent", evil("../outside/evil")),
        ("parent inside", evil("a/../../outside/evil")),
        ("parent after dots", evil("././a/./../../outside/evil")),
        ("absolute", evil(&format!("{outside}/evil"))),
        ("drive", evil("C:/evil")),
        ("backslashes", evil("..\\outside\\evil")),
        ("share", evil("\\\\server\\share\\evil")),
        (
            "link and through it",
            vec![
                other("link", What::Symlink, "../outside"),
                file("link/evil", b"evil"),
            ],
        ),
        (
            "absolute link and through it",
            vec![
                other("link", What::Symlink, outside),
                file("link/evil", b"evil"),
            ],
        ),
        (
            "hard link",
            vec![other("hard", What::Hardlink, "../outside/theirs")],
        ),
        ("device", vec![other("null", What::Device, "")]),
        ("pipe", vec![other("pipe", What::Fifo, "")]),
        (
            "case",
            vec![
                file("Read.me", b"1"),
                file("README", b"2"),
                file("read.ME", b"3"),
            ],
        ),
        ("device name", evil("sub/NUL.txt")),
        ("stream", evil("a.txt:evil")),
        ("trailing dot", evil("sub./evil")),
        ("control character", evil("a\nb")),
        (
            "file as folder",
            vec![file("a", b"1"), file("a/evil", b"2")],
        ),
        ("too many", many),
        (
            "too deep",
            vec![other("d/", What::Folder, ""), file(&deep, b"1")],
        ),
    ]
}

/// Zeros that pack well.
pub(super) fn bomb() -> Vec<Entry> {
    vec![file("zeros", &vec![0; 8 << 20])]
}

pub(super) fn tar(entries: &[Entry]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for entry in entries {
        let mut header = tar::Header::new_gnu();
        let kind = match entry.what {
            What::File => tar::EntryType::Regular,
            What::Folder => tar::EntryType::Directory,
            What::Symlink => tar::EntryType::Symlink,
            What::Hardlink => tar::EntryType::Link,
            What::Device => tar::EntryType::Char,
            What::Fifo => tar::EntryType::Fifo,
        };
        header.set_entry_type(kind);
        header.set_mode(entry.mode);
        // Written past the library, which would refuse most of them.
        let name = entry.name.as_bytes();
        header.as_old_mut().name[..name.len()].copy_from_slice(name);
        let is_link = matches!(entry.what, What::Symlink | What::Hardlink);
        let data: &[u8] = if is_link {
            header.as_old_mut().linkname[..entry.data.len()].copy_from_slice(&entry.data);
            &[]
        } else {
            &entry.data
        };
        header.set_size(data.len() as u64);
        header.set_cksum();
        builder.append(&header, data).unwrap();
    }
    builder.into_inner().unwrap()
}

pub(super) fn tar_gz(entries: &[Entry]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(&tar(entries)).unwrap();
    packed.finish().unwrap()
}

pub(super) fn zip(entries: &[Entry]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for entry in entries {
        let options = SimpleFileOptions::default().unix_permissions(entry.mode);
        let target = String::from_utf8_lossy(&entry.data).into_owned();
        match entry.what {
            What::File => {
                writer.start_file(entry.name.as_str(), options).unwrap();
                writer.write_all(&entry.data).unwrap();
            }
            What::Folder => writer.add_directory(entry.name.as_str(), options).unwrap(),
            // There are no hard links, devices and pipes to be made: a link stands for them.
            What::Symlink | What::Hardlink | What::Device | What::Fifo => writer
                .add_symlink(entry.name.as_str(), target.as_str(), options)
                .unwrap(),
        }
    }
    writer.finish().unwrap().into_inner()
}
