// Work in the host, in a thread worker or in a process worker, for tests of what goes between them.
#pragma once

#include "tests/runtime/support.hpp"

#include <functional>
#include <future>
#include <memory>

namespace support {

enum class place { host, thread, process };
inline const char* to_string(place p) {
  return p == place::host ? "host" : p == place::thread ? "thread" : "process";
}
inline const auto every_place = testing::Values(place::host, place::thread, place::process);

/// Runs functions at any place, several at once.
class places_test : public clean_test {
 protected:
  void SetUp() override {
    clean_test::SetUp();
    sys();
  }
  void TearDown() override {
    pools_.clear();
    clean_test::TearDown();
  }

  troupe::pool& pool_at(place p) {
    auto& at = pools_[p];
    if (!at)
      at = std::make_unique<troupe::pool>(
          sys(), troupe::pool_options{.workers = 8,
                                      .where = p == place::thread ? troupe::placement::thread
                                                                  : troupe::placement::process});
    return *at;
  }
  /// Begins F there; call what comes back to wait for its result.
  template <auto F, class... A>
  auto begin(place p, const A&... args) {
    using R = decltype(F(args...));
    if (p == place::host) {
      auto f = std::make_shared<std::future<R>>(std::async(std::launch::async, F, args...));
      return std::function<R()>{[f] { return f->get(); }};
    }
    auto f = pool_at(p).template submit<F>(args...);
    return std::function<R()>{[f]() -> R { return f.get(20s * (under_asan ? 10 : 5)); }};
  }

 private:
  std::map<place, std::unique_ptr<troupe::pool>> pools_;
};

class placed_objects : public places_test, public testing::WithParamInterface<place> {
 protected:
  place where() const { return GetParam(); }
};
inline std::string place_name(const testing::TestParamInfo<place>& p) { return to_string(p.param); }

/// One here, the other there.
using pair_of_places = std::tuple<place, place>;
class between_places : public places_test, public testing::WithParamInterface<pair_of_places> {
 protected:
  place here() const { return std::get<0>(GetParam()); }
  place there() const { return std::get<1>(GetParam()); }
};
inline std::string pair_name(const testing::TestParamInfo<pair_of_places>& p) {
  return std::string{to_string(std::get<0>(p.param))} + "_" + to_string(std::get<1>(p.param));
}
inline const auto every_pair = testing::Combine(every_place, every_place);

}  // namespace support
