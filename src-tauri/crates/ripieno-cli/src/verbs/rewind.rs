//! `task rewind`: the points a task can be taken back to, and going back to one (R13).

use super::{ask, read};
use crate::{
    args::RewindArgs,
    out::{Out, plain},
};
use ripieno_api::{ApiError, command, view};

pub(super) async fn run(args: RewindArgs, out: &Out) -> Result<u8, ApiError> {
    let Some(to) = args.to else {
        return list(args.id, out).await;
    };
    let request = command::Rewind {
        id: args.id,
        to,
        as_of: args.as_of,
        text: args.text,
    };
    let answer = ask("task.rewind", request).await?;
    let rewound: view::Rewound = read(answer.clone())?;
    out.show(&answer, || {
        let task = &rewound.task.short_id;
        match &rewound.follow_up {
            Some(next) => format!(
                "{task} was done: {} goes on from checkpoint {to}",
                next.short_id
            ),
            None => format!("{task} goes on from checkpoint {to}"),
        }
    });
    Ok(0)
}

async fn list(id: String, out: &Out) -> Result<u8, ApiError> {
    let answer = ask("task.checkpoints", command::Named { id }).await?;
    let found: view::Checkpoints = read(answer.clone())?;
    if found.points.is_empty() && !out.json {
        out.say("no checkpoint was taken: there is nothing to go back to");
        return Ok(0);
    }
    out.show(&answer, || table(&found));
    Ok(0)
}

fn table(found: &view::Checkpoints) -> String {
    let mut lines: Vec<String> = found.points.iter().map(line).collect();
    lines.push(format!(
        "as of {}: --to N --as-of {} goes back unless something happens meanwhile",
        found.seq, found.seq
    ));
    lines.join("\n")
}

fn line(point: &view::Checkpoint) -> String {
    let movement = plain(point.movement.as_deref().unwrap_or("the end"));
    let what = match point.reason.as_str() {
        "movement" => format!("before {movement}"),
        "end" => format!("after {movement}"),
        "cleanup" => "before its folder went".to_owned(),
        _ => format!("abandoned for before {movement}"),
    };
    let why = point.why.as_deref();
    let why = why.map_or_else(String::new, |why| {
        format!("  (no way back: {})", plain(why))
    });
    format!(
        "{:>3}  {}  attempt {}  {what}{why}",
        point.n,
        view::local(&point.at),
        point.attempt
    )
}
