#include "runtime/cli/program.hpp"

namespace troupe::cli {

namespace {

constexpr const char* standard_library = "Parallel computing in Python standard library (seed 000)";
constexpr const char* parallelism = "Parallelism in Python (seed 001)";
constexpr const char* for_cpu = "Parallel programming for CPU (seed 002)";
constexpr const char* with_ease = "Parallel Programming in Python with ease (seed 003)";
constexpr const char* parallelisation = "Parallelisation in Python (seed 004)";

constexpr program all[] = {
    {"console", "ten workers say hello, one at a time, as they hold a lock", parallelisation,
     "Each prints its line itself, in two pieces, which the lock keeps together. The order is as "
     "it\n"
     "comes. Should one die with the lock in hand, the next one gets it. -j: so many workers.\n"
     "Examples:\n"
     "  troupe run console\n"
     "  troupe run console -w thread -j 100 --verify",
     add_console},
    {"cores", "cores of the machine, physical and logical, and those that may be used", parallelism,
     "Counted in a worker, and with --verify in the command, too.\n"
     "Examples:\n"
     "  troupe run cores\n"
     "  troupe run cores -w thread --json",
     add_cores},
    {"cube", "cubes of 1 to 6, by every way a pool has to call a function", standard_library,
     "The plain loop, apply, map, map_async and submit must all say the same. A list of apply\n"
     "calls, which the document calls identical to map, waits for each of them.\n"
     "Examples:\n"
     "  troupe run cube\n"
     "  troupe run cube -w thread -j 3 --json",
     add_cube},
    {"cubes", "seven workers, each for one number, put (order, cube) into one queue", with_ease,
     "They are joined first, and then the queue is read, as in the document. In Python that can "
     "wait\n"
     "for ever, as put() leaves the sending to a thread; here put() has delivered when it "
     "returns.\n"
     "-j: so many workers and numbers.\n"
     "Examples:\n"
     "  troupe run cubes\n"
     "  troupe run cubes -w thread -j 20 --verify",
     add_cubes},
    {"downloads", "tables downloaded by a thread each into one queue, then one after the other",
     parallelism,
     "One get and one task_done for each link; -j is how many links there are. The server is its\n"
     "own, on loopback, with latencies. A link that fails is an item of the queue, too: in the\n"
     "document it would be waited for for ever.\n"
     "Examples:\n"
     "  troupe run downloads\n"
     "  troupe run downloads -j 8 -w process --latency 500 --verify",
     add_downloads},
    {"executor", "an executor as a scope: at its end everything is done", parallelism,
     "Prints the values. The document says that map gives a list of Future objects, and what it\n"
     "prints is a generator.\n"
     "Examples:\n"
     "  troupe run executor\n"
     "  troupe run executor -w thread -j 2 --number 38",
     add_executor},
    {"exercise", "ten inputs by five workers; what a sleep changes; waited for before printing",
     parallelisation,
     "The answers: a sleep does not change the results, as get() waits; done() tells which have\n"
     "ended; troupe::wait() waits for all of them.\n"
     "Examples:\n"
     "  troupe run exercise\n"
     "  troupe run exercise 3 --seconds 1 -w thread --verify",
     add_exercise},
    {"fetch", "downloads in parallel, each with its size or its error", standard_library,
     "Without URLs: five of its own, from a server on loopback with latencies. One of them is a\n"
     "port that refuses connections, so the exit code is 1: one download fails, four do not.\n"
     "-t is for each download (60 s). What fails leaves no file.\n"
     "Examples:\n"
     "  troupe run fetch\n"
     "  troupe run fetch -j 8 -t 10 --save pages https://www.debian.org/ http://www.example.com/\n"
     "  troupe run fetch -w process --verify --json",
     add_fetch},
    {"fib", "fib(34) n times, by 1, 2, 3, 4, 8, 16 and 32 workers, and how much faster that is",
     parallelism,
     "With -j, for that number of workers only. The document's times say nothing: its threads are\n"
     "not joined before the clock is read, and its second fib returns None for n above 2 (as its\n"
     "fib(0) is never reached). Here every call is waited for, and its answer can be checked.\n"
     "Examples:\n"
     "  troupe run fib\n"
     "  troupe run fib -w thread -j 4 --number 38",
     add_fib},
    {"five", "five workers, each of which prints its number", parallelisation,
     "A process is started for each number, and joined. -j: so many.\n"
     "Examples:\n"
     "  troupe run five\n"
     "  troupe run five -w thread -j 3 --json",
     add_five},
    {"hello", "a worker says hello", parallelisation,
     "The simplest one: started, and joined. -j: so many of them.\n"
     "Examples:\n"
     "  troupe run hello\n"
     "  troupe run hello --name alice -w thread",
     add_hello},
    {"ids", "name, process and parent process of each worker", for_cpu,
     "Worker processes all differ and have one parent; worker threads share one process.\n"
     "Examples:\n"
     "  troupe run ids -j 4\n"
     "  troupe run ids -j 4 -w thread",
     add_ids},
    {"info", "name, module, parent process and process of seven workers", with_ease,
     "The module is the program that the worker runs: a worker process runs the one that made it.\n"
     "-j: so many workers.\n"
     "Examples:\n"
     "  troupe run info\n"
     "  troupe run info -w thread -j 2 --verify",
     add_info},
    {"jobs", "a queue of jobs and workers that take from it, until all are marked as done",
     standard_library,
     "The document's workers loop for ever; here they end when the queue is closed and empty, or\n"
     "with --end sentinel at a sentinel each. A job whose worker dies goes to another.\n"
     "Examples:\n"
     "  troupe run jobs\n"
     "  troupe run jobs -w process -j 3 --count 100 --end sentinel --verify",
     add_jobs},
    {"list", "a number, nothing and a word through a queue", parallelisation,
     "Here it is a tuple, and the compiler checks what is put. That objects of classes cannot be\n"
     "passed, as the document says, is not so: of any that tells how it is serialized, a copy "
     "can.\n"
     "-j: so many workers put one each.\n"
     "Examples:\n"
     "  troupe run list\n"
     "  troupe run list -w thread --json",
     add_list_program},
    {"primes", "which numbers are prime, by trial division; threads and processes compared",
     "Parallel computing in Python standard library (seed 000), the six numbers;\n"
     "      Parallel programming for CPU (seed 002), random numbers by --count",
     "Without --count: six numbers whose answers are known. With it, and without -w: threads and\n"
     "processes one after the other. The speed-up is measured on the same numbers.\n"
     "Examples:\n"
     "  troupe run primes\n"
     "  troupe run primes --count 1000 --seed 42\n"
     "  troupe run primes --count 1000 -j 16      as in the document, side by side\n"
     "  troupe run primes --count 200 -w process -j 4 --verify --json",
     add_primes},
    {"process_id", "tasks that sleep and tell which process they ran in", for_cpu,
     "In worker processes all differ; in worker threads all are the same, that of the command.\n"
     "Without -w: both, one after the other. -j: so many workers and tasks, as many of each. Task "
     "n\n"
     "sleeps n seconds in the document; here they are tenths of it, but for --second 1.\n"
     "Examples:\n"
     "  troupe run process_id\n"
     "  troupe run process_id -w process -j 8 --second 1 --verify",
     add_process_id},
    {"services", "a service and two workers with names of their own, that start and exit",
     parallelisation,
     "Nobody tells them their names, and one has a default one. The workers sleep 2 s, the "
     "service\n"
     "3 s in the document; here it is a tenth of that, but for --second 1. The command waits for\n"
     "all: a daemon would not be waited for, but be cut off, which is no way to stop one at work.\n"
     "-j: so many workers beside the service.\n"
     "Examples:\n"
     "  troupe run services\n"
     "  troupe run services -w thread --second 1",
     add_services},
    {"sleepers", "nine that sleep at the same time: as long as one, not as nine", standard_library,
     "A worker each, started and joined; -j is how many. The document's class cannot be made: its\n"
     "__init__ lacks self. Here a function is enough.\n"
     "Examples:\n"
     "  troupe run sleepers\n"
     "  troupe run sleepers --seconds 10 -w process -j 4",
     add_sleepers},
    {"sqrt", "seven workers put (order, square root of the cube) into one queue", with_ease,
     "They are joined first, and then the queue is read, as in the document. In Python that can "
     "wait\n"
     "for ever, as put() leaves the sending to a thread; here put() has delivered when it "
     "returns.\n"
     "-j: so many workers and numbers.\n"
     "Examples:\n"
     "  troupe run sqrt\n"
     "  troupe run sqrt -w thread --verify",
     add_sqrt},
    {"states", "a future while its call runs, and when it is done", parallelism,
     "A call runs only once a worker really has begun it; one that waits can be cancelled.\n"
     "Examples:\n"
     "  troupe run states\n"
     "  troupe run states -w thread --number 30 --verify",
     add_states},
    {"switch", "the same calls in processes and in threads: one word differs", parallelism,
     "With -w, in that place only.\n"
     "Examples:\n"
     "  troupe run switch\n"
     "  troupe run switch -j 2 --number 38 --verify",
     add_switch},
    {"tour", "a pool shown step by step: map, imap_unordered, apply_async, a timeout, the end",
     parallelisation,
     "Prints what the document prints. The sleep of 10 s is not waited for.\n"
     "Examples:\n"
     "  troupe run tour\n"
     "  troupe run tour -w thread --verify",
     add_tour},
    {"two-queues", "functions and arguments in one queue, results in another", parallelism,
     "As many calls as workers; a sentinel for each worker follows them.\n"
     "Examples:\n"
     "  troupe run two-queues\n"
     "  troupe run two-queues -w thread -j 8 --number 30 --verify",
     add_two_queues},
};

}  // namespace

std::span<const program> programs() { return all; }

}  // namespace troupe::cli
