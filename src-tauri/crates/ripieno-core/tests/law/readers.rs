//! What people type and what performers print.

use ripieno_core::{
    ask::{Answer, AskKind, AskOption, AskSpec, BadAnswer},
    event::EventKind,
    id::Reference,
    receipt::{Receipt, ReceiptStatus, SUMMARY_LINES, last_lines},
    state::{Priority, QueueReason, StateKind},
};

fn ask() -> AskSpec {
    AskSpec {
        options: vec![
            AskOption::new("yes", "Yes, delete it"),
            AskOption::new("no", "2"),
            AskOption::new("3", "Later"),
        ],
        allows_text: false,
        ..AskSpec::question("Delete?")
    }
}

#[test]
fn an_option_is_chosen_by_id_label_or_number() {
    let chosen = |given| ask().choose(given).map(|o| o.id.clone());
    assert_eq!(chosen("yes").as_deref(), Ok("yes"));
    assert_eq!(chosen("Yes, delete it").as_deref(), Ok("yes"));
    assert_eq!(chosen("1").as_deref(), Ok("yes"));
}

#[test]
fn an_id_goes_before_a_label_and_a_label_before_a_number() {
    assert_eq!(ask().choose("3").unwrap().label, "Later");
    assert_eq!(ask().choose("2").unwrap().id, "no");
}

#[test]
fn an_option_nobody_offered_is_refused_with_those_there_are() {
    for given in ["0", "4", "-1", "YES", "", "18446744073709551616"] {
        let refused = ask().choose(given).unwrap_err();
        assert!(
            refused.to_string().contains("yes (Yes, delete it)"),
            "{refused}"
        );
    }
    let open = AskSpec::question("What now?");
    assert!(
        open.choose("1")
            .unwrap_err()
            .to_string()
            .contains("none (it takes text)")
    );
}

#[test]
fn an_answer_must_fit_its_ask() {
    let text = Answer::Text("later".into());
    assert!(matches!(ask().check(&text), Err(BadAnswer::NoText { .. })));
    assert_eq!(AskSpec::question("?").check(&text), Ok(()));
    let option = |id: &str| Answer::Option {
        id: id.into(),
        scope: None,
    };
    assert_eq!(ask().check(&option("no")), Ok(()));
    assert!(ask().check(&option("Later")).is_err(), "a label is no id");
    assert_eq!((text.line(), option("no").line()), ("later", "no"));
}

#[test]
fn last_lines_skips_the_empty_ones_and_keeps_order() {
    assert_eq!(last_lines("a\n\n b \r\n  \nc\n", 2), " b\nc");
    assert_eq!(last_lines("a\nb", 9), "a\nb");
    assert_eq!(last_lines("", 3), "");
    assert_eq!(last_lines("a", 0), "");
}

#[test]
fn a_completed_receipt_keeps_the_last_eight_lines() {
    let text: String = (1..=20).map(|n| format!("line {n}\n\n")).collect();
    let receipt = Receipt::completed(&text);
    assert_eq!(receipt.status, ReceiptStatus::Completed);
    assert_eq!(receipt.summary.lines().count(), SUMMARY_LINES);
    assert!(receipt.summary.starts_with("line 13") && receipt.summary.ends_with("line 20"));
}

#[test]
fn a_reference_is_a_number_an_id_or_its_last_digits() {
    let parse = |text| Reference::parse(text, 'A');
    assert_eq!(parse(" a-7 "), Ok(Reference::Number(7)));
    assert_eq!(parse("12345"), Ok(Reference::Number(12_345)));
    assert_eq!(
        parse("123456"),
        Ok(Reference::Digits {
            number: 123_456,
            suffix: "123456".into()
        }),
        "digits are a number first"
    );
    assert_eq!(parse("BEEF-42ff"), Ok(Reference::Suffix("beef42ff".into())));
    let whole = "0190f5a0-0000-7000-8000-0000deadbeef";
    assert_eq!(parse(whole), Ok(Reference::Id(whole.parse().unwrap())));
    for bad in [
        "",
        " ",
        "A-",
        "T-7",
        "beef",
        "A-0x7",
        "--",
        "99999999999999999999x",
        "7 8",
    ] {
        let refused = parse(bad).unwrap_err();
        assert!(
            refused
                .to_string()
                .starts_with(&format!("`{bad}` names nothing"))
        );
    }
}

#[test]
fn names_lead_back_to_what_they_name() {
    for kind in StateKind::ALL {
        assert_eq!(StateKind::from_name(kind.name()), Some(kind));
    }
    for kind in EventKind::ALL {
        assert_eq!(EventKind::from_name(kind.name()), Some(kind));
    }
    for reason in QueueReason::ALL {
        assert_eq!(QueueReason::from_name(reason.name()), Some(reason));
    }
    for priority in Priority::ALL {
        assert_eq!(Priority::from_name(priority.name()), Some(priority));
    }
    assert_eq!(AskKind::from_name("sign_in"), Some(AskKind::SignIn));
    assert_eq!(EventKind::from_name("comment_added"), None);
}

#[test]
fn paused_is_shown_in_place_of_queued_and_waiting_only() {
    for kind in StateKind::ALL {
        let word = match kind {
            StateKind::Queued | StateKind::Waiting => "paused",
            other => other.name(),
        };
        assert_eq!(kind.shown(true), word);
        assert_eq!(kind.shown(false), kind.name());
    }
}
