// A death costs one task: every way to die, amid ten thousand tasks. Processes only.
#include "tests/runtime/deaths.hpp"

#include <csignal>
#include <numeric>
#include <unistd.h>

using namespace support;
using troupe::worker_lost;

namespace {

int square_or_die(int x, int fatal, const std::string& how) { return x == fatal ? die(how) : square(x); }

struct end_expected {
  std::string how;
  int code = 0;
  int signal = 0;
  std::string text = {};  ///< to be found in what()
};
void PrintTo(const end_expected& e, std::ostream* out) { *out << e.how; }

class Death : public clean_test, public testing::WithParamInterface<end_expected> {
 protected:
  void SetUp() override {
    if (under_asan && (GetParam().how == "memory" || GetParam().signal == SIGSEGV || GetParam().signal == SIGBUS))
      GTEST_SKIP() << "AddressSanitizer has its own way there";
    clean_test::SetUp();
  }
  troupe::pool eight(troupe::loss_policy on_loss = troupe::loss_policy::fail_task) {
    return pool({.workers = 8, .memory_limit = GetParam().how == "memory" ? std::size_t{256} << 20 : 0, .on_loss = on_loss});
  }
  void expect_end(const std::exception_ptr& error) {
    ASSERT_TRUE(is<worker_lost>(error)) << what(error);
    const auto e = as<worker_lost>(error);
    EXPECT_EQ(e.exit_status().code, GetParam().code);
    EXPECT_EQ(e.exit_status().signal, GetParam().signal);
    EXPECT_GT(e.pid(), 0);
    EXPECT_NE(e.pid(), getpid());
    EXPECT_FALSE(e.worker().empty());
    EXPECT_EQ(e.phase(), troupe::phase::started);
    EXPECT_EQ(e.attempt(), 1);
    EXPECT_NE(what(error).find(e.exit_status().to_string()), std::string::npos) << what(error);
    EXPECT_NE(what(error).find(GetParam().text), std::string::npos) << what(error);
  }
};

INSTANTIATE_TEST_SUITE_P(, Death, testing::Values(
    end_expected{"raise 9", 0, SIGKILL}, end_expected{"raise 15", 0, SIGTERM},
    end_expected{"raise 2", 0, SIGINT}, end_expected{"raise 1", 0, SIGHUP},
    end_expected{"raise 10", 0, SIGUSR1}, end_expected{"raise 13", 0, SIGPIPE},
    end_expected{"SIGSEGV", 0, SIGSEGV}, end_expected{"SIGBUS", 0, SIGBUS},
    end_expected{"raise 8", 0, SIGFPE}, end_expected{"raise 4", 0, SIGILL},
    end_expected{"abort", 0, SIGABRT}, end_expected{"exit(0)", 0, 0}, end_expected{"exit(3)", 3, 0},
    end_expected{"_exit(5)", 5, 0}, end_expected{"quick_exit(6)", 6, 0},
    end_expected{"stack overflow", 0, SIGSEGV, "stack overflow"},
    end_expected{"std::terminate", 0, SIGABRT, "terminate called"},
    end_expected{"noexcept", 0, SIGABRT, "out of noexcept"},
    end_expected{"destructor", 0, SIGABRT},
    end_expected{"memory", 0, SIGKILL, "memory limit"}),
    [](const auto& p) {
      auto name = p.param.how;
      for (auto& c : name) if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
      return name;
    });

TEST_P(Death, OfOneAmongTenThousandSubmitsFailsThatTaskOnly) {
  auto p = eight();
  constexpr int n = 10'000, fatal = 4321;
  std::vector<troupe::future<int>> all;
  for (int i = 0; i < n; ++i)
    all.push_back(i == fatal ? p.submit<die>(GetParam().how) : p.submit<square>(i % 1000));
  for (int i = 0; i < n; ++i) {
    const auto& f = all[static_cast<std::size_t>(i)];
    ASSERT_TRUE(f.wait_for(30s)) << i;
    if (i == fatal) expect_end(f.error());
    else EXPECT_EQ(value_or_error(f), std::to_string((i % 1000) * (i % 1000))) << i;
  }
  EXPECT_EQ(p.stats().lost, 1U);
  EXPECT_TRUE(eventually([&] { return p.stats().restarts == 1; }));
  EXPECT_EQ(p.apply<square>(3), 9);
  EXPECT_TRUE(eventually([&] { return events("worker_lost") == 1; }));
}

TEST_P(Death, OfOneItemAmongTenThousandCostsAStreamThatItemOnly) {
  auto p = eight();
  constexpr int n = 10'000, fatal = 7654;
  std::vector<std::pair<int, std::string>> items;
  for (int i = 0; i < n; ++i) items.emplace_back(i, i == fatal ? GetParam().how : "");
  auto t = p.imap([](const std::pair<int, std::string>& x) { return x.second.empty() ? square(x.first % 1000) : die(x.second); },
                  items, {.window = 2000});
  for (int i = 0; i < n; ++i) {
    if (i == fatal) expect_end(thrown_by([&] { t.next(); }));
    else ASSERT_EQ(t.next(), (i % 1000) * (i % 1000)) << i;
  }
  EXPECT_EQ(p.stats().lost, 1U);
}

TEST_P(Death, InAMapIsThrownByTheMap) {
  auto p = eight();
  constexpr int n = 10'000;
  std::vector<int> xs(n);
  std::iota(xs.begin(), xs.end(), 0);
  expect_end(thrown_by([&] {
    p.map<square_or_die>(xs, std::vector<int>(n, 5000), std::vector<std::string>(n, GetParam().how));
  }));
  EXPECT_EQ(p.map<square>(std::vector<int>(n, 2)), std::vector<int>(n, 4));
}

}  // namespace
