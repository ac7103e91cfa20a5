// Hosts with lives of their own. Each mode ends with 0 and prints nothing, or says what is wrong.
#include <troupe/caf.hpp>
#include <troupe/troupe.hpp>

#include <caf/all.hpp>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

using troupe::placement;
using namespace std::chrono_literals;

namespace {

int square(int x) { return x * x; }
int die(int) {
  raise(SIGKILL);
  return 0;
}

[[noreturn]] void wrong(const std::string& what) {
  std::fprintf(stderr, "%s\n", what.c_str());
  std::_Exit(1);
}
void need(bool holds, const std::string& what) {
  if (!holds) wrong(what);
}

void map_some(troupe::pool& p, int n = 500) {
  std::vector<int> xs;
  for (int i = 0; i < n; ++i) xs.push_back(i);
  const auto ys = p.map<square>(xs);
  for (int i = 0; i < n; ++i) need(ys[static_cast<std::size_t>(i)] == i * i, "a wrong value");
}

/// Pools of both placements do what pools do, deaths and all.
void work(troupe::system& sys, int rounds = 3) {
  for (int i = 0; i < rounds; ++i) {
    troupe::pool threads{sys, {.workers = 2, .where = placement::thread}};
    troupe::pool processes{sys, {.workers = 2, .max_tasks_per_worker = 400, .grace = 500ms}};
    map_some(threads);
    map_some(processes);
    try {
      processes.apply<die>(1);
      wrong("a death without an error");
    } catch (const troupe::worker_lost& e) {
      need(!e.exit_status().known || e.exit_status().signal == SIGKILL, e.what());
    }
    map_some(processes);
    try {
      threads.apply([](int) -> int { throw std::runtime_error{"on purpose"}; }, 1);
      wrong("an exception that got lost");
    } catch (const troupe::task_error&) {
    }
  }
}

void handle(int signal, void (*handler)(int)) {
  struct sigaction a {};
  a.sa_handler = handler;  // and no SA_RESTART
  sigaction(signal, &a, nullptr);
}

void own_actors() {
  caf::actor_system_config config;
  caf::actor_system actors{config};
  auto twice = actors.spawn([]() -> caf::behavior { return {[](int x) { return 2 * x; }}; });
  const auto ask = [&](int x) {
    caf::scoped_actor self{actors};
    int y = 0;
    self->request(twice, caf::infinite, x).receive([&](int r) { y = r; }, [](const caf::error&) {});
    need(y == 2 * x, "the host's own actor does not answer");
  };
  ask(1);
  {
    troupe::system inside = troupe::attach(actors), beside;
    std::thread other{[&] { work(beside); }};
    work(inside);
    other.join();
    ask(2);
  }
  ask(3);
  caf::anon_send_exit(twice, caf::exit_reason::user_shutdown);
}

void reaper() {
  handle(SIGCHLD, [](int) {
    const int before = errno;
    while (waitpid(-1, nullptr, WNOHANG) > 0) {
    }
    errno = before;
  });
  troupe::system sys;
  work(sys, 10);
}

void ignores_children() {
  signal(SIGCHLD, SIG_IGN);
  troupe::system sys;
  work(sys, 10);
}

void own_children() {
  troupe::system sys;
  std::atomic<bool> stop{false};
  std::thread worker{[&] {
    while (!stop) work(sys, 1);
  }};
  for (int i = 0; i < 200; ++i) {
    const pid_t child = fork();
    if (child == 0) _exit(i % 100);
    int status = 0;
    need(waitpid(child, &status, 0) == child, "a child of the host was reaped by somebody else");
    need(WIFEXITED(status) && WEXITSTATUS(status) == i % 100, "a child's exit status changed");
  }
  stop = true;
  worker.join();
  need(waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD, "children are left");
}

void blocked_signals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, nullptr);
  troupe::system sys;
  work(sys);
  troupe::pool p{sys, {.workers = 1}};
  need(p.apply([](int) -> int {
    sigset_t now;
    sigprocmask(SIG_SETMASK, nullptr, &now);
    return sigismember(&now, SIGTERM);
  }, 0) == 0, "a worker process starts with blocked signals");
}

std::atomic<int> alarms{0};
std::atomic<pid_t> strangers{0};
std::set<pid_t> own_threads;

void alarm_storm() {
  own_threads = {gettid()};
  handle(SIGALRM, [](int) {
    ++alarms;
    if (!own_threads.contains(gettid())) strangers = gettid();
  });
  const itimerval often{{0, 1000}, {0, 1000}};
  setitimer(ITIMER_REAL, &often, nullptr);
  troupe::system sys;
  for (int i = 0; i < 5 || alarms < 300; ++i) work(sys, 1);
  troupe::pool p{sys, {.workers = 2}};
  auto f = p.submit<troupe::tasks::sleep>(1h);
  const auto begun = std::chrono::steady_clock::now();
  need(!f.wait_for(20ms), "a task ended early");
  need(std::chrono::steady_clock::now() - begun >= 20ms, "a wait ended early");
  f.cancel(troupe::kill);
  p.close();
  p.join();
  setitimer(ITIMER_REAL, nullptr, nullptr);
  std::signal(SIGALRM, SIG_IGN);
  need(strangers == 0, "the host's handler ran on a thread of the library");
}

std::size_t entries(const char* directory) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator{directory}, {}));
}

void few_descriptors() {
  const auto before = entries("/proc/self/fd"), threads = entries("/proc/self/task");
  rlimit old{};
  getrlimit(RLIMIT_NOFILE, &old);
  int failed = 0, fine = 0;
  for (rlim_t spare = 1; spare < 40; ++spare) {
    const rlimit few{before - 1 + spare, old.rlim_max};
    setrlimit(RLIMIT_NOFILE, &few);
    try {
      troupe::system sys;
      troupe::pool p{sys, {.workers = 3, .grace = 500ms}};
      need(p.apply<square>(3) == 9, "a wrong value");
      ++fine;
    } catch (const troupe::start_error& e) {
      need(e.errno_value() == EMFILE, std::string{"errno: "} + e.what());
      ++failed;
    }
    setrlimit(RLIMIT_NOFILE, &old);
    need(entries("/proc/self/fd") == before, "descriptors are left at " + std::to_string(spare));
    for (int i = 0; i < 2000 && entries("/proc/self/task") != threads; ++i) usleep(1000);
    need(entries("/proc/self/task") == threads, "threads are left at " + std::to_string(spare));
    need(waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD, "children are left");
  }
  need(failed > 5 && fine > 5, std::to_string(failed) + " failed, " + std::to_string(fine) + " fine");
}

}  // namespace

int main(int argc, char** argv) {
  troupe::init(argc, argv);
  const std::map<std::string, void (*)()> modes{
      {"own_actors", own_actors},     {"reaper", reaper},
      {"ignores_children", ignores_children}, {"own_children", own_children},
      {"blocked_signals", blocked_signals},   {"alarm_storm", alarm_storm},
      {"few_descriptors", few_descriptors}};
  const auto at = modes.find(argc > 1 ? argv[1] : "");
  if (at == modes.end()) return 2;
  try {
    at->second();
  } catch (const std::exception& e) {
    wrong(e.what());
  }
}
