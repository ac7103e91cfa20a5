// The inner parts, one at a time: what turning values into bytes costs, the ring, and a task with
// no worker (all of the way but the queue and the switch of threads).
#include "runtime/ring.hpp"

#include <troupe/troupe.hpp>

#include <benchmark/benchmark.h>

#include <cstring>
#include <numeric>
#include <unistd.h>

namespace {

template <class T>
void there_and_back(benchmark::State& state, const T& value) {
  std::size_t bytes = 0;
  for (auto _ : state) {
    const auto out = troupe::detail::encoded(value);
    bytes += out.size();
    benchmark::DoNotOptimize(troupe::decode<T>(out.view()));
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
}

void codec_int(benchmark::State& state) { there_and_back(state, 42); }
BENCHMARK(codec_int);
void codec_string(benchmark::State& state) {
  there_and_back(state, std::string(static_cast<std::size_t>(state.range(0)), 'x'));
}
BENCHMARK(codec_string)->Arg(8)->Arg(1 << 10)->Arg(1 << 20);
void codec_doubles(benchmark::State& state) {
  there_and_back(state, std::vector<double>(static_cast<std::size_t>(state.range(0)), 1.5));
}
BENCHMARK(codec_doubles)->Arg(1 << 10)->Arg(1 << 17);
void codec_words(benchmark::State& state) {
  there_and_back(state, std::vector<std::string>(1000, "a word of some length"));
}
BENCHMARK(codec_words);

// Written and read by one thread: the copy and the positions, without a wake-up.
void ring(benchmark::State& state) {
  using namespace troupe::detail;
  const auto n = static_cast<std::size_t>(state.range(0));
  int memory = -1;
  const auto region = shared_region::create(memory);
  close(memory);
  ring_writer out{region.page()->to_worker, region.to_worker()};
  ring_reader in{region.page()->to_worker, region.to_worker()};
  std::vector<std::byte> message(n), copy(n);
  for (auto _ : state) {
    std::memcpy(out.at(), message.data(), n);
    out.publish(n);
    std::memcpy(copy.data(), in.at(), *in.available());
    in.consume(n);
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(ring)->Arg(64)->Arg(64 << 10);

int plus_one(int x) { return x + 1; }

void dispatch(benchmark::State& state) {
  troupe::system sys;
  troupe::pool p{sys, {.where = troupe::placement::inline_}};
  for (auto _ : state) benchmark::DoNotOptimize(p.apply<plus_one>(1));
}
BENCHMARK(dispatch);
void dispatch_map(benchmark::State& state) {
  troupe::system sys;
  troupe::pool p{sys, {.where = troupe::placement::inline_}};
  std::vector<int> xs(1000);
  std::iota(xs.begin(), xs.end(), 0);
  for (auto _ : state) benchmark::DoNotOptimize(p.map<plus_one>(xs));
  state.SetItemsProcessed(state.iterations() * 1000);
}
BENCHMARK(dispatch_map);

}  // namespace
