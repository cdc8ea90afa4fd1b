//! Calls that pass by a standing grant of their project (A5).

use super::Attempt;
use ripieno_agents::stream::AskRaised;
use ripieno_core::ask::{ALLOW, Answer, AskKind, AskScope};

impl Attempt {
    /// The leave that stands for exactly this call, counted. Without a project there is nothing to give it for.
    pub(super) async fn standing_leave(&mut self, raised: &mut AskRaised) -> Option<Answer> {
        let Some(project) = self.row.spec.dir.clone() else {
            raised
                .spec
                .scopes
                .retain(|scope| *scope != AskScope::Project);
            return None;
        };
        let binding = raised.spec.binding.clone()?;
        if raised.spec.kind != AskKind::Approval {
            return None;
        }
        let no = self.no;
        let write = self
            .ctx
            .store
            .write(move |tx| tx.fire_grant(no, &project, &binding));
        let grant = match write.await {
            Ok(found) => found?,
            Err(error) => {
                // What cannot be counted is not used: the person is asked.
                tracing::warn!(%error, "the standing grants cannot be looked at");
                return None;
            }
        };
        self.status(format!("allowed by the standing grant {}", grant.no))
            .await;
        Some(Answer::Option {
            id: ALLOW.to_owned(),
            scope: None,
        })
    }
}
