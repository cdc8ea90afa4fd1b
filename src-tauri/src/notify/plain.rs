//! Foreign text made fit for a banner: one plain line, without anything that looks like ours or leads elsewhere.
//!
//! What an agent writes is a claim of somebody else. It is shown between quotation marks that it cannot close, without
//! markup, links, control characters, secrets, or paths outside its task's folder (sec-14, sec-16).

use std::path::Path;

use ripieno_daemon::logs::mask;

/// The most characters of foreign text in one banner.
pub const LONGEST: usize = 200;
/// Stands for a link.
const LINK: &str = "[…]";
/// Ends what was cut.
const CUT: char = '…';

/// A text as it is shown, and whether that is all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plain {
    /// One line.
    pub text: String,
    /// Whether nothing was taken out, replaced or cut (spaces apart).
    pub whole: bool,
}

/// Makes one line of at most `longest` characters; paths under `folder` are shown from there.
#[must_use]
pub fn plain(text: &str, longest: usize, folder: Option<&Path>) -> Plain {
    // No more is looked at than could be shown, however long the text is.
    let (head, cut) = split(text, longest.saturating_mul(8).max(1024));
    let line = one_line(head);
    let masked = mask(&line);
    let shown = without_outside_paths(&without_links(&masked), folder);
    let shown = with_plain_quotes(&shown);
    let (text, short) = shorten(&shown, longest);
    let whole = !cut && !short && text == line && same_characters(head, &line);
    Plain { text, whole }
}

/// Cuts a line to `longest` characters, the mark of the cut included.
fn shorten(line: &str, longest: usize) -> (String, bool) {
    let (_, more) = split(line, longest);
    if !more {
        return (line.to_owned(), false);
    }
    let (head, _) = split(line, longest.saturating_sub(1));
    let mut text = head.trim_end().to_owned();
    text.push(CUT);
    (text, true)
}

/// The first characters, and whether there are more.
fn split(text: &str, characters: usize) -> (&str, bool) {
    match text.char_indices().nth(characters) {
        Some((at, _)) => (&text[..at], true),
        None => (text, false),
    }
}

/// Everything that breaks lines, controls a display or has no width is left out; spaces are one.
fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    let mut marks = 0;
    for c in text.chars() {
        if c.is_whitespace() {
            marks = 0;
            if !line.is_empty() && !line.ends_with(' ') {
                line.push(' ');
            }
        } else if is_unseen(c) {
            // One of the marks shows nothing either (U+034F).
        } else if is_mark(c) {
            // A tower of accents would cover what stands above it.
            marks += 1;
            if marks <= 2 && !line.is_empty() {
                line.push(c);
            }
        } else {
            marks = 0;
            line.push(c);
        }
    }
    line.truncate(line.trim_end().len());
    line
}

/// Whether everything but white space came through.
fn same_characters(text: &str, line: &str) -> bool {
    let visible = |text: &str| -> String { text.split_whitespace().collect() };
    visible(text) == visible(line)
}

/// Characters that change how others are shown, or show nothing: controls, marks of direction, joiners, tags, private use.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{e000}'..='\u{f8ff}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffd}'
            | '\u{e0000}'..='\u{10ffff}')
}

/// Marks that are drawn over or under the character before them.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{1ab0}'..='\u{1aff}'
        | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

/// Marks of quotation become plain ones: the quoted cannot end the quotation.
fn with_plain_quotes(line: &str) -> String {
    let plain = |c| match c {
        '"'
        | '\u{201c}'..='\u{201f}'
        | '«'
        | '»'
        | '「'
        | '」'
        | '『'
        | '』'
        | '〝'
        | '〞'
        | '〟'
        | '＂'
        | '｢'
        | '｣'
        | '❝'
        | '❞' => '\'',
        c => c,
    };
    line.chars().map(plain).collect()
}

/// Words with a scheme, or that a server would make into a link, are named and not shown.
fn without_links(line: &str) -> String {
    let mut words = Vec::new();
    for word in line.split(' ') {
        words.push(if is_link(word) { LINK } else { word });
    }
    words.join(" ")
}

fn is_link(word: &str) -> bool {
    let lower = word.to_lowercase();
    let trimmed = lower.trim_start_matches(|c: char| !c.is_alphanumeric());
    let schemes = ["mailto:", "javascript:", "data:text", "tel:", "www."];
    lower.contains("://") || schemes.iter().any(|scheme| trimmed.starts_with(scheme))
}

/// Absolute paths are shown from the task's folder, or by their last part when they lie outside.
fn without_outside_paths(line: &str, folder: Option<&Path>) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    let mut before = None;
    while let Some(c) = rest.chars().next() {
        let begins = before.is_none_or(|b: char| {
            !b.is_alphanumeric() && !matches!(b, '/' | '.' | '~' | '\\' | '_' | '-')
        });
        let begins = begins && !(before == Some('<') && ends_markup(rest));
        let length = if begins { path_length(rest) } else { 0 };
        if length > 0 {
            let (path, after) = rest.split_at(length);
            out.push_str(&shown_path(path, folder));
            before = path.chars().last();
            rest = after;
        } else {
            out.push(c);
            before = Some(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    out
}

/// Whether what follows a `<` is the rest of an end tag, such as `/b>`.
fn ends_markup(text: &str) -> bool {
    let name = text.strip_prefix('/').and_then(|rest| rest.split_once('>'));
    name.is_some_and(|(name, _)| {
        name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric())
    })
}

/// How many bytes at the start are an absolute path; 0 when there is none.
fn path_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let drive = bytes.len() > 2
        && bytes[0].is_ascii_alphabetic()
        && bytes[1] == b':'
        && matches!(bytes[2], b'\\' | b'/');
    let absolute = text.starts_with("~/")
        || drive
        || text.starts_with('/')
            && text[1..].starts_with(|c: char| c.is_alphanumeric() || c == '.' || c == '_');
    if !absolute {
        return 0;
    }
    let ends = |c: char| {
        c == ' '
            || matches!(
                c,
                '"' | '\'' | '`' | '<' | '>' | '|' | ';' | ',' | ')' | '(' | '&' | '”' | '」'
            )
    };
    text.find(ends).unwrap_or(text.len())
}

fn shown_path(path: &str, folder: Option<&Path>) -> String {
    let inside = folder.and_then(|folder| Path::new(path).strip_prefix(folder).ok());
    match inside {
        Some(inside) if inside.as_os_str().is_empty() => ".".to_owned(),
        Some(inside) if !leaves(inside) => inside.display().to_string(),
        _ => {
            let last = path
                .trim_end_matches(['/', '\\'])
                .rsplit(['/', '\\'])
                .next();
            format!("{CUT}/{}", last.unwrap_or_default())
        }
    }
}

/// Whether a path climbs out of where it starts.
fn leaves(path: &Path) -> bool {
    use std::path::Component;
    path.components().any(|part| part == Component::ParentDir)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(text: &str) -> String {
        plain(text, LONGEST, Some(Path::new("/home/me/app"))).text
    }

    #[test]
    fn lines_controls_and_marks_of_direction_are_taken_out() {
        let table = [
            ("a\n\nb\tc", "a b c"),
            ("  a  ", "a"),
            ("safe\u{202e}gpj.exe", "safegpj.exe"),
            ("a\u{1b}[31mred", "a[31mred"),
            ("in\u{200b}vis\u{feff}ible\u{e0041}", "invisible"),
            ("a\u{7}b\u{0}c\u{9c}", "abc"),
            ("e\u{301}\u{301}\u{301}\u{301}", "e\u{301}\u{301}"),
            ("\u{301}x", "x"),
            ("日本語のテキスト", "日本語のテキスト"),
        ];
        for (given, expected) in table {
            assert_eq!(shown(given), expected, "{given:?}");
        }
    }

    #[test]
    fn quotation_marks_cannot_close_ours() {
        for mark in "\"“”„‟«»「」『』〝〞〟＂｢｣❝❞".chars() {
            assert_eq!(shown(&format!("a{mark} b")), "a' b", "{mark}");
        }
    }

    #[test]
    fn links_are_named_and_not_shown() {
        for link in [
            "https://evil.example/login",
            "HTTP://EVIL",
            "(www.evil.example)",
            "ripieno://task/1",
            "mailto:a@b.example",
            "javascript:alert(1)",
        ] {
            assert_eq!(shown(&format!("see {link} now")), "see […] now");
        }
    }

    #[test]
    fn paths_are_shown_from_the_folder_or_by_their_last_part() {
        let table = [
            ("rm -r /home/me/app/build", "rm -r build"),
            ("in /home/me/app", "in ."),
            ("cat /etc/passwd", "cat …/passwd"),
            ("cat ~/.ssh/id_ed25519", "cat …/id_ed25519"),
            ("cat '/home/me/app/../other/x'", "cat '…/x'"),
            ("x=/home/me/secret/", "x=…/secret"),
            ("<b>red</b> and <h1>x</h1>", "<b>red</b> and <h1>x</h1>"),
            ("cat </etc/passwd >x", "cat <…/passwd >x"),
            ("cat </etc/passwd>x", "cat <…/passwd>x"),
            (r"type C:\Users\me\x.txt", "type …/x.txt"),
            (
                "and/or 1/2 src/main.rs a / b",
                "and/or 1/2 src/main.rs a / b",
            ),
        ];
        for (given, expected) in table {
            assert_eq!(shown(given), expected, "{given:?}");
        }
    }

    #[test]
    fn secrets_are_hidden() {
        assert_eq!(shown("use token=0123456789abc"), "use token=[hidden]");
        assert_eq!(shown("sk-ant-api03-abcdefghijklmnop"), "[hidden]");
    }

    #[test]
    fn only_an_untouched_text_is_whole() {
        let whole = |text: &str| plain(text, 20, Some(Path::new("/w"))).whole;
        assert!(whole("rm -r build"));
        assert!(whole("rm  -r\nbuild"));
        for changed in [
            "rm -r /home/me/x",
            "a text of more than twenty characters",
            "curl https://x",
            "a\u{200b}b",
            "a\u{34f}b",
            "say \"x\"",
            "token=0123456789",
        ] {
            assert!(!whole(changed), "{changed}");
        }
    }

    proptest! {
        #[test]
        fn any_text_becomes_one_short_safe_line(text in "\\PC{0,40}|[\\x00-\\u{ffff}]{0,400}", longest in 1_usize..220) {
            let shown = plain(&text, longest, None).text;
            prop_assert!(shown.chars().count() <= longest);
            prop_assert!(!shown.chars().any(is_unseen));
            prop_assert!(!shown.contains(['\n', '"', '“', '”', '「', '」']));
            prop_assert!(!shown.contains("://"));
        }

        #[test]
        fn a_safe_line_stays_as_it_is(text in "[a-z0-9 ,.?]{0,60}") {
            let once = plain(&text, LONGEST, None).text;
            prop_assert_eq!(plain(&once, LONGEST, None).text, once);
        }
    }
}
