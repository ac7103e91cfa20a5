#include "runtime/object.hpp"

#include "actors/lock_state.hpp"
#include "actors/queue_state.hpp"

#include "tests/runtime/support.hpp"

#include <thread>

using namespace support;
using namespace troupe::detail;

namespace {

const int system_a = 0, system_b = 0;

std::shared_ptr<object> a_queue(const void* system = &system_a) {
  return object::make(system, object_kind::queue, std::make_unique<queue_state>(queue_rules{}));
}
call put(std::string text) {
  call c{.what = verb::put};
  c.payload.append(std::as_bytes(std::span{text}));
  return c;
}
std::string text_of(const reply& r) {
  const auto bytes = r.payload.view();
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
template <class Ref>
buffer saved(const Ref& ref, keepers& keep) {
  buffer b;
  buffer_sink to{b};
  troupe::writer w{to};
  const keeping note{keep};
  save_reference(w, object_kind::queue, ref);
  to.done();
  return b;
}

TEST(Object, AnswersWhoAsks) {
  const auto q = a_queue();
  EXPECT_EQ(q->perform(put("x")).how, outcome::done);
  EXPECT_EQ(text_of(q->perform({.what = verb::get})), "x");
  EXPECT_EQ(q->perform({.what = verb::get, .at_once = true}).how, outcome::would_block);
  EXPECT_EQ(q->perform({.what = verb::get, .until = std::chrono::steady_clock::now()}).how,
            outcome::timed_out);
}

TEST(Object, IsFoundByItsNumberWhileThereIsAHandle) {
  auto q = a_queue();
  const auto number = q->name().number;
  EXPECT_EQ(object::find(number), q);
  q.reset();
  EXPECT_EQ(object::find(number), nullptr);
}

TEST(Object, EndsWithItsSystemAndNoOther) {
  const auto a = a_queue(&system_a), b = a_queue(&system_b);
  object::end_all(&system_a);
  EXPECT_EQ(a->perform(put("x")).how, outcome::closed);
  EXPECT_EQ(b->perform(put("x")).how, outcome::done);
}

TEST(Object, HearsOfTheEndOfAThread) {
  const auto m = object::make(&system_a, object_kind::mutex, std::make_unique<lock_state>());
  std::thread{[&] { m->perform({.what = verb::acquire}); }}.join();
  EXPECT_EQ(m->perform({.what = verb::acquire, .at_once = true}).how, outcome::done);
}

TEST(Reference, TravelsAsItsName) {
  const auto q = a_queue();
  keepers keep;
  const auto bytes = saved(object_ref{q}, keep);
  EXPECT_EQ(bytes.size(), 17U);
  EXPECT_EQ(keep, keepers{q}) << "who sends it keeps it";
  troupe::reader from{bytes.view()};
  EXPECT_EQ(load_reference(from, object_kind::queue), q);
}

TEST(Reference, ToWhatIsNoMoreAnswersClosed) {
  keepers keep;
  const auto bytes = saved(object_ref{a_queue()}, keep);
  keep.clear();
  troupe::reader from{bytes.view()};
  const auto ref = load_reference(from, object_kind::queue);
  EXPECT_EQ(ref->perform(put("x")).how, outcome::closed);
}

TEST(Reference, ToAnotherKindIsADecodeError) {
  keepers keep;
  const auto q = a_queue();
  const auto bytes = saved(object_ref{q}, keep);
  troupe::reader from{bytes.view()};
  EXPECT_THROW(load_reference(from, object_kind::mutex), troupe::decode_error);
  auto forged = saved(object_ref{q}, keep);
  forged.data()[0] = static_cast<std::byte>(object_kind::mutex);
  troupe::reader again{forged.view()};
  EXPECT_THROW(load_reference(again, object_kind::mutex), troupe::decode_error);
}

TEST(Reference, ToNothingStaysNothing) {
  keepers keep;
  const auto bytes = saved(object_ref{}, keep);
  troupe::reader from{bytes.view()};
  EXPECT_EQ(load_reference(from, object_kind::queue), nullptr);
  EXPECT_TRUE(keep.empty());
}

TEST(Reference, ToAnObjectOfAWorkersOwnDoesNotLeaveForItsHost) {
  const auto q = a_queue();
  keepers keep;
  buffer b;
  buffer_sink to{b};
  troupe::writer w{to};
  const keeping note{keep, true};
  EXPECT_THROW(save_reference(w, object_kind::queue, q), troupe::encode_error);
}

}  // namespace
