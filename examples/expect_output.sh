#!/usr/bin/env bash
# Usage: expect_output.sh PROGRAM [FILE]
# Runs PROGRAM, which must succeed and print FILE: line by line, literally, except that a line
# ~REGEX of FILE stands for any line that REGEX matches as a whole.
set -uo pipefail
program=$1
expected_file=${2:-}

printed=$("$program") || { status=$?; echo "$printed"; echo "exit status $status"; exit 1; }
[[ -n $expected_file ]] || exit 0

mapfile -t actual <<<"$printed"
mapfile -t expected <"$expected_file"
for i in "${!expected[@]}"; do
  if [[ ${expected[i]} == "~"* && ${actual[i]-} =~ ^(${expected[i]:1})$ ]]; then
    expected[i]=${actual[i]}
  fi
done
diff -u --label "$expected_file" --label "printed by ${program##*/}" \
  <(printf '%s\n' "${expected[@]}") <(printf '%s\n' "${actual[@]}")
