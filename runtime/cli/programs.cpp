#include "runtime/cli/program.hpp"

namespace troupe::cli {

namespace {

constexpr const char* standard_library = "Parallel computing in Python standard library (seed 000)";
constexpr const char* parallelism = "Parallelism in Python (seed 001)";
constexpr const char* for_cpu = "Parallel programming for CPU (seed 002)";
constexpr const char* parallelisation = "Parallelisation in Python (seed 004)";

constexpr program all[] = {
    {"cube", "cubes of 1 to 6, by every way a pool has to call a function", standard_library,
     "The plain loop, apply, map, map_async and submit must all say the same.\n"
     "Examples:\n"
     "  troupe run cube\n"
     "  troupe run cube -w thread -j 3 --json",
     add_cube},
    {"fib", "fib(34) n times, by 1, 2, 3, 4, 8, 16 and 32 workers, and how much faster that is",
     parallelism,
     "With -j, for that number of workers only.\n"
     "Examples:\n"
     "  troupe run fib\n"
     "  troupe run fib -w thread -j 4 --number 38",
     add_fib},
    {"ids", "name, process and parent process of each worker", for_cpu,
     "Worker processes all differ and have one parent; worker threads share one process.\n"
     "Examples:\n"
     "  troupe run ids -j 4\n"
     "  troupe run ids -j 4 -w thread",
     add_ids},
    {"primes", "which numbers are prime, by trial division; threads and processes compared",
     "Parallel computing in Python standard library (seed 000), the six numbers;\n"
     "      Parallel programming for CPU (seed 002), random numbers by --count",
     "Without --count: six numbers whose answers are known. With it, and without -w: threads and\n"
     "processes one after the other. The speed-up is measured on the same numbers.\n"
     "Examples:\n"
     "  troupe run primes\n"
     "  troupe run primes --count 1000 --seed 42\n"
     "  troupe run primes --count 200 -w process -j 4 --verify --json",
     add_primes},
    {"tour", "a pool shown step by step: map, imap_unordered, apply_async, a timeout, the end",
     parallelisation,
     "Prints what the document prints. The sleep of 10 s is not waited for.\n"
     "Examples:\n"
     "  troupe run tour\n"
     "  troupe run tour -w thread --verify",
     add_tour},
};

}  // namespace

std::span<const program> programs() { return all; }

}  // namespace troupe::cli
