#!/bin/sh
# Installs the Python clients of the tests into .cache/clients; does nothing when they are there already.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
cache="$here/../../.cache/clients"
python=${PYTHON:-python3}
requirements="$here/requirements.txt"
stamp="$cache/venv/installed-requirements.txt"

if cmp -s "$requirements" "$stamp" && "$cache/venv/bin/python" -c "import openai, anthropic" 2>/dev/null; then
  echo "clients are installed already"
  exit 0
fi

if ! "$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
  echo "the clients need Python 3.10 or later with venv; set PYTHON to one (tried: $python)" >&2
  exit 1
fi

mkdir -p "$cache"
rm -rf "$cache/venv"
"$python" -m venv "$cache/venv"
"$cache/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
  --require-hashes --no-deps --only-binary :all: --requirement "$requirements"
"$cache/venv/bin/python" -c "import openai, anthropic"
cp "$requirements" "$stamp"
echo "clients installed in $cache/venv"
