#!/usr/bin/env bash
# Parse and build every shipped model with NVIDIA's own parser and builder, in a venv of its own.
# Where the wheel cannot be had (it is for x86-64 and aarch64 Linux), the tests are skipped.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly venv=$PWD/build/tensorrt

if ! "$venv/bin/python" -c 'import tensorrt_rtx, pytest_timeout' 2>/dev/null; then
  echo 'make test-tensorrt: installing tensorrt-rtx into build/tensorrt'
  .venv/bin/python -m venv --clear "$venv"
  if ! "$venv/bin/python" -m pip install -q --disable-pip-version-check -r requirements/runtime.txt \
    -r requirements/tensorrt.txt onnx hypothesis pytest pytest-timeout 2>"$venv/log"; then
    printf 'make test-tensorrt: SKIPPED, tensorrt-rtx cannot be installed here:\n%s\n' "$(tail -n 1 "$venv/log")"
    exit 0
  fi
fi
PYTHONPATH=$PWD "$venv/bin/python" -m pytest test/runtimes/test_real_parser.py
