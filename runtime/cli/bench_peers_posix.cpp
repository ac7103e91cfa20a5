// The peers of troupe bench, each as its own documentation would write it.

#include "runtime/cli/bench.hpp"

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <sys/wait.h>
#include <unistd.h>

#ifdef TROUPE_HAVE_ZMQ
#include <zmq.h>
#endif
#ifdef TROUPE_HAVE_ASIO
#include <boost/asio/packaged_task.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#endif
#ifdef TROUPE_HAVE_TBB
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#endif

namespace troupe::cli {

namespace {

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

bool move(int fd, bool out, char* bytes, std::size_t n) {
  while (n != 0) {
    const auto k = out ? write(fd, bytes, n) : read(fd, bytes, n);
    if (k <= 0) return false;
    bytes += k;
    n -= static_cast<std::size_t>(k);
  }
  return true;
}

// The last line that a command prints, as a number.
[[maybe_unused]] std::optional<double> number_from(const std::string& command) {
  std::FILE* out = popen((command + " 2>/dev/null").c_str(), "re");
  if (out == nullptr) return std::nullopt;
  std::array<char, 200> line{};
  double value = 0;
  while (std::fgets(line.data(), line.size(), out) != nullptr) value = std::atof(line.data());
  return pclose(out) == 0 && value > 0 ? std::optional{value} : std::nullopt;
}

}  // namespace

std::optional<double> pipe_round_trip() {
  int to[2], from[2];
  if (::pipe(to) != 0 || ::pipe(from) != 0) return std::nullopt;
  constexpr int n = 20'000;
  char bytes[64] = {};
  const pid_t child = fork();
  if (child == 0) {
    for (int i = 0; i < n && move(to[0], false, bytes, 64) && move(from[1], true, bytes, 64);) ++i;
    _exit(0);
  }
  const double start = now();
  for (int i = 0; i < n && move(to[1], true, bytes, 64) && move(from[0], false, bytes, 64);) ++i;
  const double took = (now() - start) / n;
  waitpid(child, nullptr, 0);
  for (const int fd : {to[0], to[1], from[0], from[1]}) close(fd);
  return took;
}

std::optional<double> zeromq_pipelined() {
#ifdef TROUPE_HAVE_ZMQ
  const std::string endpoint = "ipc://@troupe-bench-" + std::to_string(getpid());
  const pid_t child = fork();
  if (child == 0) {
    void* context = zmq_ctx_new();
    void* socket = zmq_socket(context, ZMQ_PAIR);
    zmq_connect(socket, endpoint.c_str());
    for (;;) {
      zmq_msg_t m;
      zmq_msg_init(&m);
      if (zmq_msg_recv(&m, socket, 0) < 0 || zmq_msg_size(&m) == 1) _exit(0);
      zmq_msg_send(&m, socket, 0);
    }
  }
  void* context = zmq_ctx_new();
  void* socket = zmq_socket(context, ZMQ_PAIR);
  int unlimited = 0;
  zmq_setsockopt(socket, ZMQ_SNDHWM, &unlimited, sizeof unlimited);
  zmq_setsockopt(socket, ZMQ_RCVHWM, &unlimited, sizeof unlimited);
  zmq_bind(socket, endpoint.c_str());
  char bytes[64] = {};
  zmq_send(socket, bytes, 64, 0);
  zmq_recv(socket, bytes, 64, 0);
  constexpr int n = 200'000;
  const double start = now();
  for (int i = 0; i < n; ++i) zmq_send(socket, bytes, 64, 0);
  for (int i = 0; i < n; ++i) zmq_recv(socket, bytes, 64, 0);
  const double took = (now() - start) / n;
  zmq_send(socket, bytes, 1, 0);
  waitpid(child, nullptr, 0);
  zmq_close(socket);
  zmq_ctx_term(context);
  return took;
#else
  return std::nullopt;
#endif
}

// A program of its own, as MPI wants it; built beside this one where MPI is found.
std::optional<double> mpi_echo_16mib() {
  std::array<char, 4096> path{};
  const auto n = readlink("/proc/self/exe", path.data(), path.size() - 1);
  if (n <= 0) return std::nullopt;
  const std::string program = std::string{path.data()} + "-bench-mpi";
  if (access(program.c_str(), X_OK) != 0) return std::nullopt;
  return number_from("mpirun --allow-run-as-root --oversubscribe -n 2 " + program);
}

std::optional<double> python_pool_map() {
  return number_from(R"(python3 -c "
import time, multiprocessing as mp
def f(x): return x
with mp.get_context('fork').Pool(2) as p:
    xs = range(100000)
    p.map(f, xs)
    t = time.perf_counter()
    for _ in range(5): p.map(f, xs)
    print((time.perf_counter() - t) / 5 / 100000)
")");
}

std::optional<double> python_pool_start() {
  return number_from(R"(python3 -c "
import time, multiprocessing as mp
def f(x): return x
def once():
    p = mp.get_context('fork').Pool(2); p.apply(f, (1,)); p.terminate(); p.join()
once()
t = time.perf_counter()
for _ in range(5): once()
print((time.perf_counter() - t) / 5)
")");
}

std::optional<double> python_queue() {
  return number_from(R"(python3 -c "
import time, multiprocessing as mp
def relay(q, r):
    for x in iter(q.get, None): r.put(x)
m = mp.get_context('fork')
q, r = m.Queue(), m.Queue()
p = m.Process(target=relay, args=(q, r)); p.start()
q.put(1); r.get()
n = 20000
t = time.perf_counter()
for i in range(n): q.put(i)
for i in range(n): r.get()
took = (time.perf_counter() - t) / n
q.put(None); p.join()
print(took)
")");
}

#ifdef TROUPE_HAVE_ASIO
namespace {
auto post(boost::asio::thread_pool& pool, int i) {
  return boost::asio::post(pool, std::packaged_task<int()>([i] { return i; }));
}
}  // namespace
#endif

std::optional<double> asio_round_trip() {
#ifdef TROUPE_HAVE_ASIO
  boost::asio::thread_pool pool{1};
  post(pool, 1).get();
  constexpr int n = 10'000;
  const double start = now();
  for (int i = 0; i < n; ++i) post(pool, i).get();
  return (now() - start) / n;
#else
  return std::nullopt;
#endif
}

std::optional<double> asio_streaming() {
#ifdef TROUPE_HAVE_ASIO
  boost::asio::thread_pool pool{2};
  constexpr int n = 200'000;
  std::vector<std::future<int>> futures;
  futures.reserve(n);
  const double start = now();
  for (int i = 0; i < n; ++i) futures.push_back(post(pool, i));
  for (auto& f : futures) f.get();
  return (now() - start) / n;
#else
  return std::nullopt;
#endif
}

std::optional<double> tbb_parallel_for() {
#ifdef TROUPE_HAVE_TBB
  tbb::global_control two{tbb::global_control::max_allowed_parallelism, 2};
  constexpr int n = 1'000'000;
  const std::vector<int> in(n);
  const auto once = [&] {
    std::vector<int> out(n);
    tbb::parallel_for(0, n, [&](int i) { out[static_cast<std::size_t>(i)] = in[static_cast<std::size_t>(i)]; });
  };
  once();
  const double start = now();
  for (int i = 0; i < 5; ++i) once();
  return (now() - start) / 5 / n;
#else
  return std::nullopt;
#endif
}

}  // namespace troupe::cli
