#include "serialization/frame.hpp"
#include "tests/serialization/bytes.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <functional>
#include <limits>

namespace {

using namespace troupe::detail;
using testing::AllOf;
using testing::HasSubstr;

// --- the bytes of version 1 -----------------------------------------------------------------
TEST(FrameBytes, AreThoseOfFormatVersionOne) {
  frame_header h;
  h.kind = frame_kind::result;
  h.flags = flag_tell_start;
  h.length = 0x0102;
  h.id = 7;
  h.target = 0x1122334455667788;
  EXPECT_EQ(bytes::hex(std::as_bytes(std::span{&h, 1})),
            "54525031" "01" "07" "0100" "0201000000000000" "0700000000000000" "8877665544332211");
}

TEST(FrameBytes, OfATaskHeadAreThoseOfFormatVersionOne) {
  const task_head h{3, 4, 0};
  EXPECT_EQ(bytes::hex(std::as_bytes(std::span{&h, 1})), "03000000" "04000000" "0000000000000000");
}

TEST(FrameBytes, OfAResultHeadAreThoseOfFormatVersionOne) {
  const result_head h{.items = 3, .first_error = ~0U, .ran = 5, .cpu = 6, .errors = 1};
  EXPECT_EQ(bytes::hex(std::as_bytes(std::span{&h, 1})),
            "03000000" "ffffffff" "0500000000000000" "0600000000000000" "0100000000000000");
}

TEST(FrameBytes, OfAWholeFrameAreHeaderAndPayload) {
  const auto payload = bytes::from_hex("616263");
  EXPECT_EQ(bytes::hex(make_frame(frame_kind::stop, payload).view()),
            "54525031" "01" "05" "0000" "0300000000000000" "0000000000000000" "0000000000000000"
            "616263");
}

TEST(FrameKind, HasANameAndItsNumberForEver) {
  const char* names[] = {"unknown", "welcome", "hello", "ready", "failed", "stop", "task", "result",
                         "part", "started", "tell", "ask", "reply", "handle", "piece"};
  ASSERT_EQ(std::size(names), last_frame_kind + 1U);
  for (std::size_t i = 0; i < std::size(names); ++i)
    EXPECT_STREQ(to_string(static_cast<frame_kind>(i)), names[i]);
  EXPECT_STREQ(to_string(static_cast<frame_kind>(255)), "unknown");
}

TEST(Padding, RoundsUpToSixteen) {
  EXPECT_EQ(padded(0), 0u);
  EXPECT_EQ(padded(1), 16u);
  EXPECT_EQ(padded(16), 16u);
  EXPECT_EQ(padded(17), 32u);
}

// --- headers --------------------------------------------------------------------------------
struct bad_header {
  const char* name;
  std::function<void(frame_header&)> spoil;
  const char* got;
  const char* expected;
};
constexpr std::uint64_t limit = 1000;
constexpr auto huge = std::numeric_limits<std::uint64_t>::max();
const bad_header bad_headers[] = {
    {"no_magic", [](auto& h) { h.magic = 0; }, "magic number is 0", "expected 827347540"},
    {"swapped_magic", [](auto& h) { h.magic = 0x54525031; }, "magic number", "expected"},
    {"version_0", [](auto& h) { h.version = 0; }, "version is 0", "expected 1"},
    {"version_2", [](auto& h) { h.version = 2; }, "version is 2", "expected 1"},
    {"kind_0", [](auto& h) { h.kind = {}; }, "kind is 0", "1 to 14"},
    {"kind_15", [](auto& h) { h.kind = frame_kind{15}; }, "kind is 15", "1 to 14"},
    {"kind_255", [](auto& h) { h.kind = frame_kind{255}; }, "kind is 255", "1 to 14"},
    {"flags", [](auto& h) { h.flags = 2; }, "flags is 2", "expected 0"},
    {"all_flags", [](auto& h) { h.flags = 0xffff; }, "flags is 65535", "expected 0"},
    {"length_beyond", [](auto& h) { h.length = limit + 1; }, "length is 1001", "at most 1000"},
    {"length_2_32", [](auto& h) { h.length = 0xffffffff; }, "length is 4294967295", "at most 1000"},
    {"length_2_63", [](auto& h) { h.length = 1UL << 63; }, "length is 9223372036854775808", "1000"},
    {"length_negative", [](auto& h) { h.length = huge; }, "length is 18446744073709551615", "1000"},
};
void PrintTo(const bad_header& h, std::ostream* out) { *out << h.name; }

class BadHeader : public testing::TestWithParam<bad_header> {
 protected:
  frame_header header() const {
    frame_header h;
    GetParam().spoil(h);
    return h;
  }
};
INSTANTIATE_TEST_SUITE_P(With, BadHeader, testing::ValuesIn(bad_headers),
                         [](const auto& info) { return info.param.name; });

TEST_P(BadHeader, IsRefusedWithBothValues) {
  const auto error = check(header(), limit);
  ASSERT_TRUE(error.has_value());
  EXPECT_THAT(*error, AllOf(HasSubstr(GetParam().got), HasSubstr(GetParam().expected)));
}

TEST_P(BadHeader, PutsTheReaderInErrorForGood) {
  const auto h = header();
  const auto good = make_frame(frame_kind::ready, {});
  frame_reader in{limit};
  in.feed(good.view());
  in.feed(std::as_bytes(std::span{&h, 1}));
  EXPECT_TRUE(std::holds_alternative<frame>(in.next()));
  const auto first = in.next();
  ASSERT_TRUE(std::holds_alternative<std::string>(first));
  in.feed(good.view());
  const auto second = in.next();
  ASSERT_TRUE(std::holds_alternative<std::string>(second));
  EXPECT_EQ(std::get<std::string>(first), std::get<std::string>(second));
}

TEST(Header, OfEveryKindAndUpToTheLimitIsFine) {
  for (std::uint8_t kind = 1; kind <= last_frame_kind; ++kind) {
    frame_header h;
    h.kind = static_cast<frame_kind>(kind);
    h.length = limit;
    h.flags = flag_tell_start;
    h.id = h.target = huge;
    EXPECT_EQ(check(h, limit), std::nullopt);
  }
}

// --- the reader -----------------------------------------------------------------------------
bytes::block stream_of(std::initializer_list<std::size_t> payloads) {
  bytes::block stream;
  for (const auto n : payloads) {
    const auto f = make_frame(frame_kind::task, bytes::block(n, std::byte(n)));
    stream.insert(stream.end(), f.view().begin(), f.view().end());
  }
  return stream;
}

/// The payload sizes of the frames that come out; a frame with a wrong payload counts as 9999.
std::vector<std::size_t> drain(frame_reader& in) {
  std::vector<std::size_t> sizes;
  for (auto next = in.next(); std::holds_alternative<frame>(next); next = in.next()) {
    const auto& f = std::get<frame>(next);
    const bool whole = std::all_of(f.payload.begin(), f.payload.end(),
                                   [&](auto b) { return b == std::byte(f.payload.size()); });
    sizes.push_back(whole && f.header.length == f.payload.size() ? f.payload.size() : 9999);
  }
  return sizes;
}

const std::vector<std::size_t> sizes{0, 5, 100, 1};
const bytes::block whole_stream = stream_of({0, 5, 100, 1});

TEST(FrameReader, GivesTheSameFramesForEverySplitInTwo) {
  for (std::size_t cut = 0; cut <= whole_stream.size(); ++cut) {
    frame_reader in{limit};
    in.feed(bytes::view{whole_stream}.first(cut));
    auto got = drain(in);
    in.feed(bytes::view{whole_stream}.subspan(cut));
    const auto rest = drain(in);
    got.insert(got.end(), rest.begin(), rest.end());
    EXPECT_EQ(got, sizes) << "cut at " << cut;
  }
}

TEST(FrameReader, GivesTheSameFramesByteByByte) {
  frame_reader in{limit};
  std::vector<std::size_t> got;
  for (const auto& byte : whole_stream) {
    in.feed({&byte, 1});
    const auto some = drain(in);
    got.insert(got.end(), some.begin(), some.end());
  }
  EXPECT_EQ(got, sizes);
}

TEST(FrameReader, GivesTheSameFramesForRandomPiecesDrainedAtRandom) {
  std::mt19937_64 random{bytes::seed()};
  for (int round = 0; round < 500; ++round) {
    frame_reader in{limit};
    std::vector<std::size_t> got;
    for (std::size_t at = 0; at < whole_stream.size();) {
      const auto n = std::min<std::size_t>(random() % 60, whole_stream.size() - at);
      in.feed(bytes::view{whole_stream}.subspan(at, n));
      at += n;
      if (random() % 2 == 0 && at != whole_stream.size()) continue;
      const auto some = drain(in);
      got.insert(got.end(), some.begin(), some.end());
    }
    EXPECT_EQ(got, sizes) << round;
  }
}

TEST(FrameReader, NeverGivesPartOfAFrame) {
  const auto one = stream_of({40});
  for (std::size_t n = 0; n < one.size(); ++n) {
    frame_reader in{limit};
    in.feed(bytes::view{one}.first(n));
    EXPECT_TRUE(std::holds_alternative<std::monostate>(in.next())) << n;
  }
}

TEST(FrameReader, TakesAFrameOfExactlyTheLimit) {
  frame_reader in{100};
  in.feed(stream_of({100}));
  EXPECT_EQ(drain(in), std::vector<std::size_t>{100});
}

TEST(FrameReader, ToleratesEmptyFeeds) {
  frame_reader in{limit};
  in.feed({});
  EXPECT_TRUE(std::holds_alternative<std::monostate>(in.next()));
  in.feed(whole_stream);
  in.feed({});
  EXPECT_EQ(drain(in), sizes);
}

TEST(FrameReader, MutatedStreamsGiveFramesOrAnErrorThatStays) {
  std::mt19937_64 random{bytes::seed()};
  for (int round = 0; round < 20'000; ++round) {
    auto stream = whole_stream;
    for (auto n = random() % 4 + 1; n != 0; --n)
      stream[random() % stream.size()] = static_cast<std::byte>(random());
    stream.resize(random() % stream.size());
    frame_reader in{limit};
    in.feed(stream);
    std::size_t frames = 0;
    auto next = in.next();
    for (; std::holds_alternative<frame>(next); next = in.next())
      EXPECT_LE(++frames, stream.size() / sizeof(frame_header));
    EXPECT_EQ(in.next().index(), next.index());
  }
}

}  // namespace
