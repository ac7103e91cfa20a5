# The short way. The long way is `cmake --preset release` and so on: see CMakePresets.json.

PREFIX ?= /usr/local
JOBS ?= $(shell nproc)
FUZZ_SECONDS ?= 60

.DEFAULT_GOAL := build
.NOTPARALLEL:
.PHONY: help run test build asan fuzz bench install clean

# $(call build,PRESET,GROUPS OF PACKAGES,CMAKE OPTIONS)
define build
	@.ci/install-packages $(2)
	@.ci/configure $(1)
	@cmake --build --preset $(1) --parallel $(JOBS) $(3)
endef

help: ## this list
	@sed -nE 's/^([a-z]+):.*## (.*)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

run: ## build the command and let worker processes count primes
	$(call build,release,build,--target troupe_cli)
	build/release/bin/troupe run primes --count 1000 --seed 42 --where process

test: build ## build everything and run the tests
	@ctest --preset release

build: ## build everything
	$(call build,release,build)

asan: ## build with address, leak and undefined behaviour sanitizers and run the tests
	$(call build,asan,build)
	@ctest --preset asan

fuzz: ## build the fuzzers and run each for FUZZ_SECONDS (60)
	$(call build,fuzz,build fuzz)
	@.ci/fuzz $(FUZZ_SECONDS)

bench: ## measure, next to the peers that are installed
	$(call build,release,build peers)
	@set -e; for program in build/release/tests/bench/*_bench; do "$$program"; done
	@build/release/bin/troupe bench --peers

install: build ## install under PREFIX (/usr/local)
	@cmake --install build/release --prefix $(PREFIX)

clean: ## remove everything built
	@rm -rf build
