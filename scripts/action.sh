#!/usr/bin/env bash
# What the GitHub Action runs: one scan for the SARIF file, one for the summary and the verdict (from the cache).
set -euo pipefail

if [ -n "${VERSION:-}" ]; then
  ambit() { npx --yes "@ambit-dev/ambit@$VERSION" "$@"; }
elif [ -f "$ACTION/dist/ambit.js" ]; then
  ambit() { node "$ACTION/dist/ambit.js" "$@"; }
else
  version=$(node -p "require('$ACTION/package.json').version")
  ambit() { npx --yes "@ambit-dev/ambit@$version" "$@"; }
fi

options=()
if [ -n "${SINCE:-}" ]; then options+=(--diff "$SINCE"); fi

ambit scan "$SCAN_PATH" ${options[@]+"${options[@]}"} --format sarif --output "$SARIF" --fail-on never
ambit scan "$SCAN_PATH" ${options[@]+"${options[@]}"} --format markdown --fail-on never >>"${GITHUB_STEP_SUMMARY:-/dev/null}"
ambit scan "$SCAN_PATH" ${options[@]+"${options[@]}"} --fail-on "$FAIL_ON"
