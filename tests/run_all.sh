#!/usr/bin/env bash
# Runs every check and every test in a fixed order and stops at the first failure.
# "run_all.sh checks" stops before the tests. Expects .venv; see the Makefile.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.venv/bin:$PATH"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

step() { printf '\n== %s\n' "$*"; }

have() { command -v "$1" >/dev/null; }

missing_packages() {
    have pg_ctl || compgen -G '/usr/lib/postgresql/*/bin/pg_ctl' >/dev/null ||
        echo postgresql
    have redis-server || echo redis-server
    have chromium || have chromium-browser || have google-chrome || echo chromium
    have msgfmt || echo gettext
}

# Installs what is missing where it may. Elsewhere each lack gets a line, and the
# tests that need it are skipped by name, unless CI is set: then it is a failure.
install_services() {
    local missing name
    missing=$(missing_packages)
    if [ -n "$missing" ] && [ "$(id -u)" = 0 ] && have apt-get; then
        echo "Installing" $missing
        export DEBIAN_FRONTEND=noninteractive
        apt-get -qq -o DPkg::Lock::Timeout=300 update >/dev/null
        apt-get -qq -o DPkg::Lock::Timeout=300 install -y --no-install-recommends \
            $missing >/dev/null
        missing=$(missing_packages)
    fi
    for name in $missing; do
        echo "$name is missing: install the Debian package of that name."
    done
    if [ -z "$missing" ]; then echo "All there."; fi
    [ -z "$missing" ] || [ -z "${CI:-}" ]
}

# Runs a command with the settings that an operator would give, and throw-away keys.
production() {
    env -u DK_DEMO \
        DJANGO_SETTINGS_MODULE=directeurskamer.settings \
        DK_SECRET_KEY="$(head -c 48 /dev/urandom | base64)" \
        DK_ALIAS_KEYS="$(head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d =)" \
        DK_ALLOWED_HOSTS=room.example \
        DK_ORIGIN=https://room.example \
        DK_CONTACT_EMAIL=contact@room.example \
        DK_EMAIL_URL=smtp://127.0.0.1:2525 \
        DK_DATABASE_URL="sqlite:///$scratch/production.sqlite3" \
        "$@"
}

# An audit that could not ask the advisory source found nothing out: it says so
# and passes. One that asked fails with what it found.
audit() {
    local report="$scratch/audit.json" log="$scratch/audit.log"
    if pip-audit --disable-pip --require-hashes --requirement requirements-dev.txt \
        --progress-spinner off --format json --output "$report" 2>"$log"; then
        python - "$report" <<'PYTHON'
import json, pathlib, sys

found = json.loads(pathlib.Path(sys.argv[1]).read_text())["dependencies"]
asked = sum("skip_reason" not in dependency for dependency in found)
print(f"{asked} of {len(found)} packages audited, nothing found."
      if asked else "Skipped: the advisory source could not be reached.")
PYTHON
    elif [ -s "$report" ]; then
        cat "$log"
        return 1
    else
        tail -n 1 "$log"
        echo "Skipped: the advisory source could not be reached."
    fi
}

checks() {
    step "ruff check"
    ruff check
    step "ruff format"
    ruff format --check
    step "mypy"
    mypy
    step "Import contracts"
    lint-imports
    step "Templates"
    djlint templates --lint --quiet
    step "Migrations"
    production python manage.py makemigrations --check --dry-run
    step "Deployment checks"
    production python manage.py check --deploy --fail-level WARNING
    step "Dependency audit"
    audit
}

# Scenarios in two worlds that take half a minute each.
LONGEST="several_voices or by_name_elsewhere or outcome or rests or sanctioned or quoted"
LONGEST="$LONGEST or week_of_digests"

# A process for every core, each with a database of its own.
spread() { pytest --numprocesses auto --dist worksteal "$@"; }

tests() {
    step "Tests on SQLite"
    spread -m "not worlds"
    step "Two worlds on SQLite"
    # The attack plays 20 worlds here: 200, its own number, take minutes. So do the
    # longest scenarios, whose parts stand in others.
    SHORT_RUN=1 ATTACKED_WORLDS=20 spread -m "worlds and not long" tests/anonymity \
        -k "not ($LONGEST)"

    if missing_packages | grep -qx postgresql; then
        step "PostgreSQL"
        echo "Skipped: PostgreSQL is missing."
    else
        step "Tests on PostgreSQL"
        # Where the two databases differ most: races, the order of rows, search and
        # backups. Everything, and the two worlds, run there when they are named:
        # TEST_DATABASE=postgresql pytest
        TEST_DATABASE=postgresql spread -m "not worlds" \
            tests/anonymity/test_{chance_and_order,leaving,rotation}.py \
            tests/accounts/test_{blinded,detaching,sanctions}.py \
            tests/forum/test_{delaying,posting,searching}.py \
            tests/moderation/test_{races,unsealing_races}.py \
            tests/project/test_{backup,migrations}.py
    fi

    # Playwright's loop stays in the main thread, where asynchronous tests then
    # fail and Django refuses queries: a process of its own, and the refusal off.
    # The tests of a file share what they found in the room.
    step "Browser tests"
    DJANGO_ALLOW_ASYNC_UNSAFE=1 spread --dist loadfile -m "not long" tests/browser
    step "Fault tests"
    pytest -m "not long" tests/faults
}

if [ "${1:-}" = checks ]; then
    checks
else
    step "Services"
    install_services
    checks
    tests
fi
