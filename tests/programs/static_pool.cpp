// A system and a pool that are static objects, with work under way when main returns.
#include <troupe/troupe.hpp>

#include <cstdlib>
#include <memory>
#include <string>

namespace {

struct globals {
  troupe::system sys;
  std::unique_ptr<troupe::pool> pool;
};
globals& all() {
  static globals g;
  return g;
}

int nap(int x) {
  troupe::tasks::sleep(std::chrono::milliseconds{1});
  return x;
}

}  // namespace

int main(int argc, char** argv) {
  troupe::init(argc, argv);
  const std::string where = argc > 1 ? argv[1] : "process";
  all().pool = std::make_unique<troupe::pool>(
      all().sys, troupe::pool_options{.workers = 2, .where = where == "thread"
                                                                 ? troupe::placement::thread
                                                                 : troupe::placement::process});
  for (int i = 0; i < 50; ++i) all().pool->submit<nap>(i);
  if (argc > 2) std::exit(0);
  return 0;
}
