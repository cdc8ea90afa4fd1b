//! What a task asks of its agent: a model, and how hard that is to think (A4).

use super::Attempt;
use crate::offers;
use ripieno_agents::offer::level_left_out;
use ripieno_pieces::schema::AgentPart;

impl Attempt {
    /// The model asked for, by the movement first.
    pub(super) fn model(&self, part: &AgentPart) -> Option<String> {
        part.model.clone().or_else(|| self.row.spec.model.clone())
    }

    /// The reasoning level asked for, by the movement first; one that does not go with the model is left out, and said to be
    /// (A4).
    pub(super) async fn effort(&mut self, part: &AgentPart, model: Option<&str>) -> Option<String> {
        let wanted = part
            .effort
            .clone()
            .or_else(|| self.row.spec.effort.clone())?;
        let offer = offers::of(&self.ctx, self.lane.kind()).unwrap_or_default();
        match offer.levels_of(model) {
            Some(levels) if !levels.contains(&wanted) => {
                self.status(level_left_out(&wanted, levels)).await;
                None
            }
            // What cannot be known is passed as it was asked for.
            Some(_) | None => Some(wanted),
        }
    }
}
