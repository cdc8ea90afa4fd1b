//! The loader: what a good piece means, and that no text can make it panic.

use proptest::prelude::*;
use ripieno_pieces::gate::Gate;
use ripieno_pieces::schema::{
    Access, AgentChoice, Aggregate, Contract, OnInterrupt, OnStuck, Review, Route, Script, Session,
    Verify, Work,
};
use ripieno_pieces::simulate::{Recording, simulate};
use ripieno_pieces::{Library, ListedFacets, Need, load as load_piece, refusal};

use crate::{EXAMPLE, built_in, example, example_facets, load, name};

#[test]
fn example_of_the_documentation_means_what_it_says() {
    let piece = example();
    assert_eq!(
        (piece.name().as_str(), piece.start().as_str()),
        ("plan-build-review", "plan")
    );
    assert_eq!(
        (piece.max_movements(), piece.agent()),
        (24, &AgentChoice::Any)
    );
    assert_eq!(
        (piece.verify(), piece.review()),
        (Verify::IfClaimed, Review::Project)
    );
    let monitor = &piece.monitors()[0];
    assert_eq!((monitor.limit, monitor.stuck), (5, OnStuck::Ask));

    let Work::Agent { part, outcomes, .. } = piece.movement(&name("plan")).unwrap().work() else {
        panic!("plan is agent work");
    };
    assert_eq!((part.access, part.session), (Access::Read, Session::Fresh));
    assert_eq!(part.knowledge[0].text, "The knowledge \"architecture\".");
    let asks = Route::Ask {
        text: "What is missing before work can start?".into(),
        then: name("plan"),
    };
    assert_eq!(
        (&outcomes[1].route, &outcomes[2].route),
        (&asks, &Route::Abort)
    );

    let build = piece.movement(&name("build")).unwrap();
    assert_eq!(build.gates(), [Gate::Command("make check".into())]);
    assert_eq!(build.on_interrupt(), OnInterrupt::Resume);
    let Work::Agent { part, outcomes, .. } = build.work() else {
        panic!("build is agent work")
    };
    assert_eq!(
        (part.session, part.instruction.is_none()),
        (Session::Continue, true)
    );
    assert!(
        matches!(&part.contract, Some(Contract::Text(facet)) if facet.text.contains("summary"))
    );
    assert_eq!(outcomes[1].route, Route::WaitSubtasks(name("build")));

    let test = piece.movement(&name("test")).unwrap();
    assert_eq!(test.timeout().unwrap().as_secs(), 1_800);
    assert_eq!(test.on_interrupt(), OnInterrupt::Restart);

    let Work::Parallel { children, rules } = piece.movement(&name("review")).unwrap().work() else {
        panic!("review is parallel");
    };
    assert_eq!(children.len(), 2);
    assert_eq!(rules[0].when, Aggregate::All(name("approved")));
    assert_eq!(rules[1].when, Aggregate::Any(name("needs-work")));
}

#[test]
fn documentation_shows_a_piece_and_a_recording_that_work() {
    let docs = include_str!("../../../../../docs/pieces.md");
    let blocks: Vec<&str> = docs
        .split("```yaml\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect();
    let piece = load(
        blocks
            .iter()
            .find(|block| block.starts_with("version: 1"))
            .unwrap(),
    );
    let recorded = blocks
        .iter()
        .find(|block| block.starts_with("outcomes:"))
        .unwrap();
    let recording = Recording::parse(recorded).unwrap();
    assert_eq!(
        simulate(&piece, &recording).failures(&recording),
        Vec::<String>::new()
    );
}

#[test]
fn built_ins_are_as_the_architecture_gives_them() {
    let solo = built_in("solo");
    let work = &solo.movements()[0];
    let Work::Agent {
        part,
        outcomes,
        gates,
    } = work.work()
    else {
        panic!("solo is agent work")
    };
    assert_eq!(
        (part.access, part.session),
        (Access::Full, Session::Continue)
    );
    assert_eq!(
        (outcomes.len(), gates.len(), &outcomes[0].route),
        (1, 0, &Route::Complete)
    );
    assert!(solo.needs_agent() && !solo.needs_check() && solo.needs().is_empty());

    let script = built_in("script");
    let run = &script.movements()[0];
    assert_eq!(run.on_interrupt(), OnInterrupt::Restart);
    let Work::Shell {
        script: source,
        outcomes,
    } = run.work()
    else {
        panic!("a shell movement")
    };
    assert_eq!(source, &Script::Prompt);
    assert_eq!(source.text("echo hi"), "echo hi");
    assert_eq!(
        (&outcomes[0].route, &outcomes[1].route),
        (&Route::Complete, &Route::Abort)
    );
    assert!(!script.needs_agent());

    let fix = built_in("fix-until-green");
    assert_eq!(fix.movements()[0].gates(), [Gate::Check]);
    assert!(fix.needs_check());
}

#[test]
fn what_a_later_version_can_do_is_refused_with_one_sentence() {
    let needs = example().needs();
    assert_eq!(
        needs,
        [
            Need::WaitSubtasks(name("build")),
            Need::Parallel(name("review"))
        ]
    );
    insta::assert_snapshot!(refusal(&example(), &needs).unwrap(), @r#"the piece "plan-build-review" needs what this version cannot do yet: the movement "build" waits for subtasks; the movement "review" runs performers in parallel; choose another piece"#);
    let piece = load(
        "version: 1\nname: all\nbudget: { tokens: 1000, usd: 0 }\nrequired_mcp: [issues]\nbrowser_profile: work\nverify: required\nreview: always\nmovements: [{ name: work, run: make, outcomes: [{ when: ok, next: COMPLETE }] }]\n",
    );
    assert_eq!(piece.budget().unwrap().usd, None, "0 is no cap");
    assert_eq!(piece.needs().len(), 4);
    assert_eq!(refusal(&piece, &[]), None);
}

#[test]
fn a_movement_may_name_another_model_and_another_level_than_its_piece() {
    let piece = load(
        "version: 1\nname: all\nmodel: large\neffort: high\nmovements: [{ name: work, instruction: do it, model: small, effort: low, outcomes: [{ when: ok, next: COMPLETE }] }]\n",
    );
    assert_eq!(
        (piece.model(), piece.effort()),
        (Some("large"), Some("high"))
    );
    let Work::Agent { part, .. } = piece.movement(&name("work")).unwrap().work() else {
        panic!("{piece:?}");
    };
    assert_eq!(
        (part.model.as_deref(), part.effort.as_deref()),
        (Some("small"), Some("low"))
    );
}

#[test]
fn pinned_texts_load_again_to_the_same_piece_and_digest() {
    let (_, loaded) = Library::built_in().load("solo").unwrap();
    let stored = serde_json::to_string(&loaded.pinned).unwrap();
    let pinned: ripieno_pieces::Pinned = serde_json::from_str(&stored).unwrap();
    assert_eq!(pinned.load().unwrap(), loaded);
    assert_eq!(loaded.digest.len(), 64);
}

#[test]
fn digest_follows_the_facets_a_piece_pulls_in() {
    let facets = example_facets();
    let before = load_piece("x", EXAMPLE, &ListedFacets(&facets)).unwrap();
    let mut changed = facets.clone();
    changed[0].text.push('!');
    let after = load_piece("x", EXAMPLE, &ListedFacets(&changed)).unwrap();
    assert_ne!(before.digest, after.digest);
    let mut more = facets;
    more.push(ripieno_pieces::PulledFacet {
        kind: ripieno_pieces::FacetKind::Policy,
        name: name("unused"),
        text: "Nobody pulls this in.".into(),
    });
    let same = load_piece("x", EXAMPLE, &ListedFacets(&more)).unwrap();
    assert_eq!(before.digest, same.digest);
}

#[test]
fn byte_order_mark_and_windows_line_ends_are_taken() {
    let text = format!("\u{feff}{}", EXAMPLE.replace('\n', "\r\n"));
    assert!(load_piece("x", &text, &ListedFacets(&example_facets())).is_ok());
}

#[test]
fn overlong_piece_is_refused_before_it_is_parsed() {
    let text = "#".repeat(ripieno_pieces::LONGEST_FILE + 1);
    let problems = load_piece("big.yaml", &text, &ListedFacets(&[])).unwrap_err();
    insta::assert_snapshot!(problems, @"big.yaml:1:1: the piece has 262145 bytes; 262144 is the most");
}

/// Lines a careless or hostile author might write, in any order and nesting.
fn line() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "version: 1",
        "version: 9",
        "name: a",
        "name: [",
        "movements:",
        "- name: work",
        "- name: b",
        "instruction: task",
        "instruction: |",
        "run: make",
        "run: { prompt: true }",
        "parallel:",
        "outcomes:",
        "- { when: ok, next: COMPLETE }",
        "- { when: all(ok), next: a }",
        "- { when: x, ask: \"?\", then: work }",
        "outcomes: [ok, failed]",
        "access: edit",
        "max_movements: 99999999999999999999",
        "budget: { usd: .nan }",
        "monitors: [{ cycle: [work], limit: 1 }]",
        "timeout: 9999999999999d",
        "&a [*a]",
        "? [complex]: key",
        "!!binary x",
        "<<: *b",
        "\t",
        "\u{0}",
        "é: ∞",
    ]);
    (0_usize..4, words).prop_map(|(depth, text)| format!("{}{text}\n", "  ".repeat(depth)))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn loader_never_panics_on_any_text(text in any::<String>()) {
        let _ = load_piece("any.yaml", &text, &ListedFacets(&[]));
    }

    #[test]
    fn loader_never_panics_on_nearly_good_pieces(lines in prop::collection::vec(line(), 0..24)) {
        if let Err(problems) = load_piece("any.yaml", &lines.concat(), &ListedFacets(&[])) {
            prop_assert!(problems.iter().count() > 0);
        }
    }

    #[test]
    fn loader_survives_the_example_with_any_part_cut_out(from in 0_usize..2_000, len in 0_usize..200) {
        prop_assert!(EXAMPLE.is_ascii());
        let at = |byte: usize| byte.min(EXAMPLE.len());
        let text = format!("{}{}", &EXAMPLE[..at(from)], &EXAMPLE[at(from + len)..]);
        let _ = load_piece("cut.yaml", &text, &ListedFacets(&example_facets()));
    }
}
