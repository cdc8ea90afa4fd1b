//! Pieces: YAML workflows loaded, checked, stepped and turned into prompts
