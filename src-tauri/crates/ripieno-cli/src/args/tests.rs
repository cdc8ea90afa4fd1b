//! Command lines of the contract, read and refused.

use super::*;
use clap::CommandFactory;

fn read(line: &str) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(std::iter::once("ripieno").chain(line.split_whitespace()))
}

#[test]
fn definition_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn every_verb_of_the_contract_is_read() {
    let table = [
        "daemon run",
        "daemon run --json --web 127.0.0.1:0",
        "status --json",
        "task add x",
        "task add --title T --piece solo --agent claude --model M --effort high --dir /d --mode in_place --approvals trusted --check c \
         --check d --priority high --depends-on A,B --key K --continue T-1 --input a,b --label x,y --not-before 18:30 \
         --max-tries 2 --timeout 10m --budget-tokens 5 --budget-usd 2.50 --env-name N,M --wait --wait-limit 1h30m --json -- x",
        "task add -",
        "task add --file F",
        "task list --state queued,done --label a --search t --limit 5 --after 9 --jsonl",
        "task show 41",
        "task outputs T-41",
        "task why 41 --json",
        "task logs 41 --attempt 2 --follow --jsonl",
        "task logs 41 --raw",
        "task cancel 1 2 3 --no-wait",
        "task pause 1 2",
        "task resume 1",
        "task retry 1 --fresh --text again",
        "task seen 1 2",
        "task seen --all",
        "task comment 1 words --quiet",
        "task diff 1",
        "task rewind 1 --list",
        "task rewind 1 --to 3",
        "task accept 1",
        "task reject 1 words",
        "task merge 1",
        "task discard 1",
        "ask list",
        "ask answer A-1 yes --scope once",
        "ask answer 1 --text words",
        "ask create --text Q --option a=A --option B --text-ok --default a --expires 1d --key k --wait 0",
        "task finish ok",
        "task result --file -",
        "task progress words",
        "task spawn --piece script -- x",
        "mcp task",
        "mcp serve",
        "pause --suspend --for 1h",
        "pause --until 18:30",
        "resume",
        "piece list",
        "piece show solo",
        "piece validate f.yaml",
        "piece test f.yaml",
        "runtime list --refresh",
        "lane release claude:default",
        "project add /d",
        "project list",
        "project remove /d",
        "lock list",
        "events --since 5 --follow",
        "doctor",
        "config get slots",
        "config set slots 4",
        "config show --origin",
        "config path",
        "export f",
        "import f",
        "backup",
        "backup f",
        "completion bash",
        "man",
        "man --dir d",
        "--quiet status",
        "-q --no-color status",
    ];
    for line in table {
        if let Err(refused) = read(line) {
            panic!("{line}: {refused}");
        }
    }
}

#[test]
fn what_the_contract_does_not_have_is_refused() {
    let table = [
        "",
        "task",
        "task add x y",
        "task add x --file F",
        "task add x --wait-limit 5s",
        "task add x --timeout 5",
        "task add x --not-before soon",
        "task add x --budget-usd -1",
        "task add x --max-tries -1",
        "task list --limit 0",
        "task list --limit 501",
        "task list --json --jsonl",
        "task cancel",
        "task seen",
        "task seen 1 --all",
        "task logs 1 --raw --jsonl",
        "ask answer 1",
        "ask answer 1 a --text b",
        "ask answer 1 a --scope forever",
        "ask create",
        "pause --for 1h --until 18:30",
        "events --since -1",
        "events --since foo",
        "completion cmd",
    ];
    for line in table {
        assert!(read(line).is_err(), "{line}");
    }
}

#[test]
fn lists_are_commas_or_repeats_and_never_several_words() {
    let add = |line: &str| match read(line).unwrap().verb {
        Verb::Task(TaskVerb::Add(add)) => *add,
        other => panic!("{other:?}"),
    };
    let joined = add("task add --label a,b --label c --depends-on 1,2 x");
    assert_eq!(joined.label, ["a", "b", "c"]);
    assert_eq!(joined.depends_on, ["1", "2"]);
    assert_eq!(joined.prompt.as_deref(), Some("x"));
    // A command may hold commas: it is given once per value.
    assert_eq!(add("task add --check a,b x").check, ["a,b"]);
}

#[test]
fn quiet_comment_is_no_quiet_command() {
    let cli = read("task comment 1 words --quiet").unwrap();
    assert!(!cli.quiet);
    assert!(matches!(
        cli.verb,
        Verb::Task(TaskVerb::Comment {
            with_next_turn: true,
            ..
        })
    ));
    assert!(read("-q task comment 1 words").unwrap().quiet);
}

#[test]
fn refusals_name_what_to_write_instead() {
    let said = |line: &str| message(&read(line).unwrap_err());
    let seen = said("task seen");
    assert!(seen.contains("--all"), "{seen}");
    let since = said("events --since foo");
    assert!(since.contains("\"foo\" is no event's number"), "{since}");
}

#[test]
fn refusal_is_one_sentence_without_usage() {
    let refused = read("task list --bogus").unwrap_err();
    let sentence = message(&refused);
    assert!(
        sentence.starts_with("unexpected argument '--bogus' found"),
        "{sentence}"
    );
    assert!(
        !sentence.contains("Usage") && !sentence.contains('\n'),
        "{sentence}"
    );
}
