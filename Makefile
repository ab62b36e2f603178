# Every target is what you could type yourself. scripts/find_python.sh finds a Python; to name one:
# `make PYTHON=python3.12 demo`.
BASE ?=
SHELL := /bin/sh
BIN := .venv/bin
DEMO := --target embedded
PERIOD := week
SUPERSET := .superset

.PHONY: demo report test test-all test-superset lint check-rules preview rules nightly setup start stop clean lock

demo: setup  ## sample logs, scores and the reports of a week, a month and a quarter
	@$(BIN)/python scripts/demo.py $(DEMO)

report: setup  ## pages and workbook of the latest closed period: make report PERIOD=month
	$(BIN)/python scripts/export_reports.py --period $(PERIOD)

test: start  ## in some minutes whether all is well, on the embedded warehouse; its last line says what it leaves out
	HALL_SCORES_TARGET=embedded $(BIN)/python -m pytest -m quick

test-all: start  ## every test, on the warehouse of HALL_SCORES_TARGET
	$(BIN)/python -m pytest

test-superset: start $(SUPERSET)/.installed  ## the Superset dashboards in a real Superset and a browser; Python 3.11, some minutes
	HALL_SCORES_SUPERSET='$(SUPERSET)' $(BIN)/python -m pytest tests/superset

lint: start
	$(BIN)/ruff check .
	$(BIN)/dbt-score lint --run-dbt-parse
	$(BIN)/sqlfluff lint models tests/singular analyses

check-rules: .venv/.installed  ## the rule seeds, before they are merged; BASE=origin/main names what they are compared with
	$(BIN)/python scripts/check_rules.py $(if $(BASE),--base $(BASE))

preview: setup  ## what the changed rule seeds would do to the scores, into reports/preview.md; needs built marts
	$(BIN)/python scripts/preview_rules.py --base $(or $(BASE),HEAD)

rules: start  ## docs/rules.md, the rules in words
	$(BIN)/dbt build $(DEMO) --indirect-selection cautious --select +rule_book +dim_metrics +dim_parameters
	$(BIN)/python scripts/write_rules.py $(DEMO)

nightly: setup  ## one night: DROP= folder to load, ARCHIVE= where its files go, PUBLISHED= and PUBLIC= pages; see docs/operations.md
	$(BIN)/python scripts/nightly.py $(if $(DROP),--drop '$(DROP)') $(if $(ARCHIVE),--archive '$(ARCHIVE)') \
	  $(if $(PUBLISHED),--published '$(PUBLISHED)') $(if $(PUBLIC),--public '$(PUBLIC)')

setup: .venv/.installed .venv/.adapter profiles.yml

start: setup  ## the embedded warehouse, in .warehouse/
	$(BIN)/python scripts/warehouse.py start

stop:
	@if [ -x $(BIN)/python ]; then $(BIN)/python scripts/warehouse.py stop; fi

clean: stop  ## remove what the other targets made; profiles.yml stays when it is your own
	@if cmp -s profiles.yml profiles.yml.example; then rm profiles.yml; fi
	rm -rf .venv .uv .superset .warehouse sample_data reports target logs .pytest_cache .ruff_cache .hypothesis

lock:  ## resolve requirements.in for all three Pythons, and uv for older ones, too, with hashes
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile requirements.in --universal --python-version 3.11 --generate-hashes --no-annotate \
	  --no-emit-index-url --custom-compile-command "make lock" --output-file requirements.txt
	echo uv | $(BIN)/uv pip compile - --quiet --universal --python-version 3.8 --generate-hashes --no-annotate \
	  --no-emit-index-url --custom-compile-command "make lock" --output-file requirements-uv.txt

.venv/.installed: requirements.txt
	@echo '安装到 .venv，约一分钟 / installing into .venv, about a minute'
	@python=`sh scripts/find_python.sh` && "$$python" -m venv .venv
	@$(BIN)/pip install --quiet --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

# dbt finds scripts/dbt/adapters by it; the path counts from site-packages, so that the checkout may be moved.
.venv/.adapter: .venv/.installed
	@echo ../../../../scripts > "`$(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))'`/hall_scores.pth"
	@touch $@

$(SUPERSET)/.installed: bi/superset/requirements.txt
	python=`sh scripts/find_python.sh` && "$$python" -m venv $(SUPERSET)
	$(SUPERSET)/bin/pip install --quiet --disable-pip-version-check -r bi/superset/requirements.txt
	@touch $@

profiles.yml:
	@cp profiles.yml.example profiles.yml
