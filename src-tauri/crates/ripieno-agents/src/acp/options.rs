//! What a session can be set to: its model and its reasoning level, in the older form and in the newer (A4).

use crate::offer::{Model, Offer};
use agent_client_protocol_schema::v1::{
    SessionConfigKind, SessionConfigOption, SessionConfigOptionCategory, SessionConfigSelect,
    SessionConfigSelectOptions,
};
use serde_json::Value;

/// One thing that can be chosen.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Choice {
    /// How the agent names the choice.
    pub(super) id: String,
    /// What is chosen now.
    pub(super) now: String,
    /// What can be.
    pub(super) values: Vec<String>,
}

/// What a session can be set to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Options {
    /// The model, as an option.
    pub(super) model: Option<Choice>,
    /// The reasoning level.
    pub(super) level: Option<Choice>,
    /// The model as agents told it before sessions had options.
    older: Option<Choice>,
}

impl Options {
    /// Reads what a session's beginning, or a change of it, tells.
    pub(super) fn read(told: &Value) -> Self {
        let options = told["configOptions"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let options: Vec<SessionConfigOption> = options
            .into_iter()
            .filter_map(|option| serde_json::from_value(option).ok())
            .collect();
        let of = |category: &SessionConfigOptionCategory| {
            let option = options
                .iter()
                .find(|option| option.category.as_ref() == Some(category));
            option.and_then(choice)
        };
        Options {
            model: of(&SessionConfigOptionCategory::Model),
            level: of(&SessionConfigOptionCategory::ThoughtLevel),
            older: older(&told["models"]),
        }
    }

    /// The model that is asked now.
    pub(super) fn model_now(&self) -> Option<&str> {
        let model = self.model.as_ref().or(self.older.as_ref())?;
        Some(model.now.as_str())
    }

    /// What can be chosen. Levels are told for the model that is asked now only.
    pub(super) fn offer(&self) -> Option<Offer> {
        let levels = self.level.as_ref().map(|level| level.values.clone());
        let model = self.model.as_ref().or(self.older.as_ref());
        let ids = model.map(|model| model.values.clone()).unwrap_or_default();
        let now = self.model_now();
        let models = ids.into_iter().map(|id| Model {
            levels: levels.clone().filter(|_| now == Some(id.as_str())),
            id,
        });
        Offer::of(models.collect(), levels.clone())
    }
}

fn choice(option: &SessionConfigOption) -> Option<Choice> {
    let SessionConfigKind::Select(select) = &option.kind else {
        return None;
    };
    Some(Choice {
        id: option.id.0.to_string(),
        now: select.current_value.0.to_string(),
        values: values(select),
    })
}

fn values(select: &SessionConfigSelect) -> Vec<String> {
    match &select.options {
        SessionConfigSelectOptions::Ungrouped(options) => options
            .iter()
            .map(|option| option.value.0.to_string())
            .collect(),
        SessionConfigSelectOptions::Grouped(groups) => {
            let options = groups.iter().flat_map(|group| &group.options);
            options.map(|option| option.value.0.to_string()).collect()
        }
        _ => Vec::new(),
    }
}

fn older(models: &Value) -> Option<Choice> {
    let now = models["currentModelId"].as_str()?.to_owned();
    let all = models["availableModels"].as_array();
    let ids = all
        .into_iter()
        .flatten()
        .filter_map(|model| model["modelId"].as_str());
    Some(Choice {
        id: String::new(),
        now,
        values: ids.map(str::to_owned).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn ids(options: &Options) -> Vec<String> {
        let offer = options.offer().unwrap_or_default();
        offer.models.into_iter().map(|model| model.id).collect()
    }

    #[test]
    fn models_are_read_in_both_forms() {
        let older = json!({"models": {"currentModelId": "a", "availableModels": [{"modelId": "auto", "name": "Auto"}, {"modelId": "a"}]}});
        let options = Options::read(&older);
        assert_eq!(
            (ids(&options), options.model_now()),
            (vec!["auto".to_owned(), "a".to_owned()], Some("a"))
        );
        assert_eq!(options.model, None, "it is set in the older way");
        let newer = json!({"configOptions": [
            {"id": "model", "name": "Model", "category": "model", "type": "select", "currentValue": "x/y", "options": [{"value": "x/y", "name": "Y"}]},
            {"id": "effort", "name": "Effort", "category": "thought_level", "type": "select", "currentValue": "low",
             "options": [{"value": "low", "name": "Low"}, {"value": "high", "name": "High"}]},
            {"id": "odd", "type": "never_seen"},
        ]});
        let options = Options::read(&newer);
        assert_eq!(ids(&options), ["x/y"]);
        let offer = options.offer().unwrap();
        assert_eq!(offer.levels_of(Some("x/y")).map(<[String]>::len), Some(2));
        assert_eq!(
            options.level.map(|level| level.id).as_deref(),
            Some("effort")
        );
    }

    #[test]
    fn session_that_tells_nothing_offers_nothing() {
        let options =
            Options::read(&json!({"sessionId": "s", "modes": {"currentModeId": "default"}}));
        assert_eq!(options, Options::default());
        assert_eq!(options.offer(), None);
    }
}
