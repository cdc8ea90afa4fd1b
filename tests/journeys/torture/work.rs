//! The load: scripts that succeed, fail, ask, leave children behind and take their time, chosen at random from a seed.

use crate::rig::Client;
use serde_json::{Value, json};

/// A small generator, so that a failure can be run again from its seed.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Dice(seed.max(1))
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

/// Proves that no two attempts of a task are at work at once: the lock is given up when the process is gone.
const ALONE: &str = r#"
exec 9>>"$RIPIENO_OUTPUTS/alone"
flock -n 9 || { echo "two at once" >> "$RIPIENO_OUTPUTS/violation"; exit 9; }
"#;

/// A script of a random kind, with the folder it wants.
pub fn script(dice: &mut Dice, folders: &[String]) -> (String, Value) {
    let body = match dice.below(10) {
        0..=2 => "echo quick",
        3 => "sleep 0.05; echo slower",
        4 => "sleep 0.3; echo slow",
        5 => "echo broken >&2; exit 3",
        6 => "setsid sleep 300 >/dev/null 2>&1 & sleep 0.1; echo left a child",
        7 => "(trap '' TERM; sleep 300) & sleep 0.1; echo left a deaf child",
        8 => "i=0; while [ $i -lt 200 ]; do echo line $i; i=$((i+1)); done; sleep 0.1",
        _ => {
            "answer=$(ripieno ask create --text 'Which?' --option a --option b --wait 0) || exit 4; echo got $answer"
        }
    };
    let folder = (!folders.is_empty() && dice.below(3) == 0)
        .then(|| folders[usize::try_from(dice.below(folders.len() as u64)).unwrap_or(0)].clone());
    (format!("{ALONE}\n{body}\n"), json!({ "dir": folder }))
}

/// Answers every open ask; a person who says yes to everything.
pub fn answer_all(client: &mut Client) -> Option<usize> {
    let open = client.request("ask.list", json!({}))?.ok()?;
    let asks = open["asks"].as_array().cloned().unwrap_or_default();
    for ask in &asks {
        let choice = ask["options"].get(0).map(|o| o["id"].clone());
        let params = match choice {
            Some(option) if !option.is_null() => json!({ "id": ask["short_id"], "option": option }),
            _ => json!({ "id": ask["short_id"], "text": "go on" }),
        };
        // Another answer may have settled it meanwhile.
        client.request("ask.answer", params)?.ok();
    }
    Some(asks.len())
}
