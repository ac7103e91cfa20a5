#!/usr/bin/env bash
# The rules of the architecture that no compiler checks.
# Usage: structure_test.sh direction|caf|cereal|os_headers|tests|self
#        structure_test.sh header NAME COMPILER [FLAG...]
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
modules=(serialization actors runtime)
status=0

complain() {
  echo "$*"
  status=1
}

# Each #include of the product, as FILE:LINE:<PATH> or FILE:LINE:"PATH".
includes() {
  grep -rnoE --include='*.hpp' --include='*.cpp' \
    '^[[:space:]]*#[[:space:]]*include[[:space:]]*(<[^>]+>|"[^"]+")' "${modules[@]}" |
    sed -E 's/:[[:space:]]*#[[:space:]]*include[[:space:]]*/:/'
}

# The module that a header belongs to, told by its path or, for a public one, by where it lies.
owner() {
  local module
  for module in "${modules[@]}"; do
    if [[ $1 == "$module"/* || -f $module/include/$1 ]]; then echo "$module"; fi
  done
}

# Includes that match the regex $1, anywhere but in files that match the regex $2.
only_in() {
  local hit
  while read -r hit; do
    complain "$hit may be included by these only: $2"
  done < <(includes | grep -E ":$1" | grep -vE "^($2):")
}

# Dependencies point left: serialization <- actors <- runtime.
check_direction() {
  declare -A rank=([serialization]=0 [actors]=1 [runtime]=2)
  local file line path module target
  while IFS=: read -r file line path; do
    module=${file%%/*}
    target=$(owner "${path:1:-1}")
    if [[ -n $target ]]; then
      (( rank[$target] <= rank[$module] )) ||
        complain "$file:$line: $module must not include $path of $target"
    elif [[ $path == '"'* ]]; then
      complain "$file:$line: $path is not a path from the top, such as \"actors/pool_state.hpp\""
    elif [[ $path == '<troupe/'* ]]; then
      complain "$file:$line: no module has $path"
    fi
  done < <(includes)
}

check_caf() {
  only_in '<caf/' 'actors/.*|runtime/[^/]*\.cpp|runtime/system_impl\.hpp|runtime/include/troupe/caf\.hpp'
}

check_cereal() {
  only_in '<cereal/' 'serialization/[^/]*\.cpp|serialization/include/troupe/codec\.hpp'
}

check_os_headers() {
  local headers='unistd|fcntl|poll|spawn|signal|pthread|sched|dlfcn|termios|dirent'
  only_in "<(($headers)\.h|csignal|(sys|linux|netinet|arpa)/.*)>" '.*_(posix|linux)\.cpp'
}

# Every product source has a test of the same name.
check_tests() {
  local module source stem
  for module in "${modules[@]}"; do
    for source in "$module"/*.cpp; do
      [[ -e $source ]] || continue
      stem=$(basename "$source" .cpp)
      stem=${stem%_posix}
      stem=${stem%_linux}
      [[ -f tests/$module/${stem}_test.cpp ]] ||
        complain "$source:1: no test tests/$module/${stem}_test.cpp"
    done
  done
}

# The tables name tests that exist: Suite.Rule, a suite, or example.NAME.
check_rows() {
  local table name suite
  for table in tests/rows.md tests/seed-rows.md; do
    while read -r name; do
      suite=${name%%.*}
      if [[ $suite == example ]]; then
        [[ -f examples/${name#*.}.cpp && -f examples/expected/${name#*.}.txt ]] ||
          complain "$table: no example $name"
      elif [[ $name == *.* ]]; then
        grep -rqE "TEST(_F|_P)?\(${suite}, ${name#*.}\)" tests --include='*_test.cpp' ||
          complain "$table: no test $name"
      else
        grep -rqE "TEST(_F|_P)?\(${suite}[A-Za-z]*, " tests --include='*_test.cpp' ||
          complain "$table: no suite $name"
      fi
    done < <(grep '^|' "$table" | grep -oE '`([A-Z][A-Za-z]+(\.[A-Za-z0-9]+)?|example\.[a-z0-9_]+)`' |
             tr -d '`' | sort -u)
  done
}

# Nothing of the machine that a file was written on.
check_self() {
  local paths='/(work|root|farm)/' hits
  hits=$(git -c safe.directory='*' grep -nIE "$paths" 2>/dev/null)
  # 1 is "no match"; more means that this is no checkout, but an archive.
  (( $? <= 1 )) || hits=$(grep -rnIE --exclude-dir=build --exclude-dir=.git "$paths" .)
  [[ -z $hits ]] || complain "$hits"
}

# A public header compiles alone, without warnings, and reaches no CAF header.
check_header() {
  local name=$1 output chain
  shift
  # -H prints every file reached, with a dot for each level of nesting.
  if ! output=$(echo "#include <$name>" |
      "$@" -Wall -Wextra -Wpedantic -Werror -fsyntax-only -H -x c++ - 2>&1); then
    grep -vE '^\.+ ' <<<"$output"
    complain "$(owner "$name")/include/$name:1: does not compile alone"
    return
  fi
  [[ $name == troupe/caf.hpp ]] && return
  chain=$(awk '/^\.+ / { path[length($1)] = $2 }
               /^\.+ .*\/include\/caf\// { for (i = 1; i <= length($1); ++i) print "  " path[i]; exit }' \
          <<<"$output")
  [[ -z $chain ]] || complain "$(owner "$name")/include/$name:1: reaches CAF through"$'\n'"$chain"
}

"check_$1" "${@:2}"
exit $status
