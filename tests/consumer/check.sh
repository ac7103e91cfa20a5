#!/usr/bin/env bash
# Usage: check.sh BUILD_DIR install|find_package|pkg_config
# Installs the build into a prefix of its own, then builds main.cpp from nothing but this prefix, in
# one of the two ways that other projects do, and runs it. CXX and CXXFLAGS are the build's own.
set -euo pipefail
source_dir=$(cd "$(dirname "$0")" && pwd)
work=$1/consumer
prefix=$work/prefix
# A user's warnings must stay quiet, too.
warnings="-Wall -Wextra -Werror"

run() {
  local printed
  printed=$("$1")
  diff -u --label expected --label printed <(printf '1\n8\n27\n') - <<<"$printed"
}

case $2 in
  install)
    rm -rf "$prefix"
    cmake --install "$1" --prefix "$prefix"
    ;;
  find_package)
    rm -rf "$work/find_package"
    cmake -S "$source_dir" -B "$work/find_package" -G Ninja -DCMAKE_PREFIX_PATH="$prefix" \
      -DCMAKE_CXX_FLAGS="${CXXFLAGS:-} $warnings"
    cmake --build "$work/find_package"
    run "$work/find_package/consumer"
    ;;
  pkg_config)
    pc=$(find "$prefix" -name troupe.pc)
    libdir=$(dirname "$(dirname "$pc")")
    flags=$(PKG_CONFIG_PATH=$(dirname "$pc") pkg-config --cflags --libs --static troupe)
    # Unquoted: these are lists.
    "$CXX" -std=c++20 ${CXXFLAGS:-} $warnings "$source_dir/main.cpp" -o "$work/by_pkg_config" $flags
    LD_LIBRARY_PATH=$libdir run "$work/by_pkg_config"
    ;;
esac
