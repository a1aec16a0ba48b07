# "make run" serves the demo, "make test" runs every check and every test.
# The rest are parts of these two, for the person who works on the code.
# Recipes keep to POSIX sh and to any GNU make, so that both work on macOS too.

SHELL := /bin/sh
MAKEFLAGS += --no-print-directory
PYTHON := .venv/bin/python
TOOLS := DJANGO_SETTINGS_MODULE=tests.settings PATH="$(CURDIR)/.venv/bin:$$PATH"
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header

# $(call install,requirements.txt): install a lock file when it differs from
# the copy that was kept after the last complete installation.
define install
if ! cmp -s $(1) .venv/installed-$(1); then \
	echo "Installing $(1): this takes about a minute."; \
	$(PYTHON) -m pip install --quiet --disable-pip-version-check \
		--require-hashes -r $(1) || exit 1; \
	cp $(1) .venv/installed-$(1); \
fi
endef

.PHONY: run test fast lint coverage messages lock environment runtime tools

run: runtime
	@export DK_DEMO=1; \
	if ! [ -s var/keys/secret_key ] || ! [ -s var/keys/alias_keys ]; then \
		$(PYTHON) manage.py make_keys || exit 1; \
	fi; \
	exec $(PYTHON) manage.py serve

test: tools
	@exec tests/run_all.sh

# The tests that need no other service than SQLite.
fast: tools
	@$(TOOLS) pytest -m "not worlds"

lint: tools
	@exec tests/run_all.sh checks

coverage: tools
	@$(TOOLS) coverage run -m pytest && $(TOOLS) coverage report

# Collects the texts for translation, then compiles them; commit both files.
messages: tools
	@$(TOOLS) django-admin makemessages --pythonpath . --locale nl --no-obsolete \
		--add-location file --ignore .venv --ignore var --ignore tests
	@$(TOOLS) django-admin compilemessages --pythonpath . --locale nl --ignore .venv

# Writes the pins again after a change of a .in file. Needs uv on the PATH.
lock:
	@$(LOCK) requirements.in -o requirements.txt
	@$(LOCK) requirements-dev.in -o requirements-dev.txt

runtime: environment
	@$(call install,requirements.txt)

tools: environment
	@$(call install,requirements-dev.txt)

# Debian splits ensurepip off into python3-venv: an interpreter that has it goes
# before one that lacks it. A half-made environment has no pip and is made again.
environment:
	@if ! [ -w . ]; then \
		echo "This folder is read-only: copy it to a folder that you may write to."; \
		exit 1; \
	fi; \
	if $(PYTHON) -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' \
		2>/dev/null; then exit 0; fi; \
	recent=; complete=; \
	for name in python3.13 python3.12 python3.11 python3; do \
		$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
			2>/dev/null || continue; \
		recent=$${recent:-$$name}; \
		$$name -c 'import ensurepip, venv' 2>/dev/null || continue; \
		complete=$$name; \
		break; \
	done; \
	if [ -z "$$recent" ]; then \
		echo "Python 3.11 or newer is needed: install it and try again."; \
		exit 1; \
	fi; \
	if [ -z "$$complete" ]; then \
		echo "Python's venv is missing: install the package python3-venv" \
			"(for $$recent) and try again."; \
		exit 1; \
	fi; \
	$$complete -m venv --clear .venv
