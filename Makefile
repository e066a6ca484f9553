# Go alone is enough for every target but race, oracles and lint's downloads: no C
# compiler, no system package.
#
#   make demo     the three stages on a task the program makes, and a report
#   make test     the tests
#   make quick    those that train nothing, for the inner loop
#   make build    bin/train
#   make mpi      the same for jobs of several ranks, with C and libopenmpi-dev
#
# With a C compiler and OpenBLAS (make deps) the matrix products go there:
# pkg-config finds it and the build takes the tag openblas. PURE=1 leaves it out.

GO ?= go
TAGS :=
CGO := 0
ifndef PURE
ifeq ($(shell command -v cc >/dev/null 2>&1 && pkg-config --exists openblas 2>/dev/null && echo yes),yes)
TAGS := openblas
CGO := 1
endif
endif
BUILD = CGO_ENABLED=$(CGO) $(GO) build -tags '$(TAGS)'
# No package takes 90 seconds on two idle cores; a busy machine takes several times as long.
TEST = CGO_ENABLED=$(CGO) $(GO) test -tags '$(TAGS)' -timeout 20m

.PHONY: all build mpi demo test quick race oracles fuzz lint bench bench-compare release site deps clean

all: build

build:
	$(BUILD) -o bin/train ./cmd/train

mpi:
	CGO_ENABLED=1 $(GO) build -tags mpi -o bin/train ./cmd/train

demo: build
	bin/train run demo --overwrite --out runs/demo
	bin/train report runs/demo

# Without what a browser or the runtimes in Python do, where they are installed: .ci/run
# runs those by their names. PACKAGES='./model ./infer' are fewer.
PACKAGES := ./...
test:
	$(TEST) -skip 'Chromium|UnderLoad' $(PACKAGES)

# Without C, whose linker takes as long as the tests.
quick:
	CGO_ENABLED=0 $(GO) test -timeout 10m -short ./...

# The race detector needs a C compiler. Of the long tests it sees those whose goroutines no
# short test has.
race:
	CGO_ENABLED=1 $(GO) test -race -short -timeout 30m ./...
	CGO_ENABLED=1 $(GO) test -race -timeout 30m -run 'Teacher|ForBudgets|CompeteInTime|Replicas|Interrupted|TLS|SlowClient|Connections|LargeBodies|Scripts/(serve|predict|distil|compare|windows)' ./pipeline ./model ./infer/serve ./cmd/train

# transformers, tokenizers and SentencePiece in Python, ONNX Runtime, OpenVINO and optimum,
# installed once for all checkouts.
# The longest comparison of the tokenizers takes the better part of an hour:
# POWERBERT_PYTHON=$$(internal/oracles/install.sh) go test -timeout 2h -run TestReference ./data/tokenizer
oracles:
	python=$$(internal/oracles/install.sh) && runtimes=$$(internal/oracles/install.sh runtimes) && previous=$$(internal/oracles/install.sh previous) && \
		POWERBERT_PYTHON=$$python POWERBERT_RUNTIMES=$$runtimes POWERBERT_PREVIOUS=$$previous $(TEST) -count 1 -run 'Oracle|Export' ./model ./infer ./data/tokenizer ./internal/tfevents ./pipeline ./experiments/front ./experiments/speed && \
		POWERBERT_SPARK=$$(internal/oracles/install.sh spark) $(TEST) -count 1 -run TestScripts/predict-spark ./cmd/train && \
		$$python data/tokenizer/testdata/reference/make.py --check

# Every fuzz target in turn, for FUZZTIME each; what one finds stays in testdata/fuzz. A
# target whose time is up in the middle of an input ends as failed, without an input.
FUZZTIME ?= 10s
fuzz:
	@targets=$$($(TEST) -list '^Fuzz' ./...) || { echo "$$targets"; exit 1; }; \
	echo "$$targets" | awk '/^Fuzz/ { t[++n] = $$1 } /^ok/ { for (i = 1; i <= n; i++) print $$2, t[i]; n = 0 }' | \
	while read package target; do echo "$$package $$target"; \
		out=$$($(TEST) $$package -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1s -parallel 2 2>&1); failed=$$?; echo "$$out"; \
		case "$$failed $$out" in 0*) ;; *"Failing input written"*) exit 1 ;; *"context deadline exceeded"*) ;; *) exit 1 ;; esac; done

lint:
	$(GO) vet ./...
	test -z "$$(gofmt -l .)" || { gofmt -l .; false; }
	$(GO) run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...
	$(GO) run golang.org/x/vuln/cmd/govulncheck@v1.9.0 ./...

BENCH ?= .
COUNT ?= 6

# Every kernel, one encoder's products, and whole steps and forward passes.
bench:
	$(TEST) -run '^$$' -bench '$(BENCH)' -benchmem ./internal/kernel ./model

# The benchmarks of a commit beside those of the working tree, REF=HEAD by default.
REF ?= HEAD
bench-compare:
	rm -rf bin/compare && git worktree prune && git worktree add --detach bin/compare $(REF)
	cd bin/compare && $(TEST) -run '^$$' -bench '$(BENCH)' -benchmem -count $(COUNT) ./internal/kernel ./model | tee ../old.txt
	$(TEST) -run '^$$' -bench '$(BENCH)' -benchmem -count $(COUNT) ./internal/kernel ./model | tee bin/new.txt
	git worktree remove --force bin/compare
	$(GO) run golang.org/x/perf/cmd/benchstat@v0.0.0-20260908200009-22c9c6c9d4da bin/old.txt bin/new.txt

# What people download, of the last commit, in dist: programs for six platforms, packages,
# bills of materials, sums. CONTRIBUTING.md says what comes before and after.
release:
	$(GO) run ./internal/release -out dist

# README, CHANGELOG and docs as a static site.
site:
	$(GO) run -C docs/site . -root ../.. -out ../../site

# Debian and its relatives.
deps:
	apt-get install -y --no-install-recommends gcc libc6-dev pkg-config libopenblas-dev

clean:
	rm -rf bin dist site
