// The host's end of calls, with a worker that is played by hand: honest, hasty, and hostile.
#include "runtime/call_link.hpp"

#include "actors/queue_state.hpp"

#include "tests/runtime/support.hpp"

#include <unistd.h>

using namespace support;
using namespace troupe::detail;

namespace {

const int a_system = 0;

class CallLink : public clean_test {
 protected:
  void SetUp() override {
    clean_test::SetUp();
    connect();
  }
  void TearDown() override {
    disconnect();
    clean_test::TearDown();
  }
  void connect() {
    int fd = -1;
    region = shared_region::create(fd);
    close(fd);
    out.emplace(region.page()->calls_to_host, region.calls_to_host());
    in.emplace(region.page()->calls_to_worker, region.calls_to_worker());
    q = object::make(&a_system, object_kind::queue, std::make_unique<queue_state>(queue_rules{}));
    link = std::make_shared<call_link>(
        region, [this](std::uint64_t n) { return n == lent ? object::find(n) : nullptr; },
        [this](std::uint64_t slice, std::shared_ptr<object> o) { attached[slice] = std::move(o); });
    lent = q->name().number;
  }
  void disconnect() {
    link->over();
    link.reset();
    q.reset();
    attached.clear();
    region = {};
  }

  void write(frame_header h, const call_head& c, std::string payload = "") {
    h.length = sizeof c + payload.size();
    std::memcpy(out->at(), &h, sizeof h);
    std::memcpy(out->at(sizeof h), &c, sizeof c);
    std::memcpy(out->at(sizeof h + sizeof c), payload.data(), payload.size());
    out->publish(padded(sizeof h + h.length));
  }
  void tell(link_verb v, std::uint64_t target, std::uint64_t number = 0, std::uint64_t id = 0) {
    write({.kind = frame_kind::handle, .id = id, .target = target},
          {.number = number, .what = static_cast<std::uint8_t>(v)});
  }
  void ask(std::uint64_t id, verb v, std::string payload = "", std::uint64_t thread = 1) {
    write({.kind = frame_kind::handle, .id = id, .target = q->name().number},
          {.thread = thread, .what = static_cast<std::uint8_t>(v)}, std::move(payload));
  }
  void hear() {
    while (link->drain()) {
    }
    link->pump();
  }
  // The oldest answer: "id how payload"; "" if there is none.
  std::string heard() {
    if (*in->available() == 0) return "";
    frame_header h;
    reply_head r;
    std::memcpy(&h, in->at(), sizeof h);
    std::memcpy(&r, in->at(sizeof h), sizeof r);
    const std::string payload(reinterpret_cast<const char*>(in->at(sizeof h + sizeof r)),
                              h.length - sizeof r);
    in->consume(padded(sizeof h + h.length));
    return std::to_string(h.id) + " " + std::to_string(r.how) + " " + payload;
  }
  bool breaks() {
    try {
      hear();
      return false;
    } catch (const call_link::protocol_error&) {
      return true;
    }
  }

  shared_region region;
  std::optional<ring_writer> out;
  std::optional<ring_reader> in;
  std::shared_ptr<object> q;
  std::shared_ptr<call_link> link;
  std::uint64_t lent = 0;
  std::map<std::uint64_t, std::shared_ptr<object>> attached;
};

TEST_F(CallLink, HandsCallsToTheObjectAndItsAnswersBack) {
  tell(link_verb::retain, lent);
  ask(1, verb::put, "hello");
  ask(2, verb::get);
  hear();
  EXPECT_EQ(heard(), "1 0 ");
  EXPECT_EQ(heard(), "2 0 hello");
  EXPECT_EQ(heard(), "");
}

TEST_F(CallLink, AnAnswerMayComeLater) {
  tell(link_verb::retain, lent);
  ask(1, verb::get);
  hear();
  EXPECT_EQ(heard(), "");
  call c{.what = verb::put};
  q->perform(std::move(c));
  EXPECT_EQ(heard(), "1 0 ");
}

TEST_F(CallLink, WhatWasNotGivenIsAsIfItWereNotThere) {
  lent = 0;
  ask(1, verb::put, "x");
  tell(link_verb::retain, q->name().number);
  ask(2, verb::put, "x");
  hear();
  EXPECT_EQ(heard(), "1 3 ");
  EXPECT_EQ(heard(), "2 3 ");
  EXPECT_EQ(q->perform({.what = verb::size}).number, 0U);
}

TEST_F(CallLink, KeepsWhatTheWorkerHasUntilItReleasesIt) {
  tell(link_verb::retain, lent);
  tell(link_verb::retain, lent);
  hear();
  const std::weak_ptr<object> watched = q;
  q.reset();
  tell(link_verb::release, lent);
  hear();
  EXPECT_FALSE(watched.expired());
  tell(link_verb::release, lent);
  tell(link_verb::release, lent);
  hear();
  EXPECT_TRUE(watched.expired());
}

TEST_F(CallLink, AHandleInAResultIsAttachedToIt) {
  tell(link_verb::retain, lent);
  tell(link_verb::attach, lent, 5);
  tell(link_verb::attach, lent + 1000, 6);
  hear();
  EXPECT_EQ(attached[5], q);
  EXPECT_EQ(attached.size(), 1U);
}

TEST_F(CallLink, AWithdrawnCallIsAnsweredOnce) {
  tell(link_verb::retain, lent);
  ask(1, verb::get);
  tell(link_verb::withdraw, lent, 0, 1);
  tell(link_verb::withdraw, lent, 0, 1);
  tell(link_verb::withdraw, lent, 0, 77);
  hear();
  EXPECT_EQ(heard(), "1 2 ");
  EXPECT_EQ(heard(), "");
}

TEST_F(CallLink, AThreadThatEndsIsForgotten) {
  tell(link_verb::retain, lent);
  ask(1, verb::get, "", 1);
  ask(2, verb::get, "", 2);
  tell(link_verb::thread_ended, 0, 1);
  tell(link_verb::thread_ended, 0, 0);  // nobody
  hear();
  q->perform({.what = verb::put});
  EXPECT_EQ(heard(), "2 0 ");
}

TEST_F(CallLink, AnswersWaitForRoomInTheirOrder) {
  tell(link_verb::retain, lent);
  const std::string large(100'000, 'x');
  for (std::uint64_t i = 0; i < 6; ++i) {
    ask(2 * i + 1, verb::put, large + std::to_string(i));
    ask(2 * i + 2, verb::get);
    hear();
  }
  for (std::uint64_t i = 0; i < 6; ++i) {
    EXPECT_EQ(heard(), std::to_string(2 * i + 1) + " 0 ");
    EXPECT_EQ(heard(), std::to_string(2 * i + 2) + " 0 " + large + std::to_string(i));
    link->pump();
  }
}

TEST_F(CallLink, NothingIsHeardAfterItsEnd) {
  tell(link_verb::retain, lent);
  ask(1, verb::get);
  hear();
  link->over();
  link->over();
  q->perform({.what = verb::put});
  EXPECT_EQ(heard(), "");
  EXPECT_EQ(q->perform({.what = verb::size}).number, 1U) << "the dead take nothing";
}

// --- hostile ---------------------------------------------------------------------------------

TEST_F(CallLink, OtherFramesBreakTheProtocol) {
  write({.kind = frame_kind::reply}, {});
  EXPECT_TRUE(breaks());
}

TEST_F(CallLink, ABadMagicBreaksTheProtocol) {
  write({.magic = 1, .kind = frame_kind::handle}, {});
  EXPECT_TRUE(breaks());
}

TEST_F(CallLink, ForgedPositionsBreakTheProtocol) {
  region.page()->calls_to_host.head = 1'000'000'000;
  EXPECT_TRUE(breaks());
  region.page()->calls_to_host.head = 8;
  EXPECT_TRUE(breaks());
}

TEST_F(CallLink, AForgedLengthBreaksTheProtocol) {
  frame_header h{.kind = frame_kind::handle, .length = 3};
  std::memcpy(out->at(), &h, sizeof h);
  out->publish(64);
  EXPECT_TRUE(breaks());
  region.page()->calls_to_host.head = 64;
  h.length = std::uint64_t{1} << 60;
  std::memcpy(region.calls_to_host(), &h, sizeof h);
  EXPECT_TRUE(breaks());
}

TEST_F(CallLink, MoreKeptHandlesThanThereIsRoomForBreakTheProtocol) {
  write({.kind = frame_kind::handle, .id = 1, .target = lent},
        {.thread = 1, .what = static_cast<std::uint8_t>(verb::put), .keeps = 1'000'000});
  EXPECT_TRUE(breaks());
}

TEST_F(CallLink, ANumberUsedTwiceBreaksTheProtocol) {
  tell(link_verb::retain, lent);
  ask(1, verb::get);
  ask(1, verb::get);
  EXPECT_TRUE(breaks());
}

TEST_F(CallLink, RandomCallsCostNothingButTheLink) {
  auto random = random_source();
  for (int round = 0; round < 300; ++round) {
    frame_header h{.kind = frame_kind::handle, .id = random() % 8, .target = random() % 2 ? lent : random() % 100};
    call_head c{.thread = random() % 4, .number = random(), .what = static_cast<std::uint8_t>(random()),
                .at_once = static_cast<std::uint8_t>(random() % 2), .keeps = static_cast<std::uint32_t>(random() % 3)};
    write(h, c, std::string(random() % 64, 'x'));
    try {
      hear();
    } catch (const call_link::protocol_error&) {
      disconnect();
      connect();
      tell(link_verb::retain, lent);
    }
    while (!heard().empty()) {
    }
  }
  disconnect();
  connect();
  tell(link_verb::retain, lent);
  ask(1, verb::size);
  EXPECT_FALSE(breaks());
  EXPECT_FALSE(heard().empty()) << "an honest link is answered as ever";
}

}  // namespace
