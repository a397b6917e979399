#!/bin/sh
# Makes .venv/ from requirements.lock and installs the project and lib/warmkernel into it; says nothing when it is there already.
# Called by make. PYTHON=/path/to/python picks the interpreter.
set -eu
cd "$(dirname "$0")/.."

# The last line of each step is its stamp, so an interrupted step is done again. The lock's stamp also
# names the folder: a copied or moved checkout would otherwise run the other one's code.
lock_stamp=.venv/.lock-installed
project_stamp=.venv/.project-installed
lock_wanted="$(cksum requirements.lock) in $(pwd -P)"
project_wanted="$(cksum pyproject.toml lib/warmkernel/pyproject.toml)"

say() { printf '%s\n' "set-up: $*"; }
fail() { say "$*" >&2; exit 1; }
holds() { [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]; }
runs() { "$1" -c '' >/dev/null 2>&1; }
fits() { "$1" -c "import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))" >/dev/null 2>&1; }
makes_venv() { "$1" -c "import ensurepip, venv" >/dev/null 2>&1; }

have_uv=no
if uv --version >/dev/null 2>&1; then have_uv=yes; fi

if [ -n "${PYTHON:-}" ]; then set -- "$PYTHON"; else set -- python3 python3.13 python3.12 python3.11 python; fi

# Prints the interpreter to use, or nothing. Without uv it must be able to make an environment with pip.
pick_python() {
    for name in "$@"; do
        if fits "$name" && { [ "$have_uv" = yes ] || makes_venv "$name"; }; then
            "$name" -c 'import sys; print(sys.executable)'
            return
        fi
    done
}

explain_no_python() {
    for name in "$@"; do
        if fits "$name"; then
            fail "$name lacks the modules venv and ensurepip; install them (Debian and Ubuntu: apt-get install python3-venv) or put uv on PATH"
        fi
    done
    if [ -n "${PYTHON:-}" ]; then fail "PYTHON=$PYTHON is not Python 3.11, 3.12 or 3.13"; fi
    fail "needs Python 3.11, 3.12 or 3.13 on PATH and found $(python3 --version 2>/dev/null || echo 'no Python'); install one, or name it: make PYTHON=/path/to/python3.12"
}

install() {
    if [ "$have_uv" = yes ]; then
        # From / so that the constraints in [tool.uv], which have no hashes, are not read with --require-hashes.
        here=$(pwd -P)
        case "$1" in --require-hashes) set -- "$@" --directory / ;; esac
        # Unlike pip, uv leaves modules uncompiled; each of hundreds of processes would compile them where it cannot keep them.
        uv pip install --quiet --compile-bytecode --python "$here/.venv/bin/python" "$@"
    else
        .venv/bin/python -m pip install --quiet --disable-pip-version-check "$@"
    fi
}

install_lock() {
    python=$(pick_python "$@")
    if [ -z "$python" ] && { [ "$have_uv" = no ] || [ -n "${PYTHON:-}" ]; }; then explain_no_python "$@"; fi
    rm -rf .venv
    if [ -z "$python" ]; then
        say "no Python 3.11 to 3.13 on PATH; uv fetches one"
        uv venv --quiet --python '>=3.11,<3.14' .venv
    else
        say "making .venv with $("$python" --version)"
        if [ "$have_uv" = yes ]; then uv venv --quiet --python "$python" .venv; else "$python" -m venv .venv; fi
    fi
    say "installing requirements.lock (a few minutes the first time)"
    install --require-hashes -r "$(pwd -P)/requirements.lock"
    printf '%s\n' "$lock_wanted" >"$lock_stamp"
}

if ! runs .venv/bin/python || ! holds "$lock_stamp" "$lock_wanted"; then install_lock "$@"; fi
if ! holds "$project_stamp" "$project_wanted"; then
    say "installing the project"
    install --no-deps --no-build-isolation -e . -e ./lib/warmkernel
    .venv/bin/python -m warmkernel
    printf '%s\n' "$project_wanted" >"$project_stamp"
fi
