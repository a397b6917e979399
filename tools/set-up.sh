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
# An environment names its own folder, so a new one is made where it will lie, and the one before it waits here till then.
before=.venv.before

say() { printf '%s\n' "set-up: $*" || :; }  # to an output that may be closed
fail() { say "$*" >&2; exit 1; }
holds() { [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]; }
whole() { holds "$lock_stamp" "$lock_wanted" && holds "$project_stamp" "$project_wanted"; }
runs() { "$1" -c '' >/dev/null 2>&1; }
fits() { "$1" -c "import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))" >/dev/null 2>&1; }
makes_venv() { "$1" -c "import ensurepip, venv" >/dev/null 2>&1; }

# A call that failed or was killed leaves the environment before it, if not now then at the start of the next call.
restore() {
    [ -d "$before" ] || return 0
    if whole; then rm -rf "$before"; else rm -rf .venv && mv "$before" .venv; fi
}

have_uv=no
if uv --version >/dev/null 2>&1; then have_uv=yes; fi

asked=${1:-}
if [ -n "${PYTHON:-}" ]; then set -- "$PYTHON"; else set -- python3 python3.13 python3.12 python3.11 python; fi

# Prints the interpreter to use, or nothing. Without uv it must be able to make an environment with pip.
pick_python() {
    for name in "$@"; do
        if fits "$name" && { [ "$have_uv" = yes ] || makes_venv "$name"; }; then
            "$name" -c 'import sys; print(sys._base_executable or sys.executable)'  # that of an environment goes with it
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
        # An environment that uv made has no pip.
        .venv/bin/python -m pip --version >/dev/null 2>&1 || .venv/bin/python -m ensurepip >/dev/null
        .venv/bin/python -m pip install --quiet --disable-pip-version-check "$@"
    fi
}

# Shows what a command complains of, unless all is that there is no network.
fetch() {
    complaint=$("$@" 2>&1) && return
    case "$complaint" in
        *"connection broken by"* | *"(from versions: none)"* | *"error sending request"* | *"dns error"*)
            fail "the first call needs a network, and so does one after a move, with another requirements.lock or without its packages" ;;
    esac
    printf '%s\n' "$complaint" >&2
    exit 1
}

# Nothing where every package is the one of requirements.lock, else which are not.
unlike_lock() { PYTHONPATH=lib .venv/bin/python -m tradeexposure.runner.kernels.environment_key 2>/dev/null || echo "packages are missing"; }

make_environment() {
    python=$(pick_python "$@")
    if [ -z "$python" ] && { [ "$have_uv" = no ] || [ -n "${PYTHON:-}" ]; }; then explain_no_python "$@"; fi
    if [ -e .venv ]; then mv .venv "$before"; fi
    if [ -z "$python" ]; then
        say "no Python 3.11 to 3.13 on PATH; uv fetches one"
        fetch uv venv --quiet --python '>=3.11,<3.14' .venv
    else
        say "making .venv with $("$python" --version)"
        if [ "$have_uv" = yes ]; then uv venv --quiet --python "$python" .venv; else "$python" -m venv .venv; fi
    fi
}

install_lock() {
    say "installing requirements.lock (a few minutes the first time)"
    # The lock is whole. Asked to resolve it, pip before 24 takes the newest release for an extra, which has no hash.
    fetch install --require-hashes --no-deps -r "$(pwd -P)/requirements.lock"
    printf '%s\n' "$lock_wanted" >"$lock_stamp"
}

# Says where a project lies from where its environment lies: Python 3.11 and 3.12 cannot start with LC_ALL=C where a
# name of that folder is not of ASCII.
lead() {
    for path in .venv/lib/python3.*/site-packages/__editable__."$1"-*.pth; do
        if [ -f "$path" ]; then printf '%s\n' "../../../../$2" >"$path"; fi
    done
}

# What validates the formats that we write wants other versions than the project: an environment of its own.
install_validators() {
    there=.venv/validators
    wanted="$(cksum tools/validators.lock) in $(pwd -P)"
    if holds "$there/.installed" "$wanted"; then exit 0; fi
    say "installing tools/validators.lock"
    rm -rf "$there"
    .venv/bin/python -m venv --without-pip "$there"
    if [ "$have_uv" = yes ]; then
        fetch uv pip install --quiet --python "$(pwd -P)/$there/bin/python" --require-hashes --no-deps -r "$(pwd -P)/tools/validators.lock" --directory /
    else
        fetch .venv/bin/python -m pip --python "$there/bin/python" install --quiet --disable-pip-version-check \
            --require-hashes --no-deps -r tools/validators.lock
    fi
    printf '%s\n' "$wanted" >"$there/.installed"
    exit 0
}

if [ "$asked" = validators ]; then install_validators; fi
restore
trap restore EXIT
trap 'exit 130' HUP INT TERM
if ! runs .venv/bin/python || ! holds "$lock_stamp" "$lock_wanted"; then
    make_environment "$@"
    install_lock
elif unlike=$(unlike_lock) && [ -n "$unlike" ]; then
    say "$unlike"
    install_lock
fi
if ! holds "$project_stamp" "$project_wanted"; then
    say "installing the project"
    install --no-deps --no-build-isolation -e . -e ./lib/warmkernel
    lead tradeexposure lib
    lead warmkernel lib/warmkernel/src
    .venv/bin/python -m warmkernel
    printf '%s\n' "$project_wanted" >"$project_stamp"
fi
