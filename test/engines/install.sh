#!/bin/sh
# Installs the inference engine of the tests into .cache/engines; does nothing when it is there already.
# Keep .cache/engines/wheels between runs and the next installation needs no network.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
cache="$here/../../.cache/engines"
python=${PYTHON:-python3}
requirements="$here/requirements.txt"
stamp="$cache/venv/installed-requirements.txt"

if cmp -s "$requirements" "$stamp" && "$cache/venv/bin/python" -c "import xllamacpp" 2>/dev/null; then
  echo "engine is installed already"
  exit 0
fi

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
  echo "the engine needs Python 3.10 or later; set PYTHON to one (tried: $python)" >&2
  exit 1
fi

mkdir -p "$cache/wheels"
rm -rf "$cache/venv"
"$python" -m venv "$cache/venv"
install() {
  "$cache/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    --require-hashes --no-deps --only-binary :all: --find-links "$cache/wheels" --requirement "$requirements" "$@"
}
if ! install --no-index 2>/dev/null; then
  "$cache/venv/bin/python" -m pip download --quiet --disable-pip-version-check \
    --require-hashes --no-deps --only-binary :all: --dest "$cache/wheels" --requirement "$requirements"
  install --no-index
fi
"$cache/venv/bin/python" -c "import xllamacpp"
cp "$requirements" "$stamp"
echo "engine installed in $cache/venv"
