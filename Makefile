# Everything a person or a machine does with this project.
# `make run` and `make test` install what is missing; scripts/ holds how.

APP := --features ripieno-desktop/custom-protocol
# The flags of `make test`, so that nothing is built twice.
TEST := cargo test --locked --workspace $(APP)

.PHONY: bindings help run test check ui torture fuzz bench bench-stream test-agents bench-desktop build package audit icons hooks clean loom

help: ## list the targets
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: ## build, start Ripieno and show the welcome task (RUN_ONCE=1 stops after it)
	@scripts/run.sh

test: ## every test there is, with the time of each stage (STAGES="ui fmt" for some)
	@scripts/test.sh $(STAGES)

check: ## the quick part: formatting, clippy, the library crates' own tests
	@scripts/test.sh fmt clippy
	cargo test --locked

ui: ## types, lint, tests and build of the page
	@scripts/setup.sh build
	@scripts/test.sh ui

torture: ## the long series of kills, crash points, damaged databases and floods of output (ROUNDS=500)
	@scripts/test.sh setup build
	RIPIENO_TORTURE=$(or $(ROUNDS),500) $(TEST) --test torture -- --nocapture
	RIPIENO_TORTURE=1000 $(TEST) --test store -- --nocapture damage::
	RIPIENO_TORTURE=1 $(TEST) --test updates -- --nocapture --test-threads=1 arrivals:: anywhere_in_the_download
	RIPIENO_TORTURE=1 $(TEST) --test volume -- --nocapture

fuzz: ## made-up input for every parser, 60 s each (SECONDS_EACH=3600, ARGS="claude codex")
	@scripts/fuzz.sh $(ARGS)

loom: ## the claim gate under every interleaving
	@scripts/test.sh loom

test-agents: ## every real agent that npm offers against the scripted model server; writes the table in docs/agents.md
	@scripts/test.sh setup build
	npm ci --silent --no-audit --no-fund --prefix tests/agents/others
	RIPIENO_AGENTS=all $(TEST) --test claude_real --test codex_real --test acp_real --test agents
	RIPIENO_AGENTS=all RIPIENO_WRITE_TABLE=1 $(TEST) --test matrix -- --nocapture

bench: ## ours against its peers, written to docs/benchmarks.md (ARGS="--rounds 3")
	@scripts/setup.sh test
	python3 tests/bench/run.py $(ARGS)
	python3 tests/bench/worktrees.py

bench-stream: ## a gigabyte of an agent's lines, and the way of one line to 16 followers, written to docs/benchmarks.md
	@scripts/setup.sh build
	cargo build --locked --release -p ripieno-agents -p ripieno-testkit --bins --example bench_stream
	python3 tests/bench/stream.py

bench-desktop: ## tray and window: time, memory, wakeups, written to docs/benchmarks.md
	@scripts/setup.sh test
	@$(MAKE) --no-print-directory build
	CARGO_TARGET_DIR=target/bench-peers/bare-tray cargo build --locked --release \
		--manifest-path tests/bench/peers/bare-tray/Cargo.toml
	cargo build --locked --workspace $(APP) --example bench_desktop
	target/debug/examples/bench_desktop

build: ## both programs, optimised, in target/release/
	@scripts/setup.sh build
	cd ui && npm run --silent build
	cargo build --locked --release -p ripieno-cli -p ripieno-desktop $(APP)

package: ## the packages of this system in target/release/bundle/ (.deb and .rpm on Linux)
	@scripts/setup.sh package
	@$(MAKE) --no-print-directory build
	scripts/package.sh release

audit: ## known vulnerabilities (needs the network beyond the registries)
	@scripts/setup.sh test
	.cache/tools/bin/cargo-deny --all-features check advisories

bindings: ## write the types of the page from those of the protocol (ui/src/bindings)
	RIPIENO_WRITE_BINDINGS=1 cargo test --locked -p ripieno-api --lib bindings

icons: ## render every icon from its SVG
	@scripts/icons.sh

hooks: ## check formatting before each commit (opt-in)
	printf '#!/bin/sh\nexec cargo fmt --all --check\n' > .git/hooks/pre-commit
	chmod +x .git/hooks/pre-commit

clean: ## remove what was built (not what was installed)
	cargo clean
	rm -rf ui/dist
