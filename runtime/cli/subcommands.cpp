#include "runtime/cli/subcommand.hpp"

namespace troupe::cli {

namespace {

constexpr subcommand all[] = {
    {"list", "the programs that `troupe run` has", add_list},
    {"run", "run one of them", add_run},
    {"map", "run a command for each argument, several at once", add_map, true},
    {"doctor", "whether this machine has what workers need", add_doctor},
    {"bench", "what a task costs, next to what others take", add_bench},
    {"version", "the version of Troupe", add_version},
};

}  // namespace

std::span<const subcommand> subcommands() { return all; }

}  // namespace troupe::cli
