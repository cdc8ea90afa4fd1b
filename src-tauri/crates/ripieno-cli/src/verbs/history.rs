//! What happened to a task, run by run: what was asked and answered, what was used, and why it ended.

use super::{ask, read};
use crate::out::{Out, line, plain};
use ripieno_api::{ApiError, command, view};

/// How much of a text one line shows, in characters.
const SHOWN: usize = 160;

pub(super) async fn show(id: String, out: &Out) -> Result<u8, ApiError> {
    let page = ask("task.timeline", command::Named { id }).await?;
    let timeline: view::Timeline = read(page.clone())?;
    out.show(&page, || told(&timeline));
    Ok(0)
}

fn told(timeline: &view::Timeline) -> String {
    if timeline.attempts.is_empty() {
        return "It has not run yet.".to_owned();
    }
    let mut text = String::new();
    for (at, attempt) in timeline.attempts.iter().enumerate() {
        let next = timeline.attempts.get(at + 1);
        text.push_str(&run(attempt));
        for movement in timeline.movements.iter().filter(|m| m.attempt == attempt.n) {
            let outcome = movement.outcome.as_ref().unwrap_or(&movement.status);
            told_as(&mut text, &movement.name, outcome);
        }
        for ask in timeline
            .asks
            .iter()
            .filter(|ask| falls_into(ask, attempt, next))
        {
            told_as(&mut text, &ask.short_id, &asked(ask));
        }
        for used in &attempt.usage {
            let money = used
                .cost_usd
                .map_or_else(String::new, |usd| format!(", ${usd:.4}"));
            let words = format!(
                "{} in, {} out{money}  {}",
                used.input, used.output, used.model
            );
            told_as(&mut text, "used", &words);
        }
        told_as(&mut text, "ended", &ended(attempt));
    }
    text.trim_end().to_owned()
}

fn run(attempt: &view::Attempt) -> String {
    let model = attempt
        .model
        .as_ref()
        .map_or_else(String::new, |model| format!("  {}", plain(model)));
    format!(
        "attempt {}  {}  {}{model}\n",
        attempt.n,
        view::local(&attempt.claimed_at),
        plain(&attempt.lane)
    )
}

fn told_as(text: &mut String, name: &str, words: &str) {
    text.push_str(&format!(
        "  {name:<10}  {}\n",
        line(&words.replace('\n', " "), SHOWN)
    ));
}

/// Whether an ask was opened while this attempt was the last one. Moments are RFC 3339 in UTC: as texts they stand in order.
fn falls_into(ask: &view::Ask, attempt: &view::Attempt, next: Option<&view::Attempt>) -> bool {
    ask.created_at >= attempt.claimed_at && next.is_none_or(|next| ask.created_at < next.claimed_at)
}

fn asked(ask: &view::Ask) -> String {
    let answer = match (&ask.answered, &ask.closed_at) {
        (Some(said), _) => format!("{} ({})", said.value, said.by),
        (None, Some(_)) => "closed without an answer".to_owned(),
        (None, None) => "open".to_owned(),
    };
    // The answer first: what is asked may be long.
    format!("{}: {answer}  {}", ask.kind, ask.text)
}

fn ended(attempt: &view::Attempt) -> String {
    let Some(end) = &attempt.end else {
        return format!("not yet: {}", attempt.state);
    };
    let why = [attempt.class.as_ref(), attempt.text.as_ref()];
    let why: Vec<&str> = why.into_iter().flatten().map(String::as_str).collect();
    if why.is_empty() {
        end.clone()
    } else {
        format!("{end}: {}", why.join(": "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn run_is_told_with_what_was_asked_used_and_why_it_ended() {
        let timeline = json!({
            "attempts": [
                {"n": 1, "lane": "claude:default", "model": "opus", "session": null, "state": "ended", "end": "failed",
                 "class": "rate_limited", "text": "too many calls", "claimed_at": "2026-11-28T10:00:00Z",
                 "started_at": null, "ended_at": "2026-11-28T10:01:00Z",
                 "usage": [{"model": "opus", "input": 200, "output": 40, "cache_read": 0, "cache_write": 0, "cost_usd": 0.25}]},
                {"n": 2, "lane": "claude:default", "model": null, "session": null, "state": "working", "end": null,
                 "class": null, "text": null, "claimed_at": "2026-11-28T10:05:00Z", "started_at": null,
                 "ended_at": null, "usage": []}],
            "movements": [{"attempt": 1, "n": 1, "name": "work", "status": "failed", "outcome": null, "summary": "",
                "started_at": "2026-11-28T10:00:01Z", "ended_at": null}],
            "asks": [{"id": "x", "short_id": "A-3", "subject": "task", "task": null, "lane": null, "kind": "approval",
                "text": "Claude wants to run this command:\nls", "options": [], "allows_text": true, "scopes": [],
                "default": null, "expires_at": null, "revision": 2, "created_at": "2026-11-28T10:00:30Z",
                "answered": {"by": "window", "value": "allow", "at": "2026-11-28T10:00:40Z"}, "closed_at": null,
                "snoozed_until": null}],
            "comments": []
        });
        let timeline: view::Timeline = serde_json::from_value(timeline).unwrap();
        let text = told(&timeline);
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        assert!(
            lines[0].starts_with("attempt 1") && lines[0].ends_with("claude:default  opus"),
            "{text}"
        );
        assert_eq!(
            &lines[1..5],
            [
                "work        failed",
                "A-3         approval: allow (window)  Claude wants to run this command: ls",
                "used        200 in, 40 out, $0.2500  opus",
                "ended       failed: rate_limited: too many calls"
            ]
        );
        assert_eq!(lines[6], "ended       not yet: working", "{text}");
    }
}
