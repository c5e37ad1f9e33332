# SPDX-License-Identifier: GPL-2.0-or-later
#
# make run     start a sandbox host and a small VM in it; Ctrl-C ends both
# make test    all tests, with the race detector, lab suites last
# make help    the other targets

SHELL := /bin/bash
.DEFAULT_GOAL := help

# The libvirt binding opens the library at run time, so building needs no
# libvirt headers. This is the one place that says so.
export GOFLAGS := $(GOFLAGS) -tags=libvirt_dlopen -buildvcs=false

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS := -s -w -X govdsm/internal/version.Version=$(VERSION)
STATIC  := supervdsmd vdsm-client vdsm-tool

PREFIX  ?= /usr
DESTDIR ?=

.PHONY: help
help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: deps deps-test
deps: ## install what building and running needs
	@hack/install-deps build run
deps-test:
	@hack/install-deps build run test lab

.PHONY: build
build: ## build bin/
	@mkdir -p bin
	CGO_ENABLED=1 go build -trimpath -ldflags '$(LDFLAGS)' -o bin/vdsmd ./cmd/vdsmd
	@for p in $(STATIC); do \
	    echo "CGO_ENABLED=0 go build $$p"; \
	    CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o bin/$$p ./cmd/$$p || exit 1; \
	done

.PHONY: run
run: deps build ## start a sandbox host and a VM in it
	@go run ./hack/demo --bin bin

.PHONY: test
test: deps-test build ## all tests, race detector on
	@hack/test

.PHONY: lint
lint: ## gofmt, vet, staticcheck, stale generated files
	@hack/lint

.PHONY: generate
generate: ## write the generated files again
	go generate ./...

.PHONY: bench
bench: build ## the figures of docs/performance.md
	@hack/bench

.PHONY: cover
cover: build ## which verbs are implemented, by namespace
	@bin/vdsmd --coverage

.PHONY: lab
lab: deps-test build ## the suites that boot Linux hosts under QEMU
	@hack/test lab

.PHONY: lab-shell
lab-shell: ## a root shell in a Linux host under QEMU; HOSTS="a b" for two
	@go run ./lab/cmd/lab-shell $(HOSTS)

.PHONY: install
install: build ## install below $(DESTDIR)$(PREFIX)
	install -d $(DESTDIR)$(PREFIX)/sbin $(DESTDIR)$(PREFIX)/bin
	install -m 755 bin/vdsmd bin/supervdsmd $(DESTDIR)$(PREFIX)/sbin/
	install -m 755 bin/vdsm-client bin/vdsm-tool $(DESTDIR)$(PREFIX)/bin/
	@packaging/install-files "$(DESTDIR)" "$(PREFIX)"

.PHONY: packages
packages: build ## deb and rpm below bin/packages
	@packaging/build

.PHONY: clean
clean: ## remove what the build made
	rm -rf bin
