//! Going back where git would write over something, or refuse.

use super::{LIMIT, MIB, Rig};
use std::fs;

#[tokio::test]
async fn what_is_ignored_by_now_and_is_written_over_by_a_way_back_is_kept() {
    let rig = Rig::committed(&[("a.txt", "1\n")]);
    rig.write("data.csv", "1\n");
    rig.write("deep/file", "1\n");
    rig.write("kind", "a file\n");
    let kept = rig.place().snapshot(LIMIT).await.unwrap();
    rig.write(".gitignore", "*.csv\ndeep\nkind\n");
    rig.write("data.csv", "2\n");
    fs::remove_dir_all(rig.file("deep")).unwrap();
    rig.write("deep", "a file by now\n");
    fs::remove_file(rig.file("kind")).unwrap();
    rig.write("kind/below", "a folder by now\n");
    let left = rig.restore(&kept).await;
    for (name, text) in [
        ("data.csv", "1\n"),
        ("deep/file", "1\n"),
        ("kind", "a file\n"),
    ] {
        assert_eq!(fs::read_to_string(rig.file(name)).unwrap(), text);
    }
    rig.restore(&left).await;
    for (name, text) in [
        ("data.csv", "2\n"),
        ("deep", "a file by now\n"),
        ("kind/below", "a folder by now\n"),
    ] {
        assert_eq!(fs::read_to_string(rig.file(name)).unwrap(), text);
    }
}

#[tokio::test]
async fn large_file_that_is_ignored_by_now_is_named_and_not_written_over() {
    let rig = Rig::committed(&[("a.txt", "1\n")]);
    rig.write("data.csv", "1\n");
    let kept = rig.place().snapshot(LIMIT).await.unwrap();
    rig.write(".gitignore", "*.csv\n");
    let large = fs::File::create(rig.file("data.csv")).unwrap();
    large.set_len(17 * MIB as u64).unwrap();
    let refused = rig.place().way_back(&kept, LIMIT).await.unwrap_err();
    assert!(
        refused.to_string().contains("data.csv is in the way"),
        "{refused}"
    );
    assert_eq!(
        fs::metadata(rig.file("data.csv")).unwrap().len(),
        17 * MIB as u64
    );
}

#[tokio::test]
async fn way_back_below_the_top_does_not_mind_large_files_that_changed() {
    let rig = Rig::committed(&[("app/a.txt", "1\n"), ("app/large", "1\n")]);
    let mut place = rig.place();
    place.folder = rig.file("app");
    let kept = place.snapshot(LIMIT).await.unwrap();
    let large = fs::File::create(rig.file("app/large")).unwrap();
    large.set_len(17 * MIB as u64).unwrap();
    rig.write("app/a.txt", "2\n");
    let way = place.way_back(&kept, LIMIT).await.unwrap();
    way.take(None, LIMIT).await.unwrap();
    assert_eq!(
        fs::metadata(rig.file("app/large")).unwrap().len(),
        17 * MIB as u64
    );
    assert_eq!(fs::read_to_string(rig.file("app/a.txt")).unwrap(), "1\n");
}
