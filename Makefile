# Every target makes .venv by itself; all that is needed is Python ≥ 3.11, make and a package index.
PYTHON ?= python3
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)

# What each backend needs besides on a machine with an NVIDIA GPU.
GPU_tensorflow := "tensorflow[and-cuda]"
GPU_jax := "jax[cuda12]"
GPU_torch := torch torchvision
BACKEND ?= tensorflow

.PHONY: demo lab test test-all lint build release grade site bench bench-nets strength clean

demo: .venv/ready          ## make up a class, and release, collect, grade and report two units
	convcourse demo

lab: .venv/ready           ## open the course in JupyterLab, without what only instructors need
	JUPYTER_CONFIG_PATH=$(CURDIR)/autograder/convcourse/operations/lab jupyter lab course

test: .venv/ready lint     ## the tests, with one member or more of each family that differs in a name or a seed only
	pytest -n 2 --dist worksteal

test-all: .venv/ready lint ## whole families too: every net, more seeds; half as long again
	pytest -n 2 --dist worksteal -m ""

lint: .venv/ready
	ruff check .
	ruff format --check .
	cd autograder && mypy --config-file ../pyproject.toml

build: .venv/ready         ## notebooks from solutions/X/X.py
	convcourse build

release: .venv/ready       ## make release UNIT=02_convolution_1d
	convcourse release $(UNIT)

grade: .venv/ready         ## make grade UNIT=02_convolution_1d
	convcourse grade $(UNIT)

site: .venv/ready          ## the course as a book, in autograder/site; the first time takes 12 minutes
	convcourse site autograder/site

bench: .venv/ready         ## seconds a submission, beside stock nbgrader
	convcourse bench grading

bench-nets:                ## make bench-nets BACKEND=jax: every net on this machine's GPU with tensorflow, jax or torch
	$(PYTHON) -m venv .venv/bench-$(BACKEND)
	.venv/bench-$(BACKEND)/bin/python -m pip install --quiet --constraint constraints.txt --editable ".[tensorflow]" $(GPU_$(BACKEND))
	mkdir -p autograder/reports
	KERAS_BACKEND=$(BACKEND) .venv/bench-$(BACKEND)/bin/convcourse bench nets \
	  --json autograder/reports/nets-$(BACKEND).json --plot autograder/reports/nets-$(BACKEND).png

strength: .venv/ready      ## how many small changes of each right answer the cases tell from right, on many seeds
	cd autograder && python -m tests.strength && python -m tests.strength --others

.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'Python 3.11 or newer is needed')"
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[grade,offline,scale,site,dev]"
	touch $@

clean:
	rm -rf .venv demo
