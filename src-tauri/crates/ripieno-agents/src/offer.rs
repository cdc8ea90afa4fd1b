//! What an agent lets people choose from (A4), as it told it itself when it was last run; never a list of ours.

use serde::{Deserialize, Serialize};

/// How many models are kept of an agent's list.
const MODELS: usize = 500;

/// How long a name may be, in characters: longer ones are no names.
const NAME: usize = 200;

/// What an agent offers.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Offer {
    /// Its models, in its own order.
    pub models: Vec<Model>,
    /// The reasoning levels where no model is chosen; `None` where it did not tell.
    #[serde(default)]
    pub levels: Option<Vec<String>>,
}

/// One model of an agent.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Model {
    /// By which it is asked for.
    pub id: String,
    /// Its reasoning levels, none at all included; `None` where the agent did not tell.
    #[serde(default)]
    pub levels: Option<Vec<String>>,
}

impl Offer {
    /// Keeps what may be shown and asked for again; `None` when nothing is left.
    pub(crate) fn of(models: Vec<Model>, levels: Option<Vec<String>>) -> Option<Self> {
        let mut kept: Vec<Model> = Vec::new();
        for model in models {
            let known = kept.iter().any(|other| other.id == model.id);
            if is_name(&model.id) && !known && kept.len() < MODELS {
                let levels = model.levels.map(names);
                kept.push(Model { levels, ..model });
            }
        }
        let levels = levels.map(names);
        let something = !kept.is_empty() || levels.as_ref().is_some_and(|all| !all.is_empty());
        something.then_some(Offer {
            models: kept,
            levels,
        })
    }

    /// The reasoning levels that go with a model, or with none; `None` where that is not known.
    #[must_use]
    pub fn levels_of(&self, model: Option<&str>) -> Option<&[String]> {
        match model {
            None => self.levels.as_deref(),
            Some(id) => {
                let known = self.models.iter().find(|model| model.id == id)?;
                known.levels.as_deref()
            }
        }
    }
}

/// Says that a reasoning level is not asked for, and which ones there are.
#[must_use]
pub fn level_left_out(wanted: &str, offered: &[String]) -> String {
    if offered.is_empty() {
        return format!("the reasoning level {wanted} is left out: there is none to choose");
    }
    let offered = offered.join(", ");
    format!("the reasoning level {wanted} is left out: there are {offered}")
}

fn names(mut levels: Vec<String>) -> Vec<String> {
    levels.retain(|level| is_name(level));
    levels
}

fn is_name(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().count() <= NAME && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(id: &str, levels: Option<&[&str]>) -> Model {
        let levels = levels.map(|all| all.iter().map(|level| (*level).to_owned()).collect());
        Model {
            id: id.to_owned(),
            levels,
        }
    }

    #[test]
    fn only_names_are_kept_and_each_once() {
        let odd = vec![
            model("a", None),
            model("a", Some(&["low"])),
            model("b\nc", None),
            model(" ", None),
            model(&"x".repeat(201), None),
        ];
        let offer = Offer::of(odd, None).unwrap();
        assert_eq!(offer.models, [model("a", None)]);
        assert_eq!(Offer::of(vec![model("", None)], Some(vec![])), None);
    }

    #[test]
    fn levels_go_by_model_and_are_unknown_for_one_that_is() {
        let models = vec![
            model("big", Some(&["low", "high"])),
            model("small", Some(&[])),
            model("odd", None),
        ];
        let offer = Offer::of(models, Some(vec!["low".to_owned()])).unwrap();
        let levels = |model| offer.levels_of(model).map(<[String]>::len);
        assert_eq!(levels(Some("big")), Some(2));
        assert_eq!(levels(Some("small")), Some(0));
        assert_eq!(levels(Some("odd")), None);
        assert_eq!(levels(Some("never heard of")), None);
        assert_eq!(levels(None), Some(1));
    }
}
