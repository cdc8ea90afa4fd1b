//! The budget of a task, watched before each turn of an agent and at each report of what it used (T17).

use super::{Attempt, End};
use ripieno_agents::{Capabilities, stream::Usage};
use ripieno_core::{
    budget::{Breach, Caps, Unit, Used},
    failure::{Class, Failure},
};

impl Attempt {
    /// Looks whether the task may use more; else a person is asked, and the task waits.
    pub(super) async fn check_budget(&mut self, agent: Capabilities) -> Result<(), End> {
        let caps = self.caps();
        if caps.is_empty() {
            return Ok(());
        }
        self.allowed = caps.raised(&self.asks().await);
        self.spent = self.stored_usage().await?;
        let untold = self.allowed.untold(agent.tells_tokens, agent.tells_money);
        match untold.or_else(|| self.allowed.breach(self.spent)) {
            Some(breach) => Err(self.ask_for_more(breach).await),
            None => Ok(()),
        }
    }

    /// What the next turn may cost, where money is capped.
    pub(super) fn most_micros(&self) -> Option<u64> {
        let cap = self.allowed.micros?;
        Some(cap.saturating_sub(self.spent.micros))
    }

    /// Whether what the turn under way has told so far goes beyond the caps.
    pub(super) fn is_over_budget(&self) -> bool {
        let mut used = self.spent;
        for usage in self.used.values() {
            add(&mut used, usage);
        }
        self.allowed.breach(used).is_some()
    }

    /// The agent itself kept to what it was told it may cost: that is asked about like any other cap.
    pub(super) async fn ended_by_its_budget(&mut self) -> Result<End, End> {
        let cap = self.allowed.micros.unwrap_or_default();
        let used = self.stored_usage().await?.micros.max(cap);
        let unit = Unit::Money;
        Ok(self.ask_for_more(Breach::Spent { unit, used, cap }).await)
    }

    /// The caps it was submitted with.
    fn caps(&self) -> Caps {
        let spec = &self.row.spec;
        Caps::new(spec.budget_tokens, spec.budget_micros)
    }

    async fn stored_usage(&self) -> Result<Used, End> {
        let no = self.no;
        let read = self.ctx.store.read(move |r| r.usage_sums(no));
        let sums = read.await.map_err(|error| {
            let text = format!("what the task has used cannot be read: {error}");
            End::Failed(Failure::new(Class::Unknown, text))
        })?;
        let mut used = Used::default();
        for sum in sums {
            let tokens = [sum.input, sum.output, sum.cache_write];
            count(&mut used, tokens, sum.cost_micros);
        }
        Ok(used)
    }

    async fn ask_for_more(&mut self, breach: Breach) -> End {
        let spec = breach.ask(self.caps());
        self.status(spec.text.clone()).await;
        match self.open_ask(&spec, true).await {
            Some(_) => End::Waiting,
            None => End::Stopped,
        }
    }
}

fn add(used: &mut Used, usage: &Usage) {
    let tokens = [usage.input, usage.output, usage.cache_write];
    count(used, tokens, usage.cost_micros);
}

fn count(used: &mut Used, tokens: [u64; 3], micros: Option<u64>) {
    for more in tokens {
        used.tokens = used.tokens.saturating_add(more);
    }
    used.micros = used.micros.saturating_add(micros.unwrap_or_default());
}
