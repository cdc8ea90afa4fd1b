//! Journeys through the real programs live in `journeys/`.
