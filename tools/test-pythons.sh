#!/usr/bin/env bash
# Tests the working tree on other Pythons, each in a copy with an environment of its own: tools/test-pythons.sh PART...
# Parts: fast (make test-fast), kernels (make test-kernels), edition (every published number of one edition comes out).
# PYTHONS names the interpreters; without it, those of 3.11, 3.12 and 3.13 that are found. "newest" is the last of them.
set -euo pipefail
cd "$(dirname "$0")/.."

edition=deal_2026
published=$PWD/reports/published/$edition/results.csv

say() { printf '%s\n' "test-pythons: $*"; }
fail() { say "$*" >&2; exit 1; }
is_python() {
  "$1" -c "import sys; sys.exit('%d.%d' % sys.version_info[:2] != '$2')" >/dev/null 2>&1 &&
    { uv --version >/dev/null 2>&1 || "$1" -c "import ensurepip, venv" >/dev/null 2>&1; }
}

# Prints the interpreter of version $1, or nothing: from PATH, from pyenv (its shims run one version only), from uv.
find_python() {
  local program
  for program in "python$1" "$(pyenv root 2>/dev/null || true)/versions/$1".*/bin/python \
    "$(uv python find --no-python-downloads "$1" 2>/dev/null || true)"; do
    if [ -n "$program" ] && is_python "$program" "$1"; then
      "$program" -c 'import sys; print(sys.executable)'
      return
    fi
  done
  say "no Python $1 here that can make an environment" >&2
}

find_pythons() { for version in 3.11 3.12 3.13; do find_python "$version"; done; }

# The working tree as it is, with what is not committed.
copy_to() {
  git clone --quiet --no-hardlinks . "$1"
  git diff --binary HEAD | git -C "$1" apply --allow-empty
  git ls-files -z --others --exclude-standard | tar --create --null --files-from=- | tar --extract --directory "$1"
}

same_edition() {
  .venv/bin/tradeexposure run "$edition" --out "$PWD/editions"
  cmp "$published" "editions/$edition/results.csv" || fail "numbers of $edition differ with $1 from those published"
  say "all numbers of $edition equal those published"
}

run_part() {
  case "$1" in
    fast) make test-fast ;;
    kernels) make test-kernels ;;
    edition) same_edition "$2" ;;
    *) fail "found part $1; allowed: fast, kernels, edition" ;;
  esac
}

[ "$#" -gt 0 ] || fail "name parts: fast, kernels, edition"
case "${PYTHONS:-}" in
  "") pythons=$(find_pythons) ;;
  newest) pythons=$(find_pythons | tail -n 1) ;;
  *) pythons=$PYTHONS ;;
esac
[ -n "$pythons" ] || fail "no Python 3.11, 3.12 or 3.13 was found; name one: make test-pythons PYTHONS=/path/to/python3.12"

copies=$(mktemp -d)
trap 'rm -rf "$copies"' EXIT
number=0
for python in $pythons; do
  number=$((number + 1))
  say "$("$python" --version), $python: $*"
  copy_to "$copies/$number"
  (
    cd "$copies/$number"
    make set-up PYTHON="$python"
    for part in "$@"; do run_part "$part" "$python"; done
  )
  rm -rf "${copies:?}/$number"
done
say "passed on $number"
