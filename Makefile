# The ways into the project. Each is a script in Scripts/, which says more.

# Where `make run` keeps its server. Root's database runs as the user postgres, who may not enter
# root's home.
PORT ?= 7788
ifeq ($(shell id -u),0)
DATA ?= /var/lib/martlet
else
DATA ?= $(or $(XDG_DATA_HOME),$(HOME)/.local/share)/martlet/server
endif
export PORT DATA

# Where `make install` puts the programs; DESTDIR is put before it.
PREFIX ?= /usr/local
export PREFIX DESTDIR

.PHONY: help run stop test torture fuzz sanitize bench bench-peers costs build install uninstall deb deb-test \
  container-test lint format clean
.DEFAULT_GOAL := help

help:
	@echo 'make run      install what is missing, build, start a private server, open the client'
	@echo 'make stop     stop that server'
	@echo 'make test     install what is missing, run all tests, print their totals'
	@echo 'make torture  break everything under a conversation 1,000 times, and check that nothing is lost'
	@echo 'make fuzz     fuzz each decoder of outside bytes, for FUZZ_TIME=60 seconds each'
	@echo 'make sanitize run the tests with the thread and the address sanitizer'
	@echo 'make bench    measure the server, and print the tables of docs/performance.md'
	@echo 'make bench-peers  measure it beside ejabberd and Prosody, which are installed'
	@echo 'make costs    count the instructions for a message and a key, and compare them with the last count'
	@echo 'make build    build the release programs'
	@echo 'make install  build what is not built, and install it below PREFIX; make uninstall removes it'
	@echo 'make deb      build Debian packages'
	@echo 'make deb-test install them in a bare root, and have two people converse there'
	@echo 'make container-test  build the image of Packaging/Containerfile, and start the server in it'
	@echo 'make lint     check the form of sources and scripts'
	@echo 'make format   put the sources into form'
	@echo 'make clean    remove what was built; data stays'
	@echo
	@echo 'PORT=$(PORT)'
	@echo 'DATA=$(DATA)'
	@echo 'PREFIX=$(PREFIX)'

run:
	@Scripts/run.sh

stop:
	@Scripts/server.sh stop

test:
	@Scripts/test.sh

torture:
	@Scripts/torture.sh

fuzz:
	@Scripts/fuzz.sh

sanitize:
	@Scripts/sanitize.sh

bench:
	@Scripts/bench.sh

bench-peers:
	@Scripts/bench.sh peers

costs:
	@Scripts/costs.sh

build:
	@Scripts/prepare.sh run
	@Scripts/build.sh

install:
	@Scripts/install.sh

uninstall:
	@Scripts/install.sh uninstall

deb:
	@Scripts/deb.sh

deb-test:
	@Scripts/deb-test.sh

container-test:
	@Scripts/container-test.sh

lint:
	@Scripts/lint.sh

format:
	swift format --in-place --parallel --recursive Sources Tests Fuzz Benchmarks/Sources Benchmarks/Tests Benchmarks/Package.swift Package.swift

clean:
	rm -rf .build
