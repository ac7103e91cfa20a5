// A worker process that breaks the rules of the link (tests/programs/hostile_worker.cpp): it costs
// itself and the task that it had begun, and nobody else anything.
#include "tests/runtime/support.hpp"

#include <numeric>

using namespace support;
using testing::HasSubstr;

namespace {

const std::string hostile_program = TROUPE_PROGRAMS_DIR "/hostile_worker";

class HostileWorker : public clean_test {
 protected:
  void SetUp() override {
    clean_test::SetUp();
    sys({.worker_executable = hostile_program});
    honest_.emplace(pool({.workers = 1, .name = "honest"}));
  }
  void TearDown() override {
    honest_answers_rightly();
    honest_.reset();
    clean_test::TearDown();
  }
  /// Its first worker does what `mode` says; those that replace it are honest.
  troupe::pool bad(const std::string& mode, troupe::pool_options o = {}) {
    o.workers = std::max<std::size_t>(o.workers, 1);
    o.name = "bad." + mode;
    o.grace = 50ms;
    return pool(o);
  }
  void honest_answers_rightly() {
    std::vector<int> xs(200), expected;
    std::iota(xs.begin(), xs.end(), 0);
    for (const int x : xs) expected.push_back(x * x);
    EXPECT_EQ(honest_->map<square>(xs), expected);
  }

 private:
  std::optional<troupe::pool> honest_;
};

// --- offences: the worker is ended at once, and why is said ----------------------------------

struct offence {
  const char* mode;
  const char* says;
};
void PrintTo(const offence& o, std::ostream* out) { *out << o.mode; }

class Offence : public HostileWorker, public testing::WithParamInterface<offence> {};

TEST_P(Offence, CostsTheWorkerAndTheTaskThatItHadBegun) {
  reset_peak_memory();
  const auto before = peak_memory();
  auto p = bad(GetParam().mode);
  const auto first = p.submit<square>(3);
  const auto second = p.submit<square>(4);
  const auto lost = as<troupe::worker_lost>(first.error());
  EXPECT_THAT(lost.what(), HasSubstr("it broke the protocol"));
  EXPECT_THAT(lost.what(), HasSubstr(GetParam().says));
  EXPECT_EQ(lost.exit_status().signal, SIGKILL);
  EXPECT_EQ(second.get(), 16);
  EXPECT_EQ(p.stats().lost, 1U);
  EXPECT_EQ(p.stats().done, 1U);
  EXPECT_EQ(p.stats().failed, 1U);
  if (!under_asan) {
    EXPECT_LT(peak_memory(), before + (32U << 20));
  }
}

INSTANTIATE_TEST_SUITE_P(
    , Offence,
    testing::Values(
        offence{"head_unaligned", "forged a position"}, offence{"head_beyond", "forged a position"},
        offence{"head_back", "forged a position"}, offence{"frame_cut_short", "cut short"},
        offence{"magic", "magic number"}, offence{"version", "format version is 2, expected 1"},
        offence{"kind_0", "kind is 0"}, offence{"kind_15", "kind is 15"},
        offence{"kind_task", "unexpected frame: task"}, offence{"kind_hello", "unexpected frame: hello"},
        offence{"flags", "flags is 32768"}, offence{"length_0", "unexpected frame: result"},
        offence{"length_longer", "before it was whole"},
        offence{"length_max_plus_1", "length is 4294967297, expected at most 262112"},
        offence{"length_2_63", "length is 9223372036854775808"},
        offence{"length_all_ones", "length is 18446744073709551615"},
        offence{"id_0", "of slice 0"}, offence{"id_next", "of slice 2"},
        offence{"id_huge", "of slice 9223372036854775808"}, offence{"items_0", "unexpected frame"},
        offence{"items_2", "unexpected frame"}, offence{"items_all_ones", "unexpected frame"},
        offence{"part_too_many", "unexpected frame: part"},
        offence{"part_with_errors", "unexpected frame: part"},
        offence{"empty_parts", "unexpected frame: part"},
        offence{"started_unasked", "unexpected frame: started"},
        offence{"large_at_once", "length is 262144, expected at most 262112"},
        offence{"piece_without_head", "unexpected frame: piece"},
        offence{"piece_of_a_wrong_id", "unexpected frame: piece of slice 2"},
        offence{"piece_too_large", "length is 262144, expected at most 262112"},
        offence{"piece_of_2_60", "unexpected frame: piece"},
        offence{"piece_of_all_ones", "unexpected frame: piece"},
        offence{"piece_of_max", "unexpected frame: piece"},
        offence{"piece_with_items", "unexpected frame: piece"},
        offence{"piece_of_nothing", "unexpected frame: piece"},
        offence{"piece_then_wrong_answer", "unexpected frame: result"},
        offence{"socket_garbage", "magic number"}, offence{"socket_endless", "magic number"},
        offence{"socket_too_large", "length is 1048577"},
        offence{"socket_largest_then_unknown", "unexpected message: welcome"},
        offence{"hello_again", "unexpected message: hello"},
        offence{"ready_again", "unexpected message: ready"},
        offence{"failed_when_ready", "unexpected message: failed"}),
    [](const auto& i) { return std::string{i.param.mode}; });

TEST_F(HostileWorker, ThatStartsATaskWithADeadlineAgainAndAgainIsEnded) {
  auto p = bad("started_unasked");
  const auto f = p.submit<square>(troupe::call_options{.deadline = 20s}, 3);
  EXPECT_THAT(what(f.error()), HasSubstr("unexpected frame: started of slice 1"));
}

// The answer itself was right: it is the next thing said that is none.
TEST_F(HostileWorker, ThatAnswersTwiceHasAnswered) {
  for (const auto* mode : {"answer_twice", "part_after_all", "piece_after_the_result", "piece_after_all_parts"}) {
    auto p = bad(mode);
    EXPECT_EQ(p.submit<square>(3).get(), 9) << mode;
    EXPECT_EQ(p.submit<square>(4).get(), 16) << mode;
    EXPECT_TRUE(eventually([&] { return p.stats().restarts == 1; })) << mode;
    EXPECT_EQ(p.stats().done, 2U) << mode;
  }
}

TEST_F(HostileWorker, ThatAnswersUnaskedIsReplaced) {
  auto p = bad("answer_unasked");
  EXPECT_TRUE(eventually([&] { return p.stats().restarts == 1; }));
  EXPECT_EQ(p.submit<square>(4).get(), 16);
}

TEST_F(HostileWorker, CanWriteWhatItLikesIntoItsRing) {
  auto random = random_source();
  for (int i = 0; i < (under_asan ? 10 : 30); ++i) {
    auto p = bad("noise." + std::to_string(random()));
    std::vector<troupe::future<int>> fs;
    for (int x = 0; x < 20; ++x) fs.push_back(p.submit<square>(x));
    // One task was in its hands; of the others it may have claimed to know the answer.
    int right = 0;
    for (int x = 0; x < 20; ++x) {
      const auto& f = fs[static_cast<std::size_t>(x)];
      if (const auto error = f.error()) EXPECT_TRUE(is<troupe::worker_lost>(error)) << what(error);
      else right += f.get() == x * x;
    }
    EXPECT_GE(right, 19);
    EXPECT_EQ(p.submit<square>(5).get(), 25);
  }
}

// --- other misbehaviour: no rule is broken, and nobody else is concerned ---------------------

TEST_F(HostileWorker, ValuesThatAreNoneAreTheErrorOfTheirTaskOnly) {
  for (const auto* mode : {"wrong_value", "longer_value"}) {
    auto p = bad(mode);
    EXPECT_TRUE(is<troupe::decode_error>(p.submit<square>(3).error())) << mode;
    EXPECT_THROW(p.map<square>({1, 2, 3}), troupe::decode_error) << mode;
    EXPECT_EQ(p.stats().restarts, 0U) << mode;
  }
}

TEST_F(HostileWorker, ForgedCursorsOfADeadWorkerAreNotBelieved) {
  for (const auto* mode : {"committed_2_40", "committed_all", "started_beyond_limit", "limit_raised"}) {
    auto p = bad(mode);
    const auto first = p.submit<square>(3);
    const auto second = p.submit<square>(4);
    EXPECT_TRUE(is<troupe::worker_lost>(first.error())) << mode << ": " << what(first.error());
    EXPECT_EQ(second.get(), 16) << mode;
  }
}

// It says that it has finished more than it was given: what it left for a result is no value.
TEST_F(HostileWorker, ResultsThatADeadWorkerNeverWroteAreNoValues) {
  auto p = bad("committed_many");
  const auto error = p.submit<square>(3).error();
  EXPECT_TRUE(is<troupe::decode_error>(error) || is<troupe::worker_lost>(error)) << what(error);
  EXPECT_EQ(p.submit<square>(4).get(), 16);
}

TEST_F(HostileWorker, LastWordsAreCutAndPrintable) {
  auto p = bad("last_words");
  const auto lost = as<troupe::worker_lost>(p.submit<square>(3).error());
  EXPECT_EQ(lost.stderr_tail(), std::string(2000, '?'));
  EXPECT_THAT(lost.detail(), Not(HasSubstr("memory limit")));
}

TEST_F(HostileWorker, ALargeResultThatEndsMidwayIsALoss) {
  auto p = bad("large_then_death");
  EXPECT_TRUE(is<troupe::worker_lost>(p.submit<square>(3).error()));
  EXPECT_EQ(p.submit<square>(4).get(), 16);
}

TEST_F(HostileWorker, ALargeResultOfNonsenseIsTheErrorOfItsTask) {
  auto p = bad("large_of_nonsense");
  EXPECT_TRUE(is<troupe::decode_error>(p.submit<square>(3).error()));
  EXPECT_TRUE(is<troupe::decode_error>(p.submit<square>(4).error()));
  EXPECT_EQ(p.stats().restarts, 0U);
}

TEST_F(HostileWorker, PiecesThatItTakesBackAreForgotten) {
  auto p = bad("large_taken_back");
  EXPECT_EQ(p.submit<square>(3).get(), 9);
  EXPECT_EQ(p.submit<square>(4).get(), 16);
  EXPECT_EQ(p.stats().restarts, 0U);
}

TEST_F(HostileWorker, PiecesBeforeAForgedCursorAreNoValue) {
  auto p = bad("large_then_forged_cursor");
  const auto error = p.submit<square>(3).error();
  EXPECT_TRUE(is<troupe::decode_error>(error)) << what(error);
  EXPECT_EQ(p.submit<square>(4).get(), 16);
}

TEST_F(HostileWorker, ThatClosesItsSocketIsEnded) {
  auto p = bad("closed_socket");
  EXPECT_TRUE(is<troupe::worker_lost>(p.submit<square>(3).error()));
  EXPECT_EQ(p.submit<square>(4).get(), 16);
}

class SilentWorker : public HostileWorker, public testing::WithParamInterface<const char*> {};
INSTANTIATE_TEST_SUITE_P(, SilentWorker,
                         testing::Values("large_never_sent", "descriptors", "bell", "claim_storm"),
                         [](const auto& i) { return std::string{i.param}; });

TEST_P(SilentWorker, IsEndedWithItsTaskAndNobodyElses) {
  auto p = bad(GetParam());
  auto f = p.submit<square>(3);
  std::vector<troupe::future<int>> behind;
  for (int x = 0; x < 10; ++x) behind.push_back(p.submit<square>(x));
  EXPECT_TRUE(eventually([&] { return f.running(); }));
  honest_answers_rightly();
  EXPECT_FALSE(f.done());
  EXPECT_TRUE(f.cancel(troupe::kill));
  EXPECT_TRUE(is<troupe::cancelled_error>(f.error()));
  for (int x = 0; x < 10; ++x) EXPECT_EQ(behind[static_cast<std::size_t>(x)].get(), x * x);
}

TEST_F(HostileWorker, DescriptorsThatItSendsDoNotStayInTheHost) {
  auto p = bad("descriptors");
  const auto before = footprint_now()["descriptors"];
  auto f = p.submit<square>(3);
  honest_answers_rightly();
  EXPECT_FALSE(f.done());
  EXPECT_EQ(footprint_now()["descriptors"], before);
  p.terminate();
}

std::size_t length_here(const std::string& text) { return text.size(); }

TEST_F(HostileWorker, ThatNeverReadsCostsNoMoreThanWhatWasSubmitted) {
  auto p = bad("never_reads");
  reset_peak_memory();
  const auto before = peak_memory();
  std::vector<troupe::future<std::size_t>> fs;
  for (int i = 0; i < 64; ++i) fs.push_back(p.submit<length_here>(std::string(1 << 20, 'x')));
  honest_answers_rightly();
  if (!under_asan) {
    EXPECT_LT(peak_memory(), before + (160U << 20));
  }
  p.terminate();
  for (const auto& f : fs) EXPECT_TRUE(is<troupe::cancelled_error>(f.error()));
}

}  // namespace
