#include <benchmark/benchmark.h>

#include <troupe/init.hpp>

int main(int argc, char** argv) {
  troupe::init(argc, argv);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
