#!/usr/bin/env bash
# Usage: check.sh FILE COMPILER [FLAG...]
# FILE must not compile, for the reason given in its first line: `// expect: REGEX`.
set -uo pipefail
file=$1
shift

regex=$(sed -n '1s|^// expect: ||p' "$file")
[[ -n $regex ]] || { echo "$file:1: the first line must be '// expect: REGEX'"; exit 1; }

if output=$(LC_ALL=C "$@" -fsyntax-only "$file" 2>&1); then
  echo "$file: compiles, and must not"
  exit 1
fi
grep -Eq -e "$regex" <<<"$output" && exit 0
echo "$file:1: the compiler does not say '$regex' but:"
echo "$output"
exit 1
