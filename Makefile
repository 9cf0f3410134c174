# The two commands of this project: `make run` to see it work, `make test` before every commit and in CI.
# A fresh machine needs rustup's cargo, a C compiler and make; the rest is installed here.

CARGO ?= cargo
DENY_VERSION := 0.20.2

.PHONY: help run build bench test tools fmt lint unit doc deny

help:
	@echo "make run    build and start a server with sample data on 127.0.0.1:8686 (more flags: make run ARGS='--help')"
	@echo "make build  build target/release/tallyhouse"
	@echo "make bench  measure the analytics of reports over a large account (smaller: make bench BENCH_SCALE=0.1); bench/README.md"
	@echo "make test   everything that has to pass: formatting, lints, tests, documentation, dependencies"

run:
	$(CARGO) run --release --locked --package tallyhouse-server -- demo $(ARGS)

build:
	$(CARGO) build --release --locked --package tallyhouse-server

bench: build
	bench/reports.sh

test: tools fmt lint unit doc deny

# What the tests need and cargo does not fetch by itself.
tools:
	@$(CARGO) fmt --version >/dev/null 2>&1 || rustup component add rustfmt
	@$(CARGO) clippy --version >/dev/null 2>&1 || rustup component add clippy
	@$(CARGO) deny --version >/dev/null 2>&1 || $(CARGO) install cargo-deny --locked --version $(DENY_VERSION)

fmt:
	$(CARGO) fmt --all --check

lint:
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings

unit:
	$(CARGO) test --workspace --locked

doc:
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps --locked

deny:
	$(CARGO) deny --workspace check bans licenses sources
