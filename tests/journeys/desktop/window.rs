//! The window, from the first start on.

use crate::Journey;
use crate::stage::Stage;

pub fn journeys() -> Vec<Journey> {
    vec![("first_day_with_the_window", first_day)]
}

fn first_day(stage: &Stage) {
    let page = stage.open(&["--open"]);
    page.find("heading", "Ripieno works through your tasks with the agents you already have");
    stage.photograph(&page, "welcome");
    page.close();
}
