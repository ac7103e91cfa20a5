// A worker program that speaks the link and breaks its rules. The first worker of a pool named
// bad.MODE does what MODE says; every other is honest: it becomes the host's own program.
#include "tests/programs/hostile_link.hpp"

#include <functional>
#include <map>
#include <random>
#include <string_view>
#include <sys/wait.h>

using namespace hostile;

namespace {

std::string argument;  // what follows MODE behind a dot
constexpr std::uint64_t huge = std::uint64_t{1} << 63;

void spoiled(worker_link& l, const std::function<void(frame_header&)>& spoil) {
  const auto t = l.take();
  const auto p = worker_link::payload(one_item, t.x * t.x);
  auto h = worker_link::result(t, p.size());
  spoil(h);
  l.publish(h, p);
}

void answered(worker_link& l, result_head r, frame_kind kind = frame_kind::result) {
  l.answer(l.take(), r, kind);
}

void socket_bytes(worker_link& l, std::size_t n) {
  std::mt19937_64 random{n};
  std::vector<std::byte> bytes(n);
  for (auto& b : bytes) b = static_cast<std::byte>(random());
  l.say(bytes);
}

void forge_cursor(worker_link& l, std::uint64_t claim, std::uint64_t committed) {
  const auto t = l.take();
  l.cursor(t).claim = claim;
  l.cursor(t).committed = committed;
  worker_link::die();
}

using mode = std::function<void(worker_link&)>;
mode wrong(std::function<void(frame_header&)> spoil) {
  return [=](worker_link& l) { spoiled(l, spoil); };
}
mode head_at(std::uint64_t offset) {
  return [=](worker_link& l) {
    l.take();
    l.head() += offset;
    l.ring_host();
  };
}
mode twice(frame_kind kind) {
  return [=](worker_link& l) {
    l.take();
    if (kind == frame_kind::hello) l.hello();
    else l.say(kind);
  };
}

const std::map<std::string, mode, std::less<>> when_ready{
    {"noise", [](worker_link& l) { noise(l, std::stoull(argument)); }},
    {"head_unaligned", head_at(7)},
    {"head_beyond", head_at(ring_size + 16)},
    {"head_back", head_at(static_cast<std::uint64_t>(-16))},
    {"frame_cut_short", head_at(16)},
    {"magic", wrong([](auto& h) { h.magic = 0xdeadbeef; })},
    {"version", wrong([](auto& h) { h.version = 2; })},
    {"kind_0", wrong([](auto& h) { h.kind = frame_kind{0}; })},
    {"kind_15", wrong([](auto& h) { h.kind = frame_kind{15}; })},
    {"kind_task", wrong([](auto& h) { h.kind = frame_kind::task; })},
    {"kind_hello", wrong([](auto& h) { h.kind = frame_kind::hello; })},
    {"flags", wrong([](auto& h) { h.flags = 0x8000; })},
    {"length_0", wrong([](auto& h) { h.length = 0; })},
    {"length_longer", wrong([](auto& h) { h.length = ring_size / 2; })},
    {"length_max_plus_1", wrong([](auto& h) { h.length = default_max_frame + 1; })},
    {"length_2_63", wrong([](auto& h) { h.length = huge; })},
    {"length_all_ones", wrong([](auto& h) { h.length = ~std::uint64_t{0}; })},
    {"id_0", wrong([](auto& h) { h.id = 0; })},
    {"id_next", wrong([](auto& h) { h.id += 1; })},
    {"id_huge", wrong([](auto& h) { h.id = huge; })},
    {"items_0", [](worker_link& l) { answered(l, {.items = 0, .first_error = ~0U}); }},
    {"items_2", [](worker_link& l) { answered(l, {.items = 2, .first_error = ~0U}); }},
    {"items_all_ones", [](worker_link& l) { answered(l, {.items = ~0U, .first_error = ~0U}); }},
    {"part_too_many", [](worker_link& l) { answered(l, {.items = 9, .first_error = ~0U}, frame_kind::part); }},
    {"part_with_errors",
     [](worker_link& l) { answered(l, {.items = 1, .first_error = 0, .errors = ~std::uint64_t{0}}, frame_kind::part); }},
    {"empty_parts",
     [](worker_link& l) {
       for (const auto t = l.take();;) l.answer(t, {.items = 0, .first_error = ~0U}, frame_kind::part);
     }},
    {"part_after_all",
     [](worker_link& l) {
       for (const auto t = l.take();;) l.answer(t, one_item, frame_kind::part);
     }},
    {"started_unasked",
     [](worker_link& l) {
       for (const auto t = l.take();;) l.publish({.kind = frame_kind::started, .id = t.frame.id});
     }},
    {"large_at_once", wrong([](auto& h) { h.length = ring_size; })},
    {"piece_without_head",
     [](worker_link& l) { l.publish({.kind = frame_kind::piece, .length = 0, .id = l.take().frame.id}); }},
    {"piece_of_a_wrong_id",
     [](worker_link& l) { for (const auto t = l.take();;) piece(l, t.frame.id + 1, 1000); }},
    {"piece_too_large",
     [](worker_link& l) {
       l.publish({.kind = frame_kind::piece, .length = ring_size, .id = l.take().frame.id});
     }},
    {"piece_of_2_60", [](worker_link& l) { piece(l, l.take().frame.id, 1000, std::uint64_t{1} << 60); }},
    {"piece_of_all_ones", [](worker_link& l) { piece(l, l.take().frame.id, 1000, ~std::uint64_t{0}); }},
    {"piece_of_max", [](worker_link& l) { piece(l, l.take().frame.id, 1, default_max_frame); }},
    {"piece_with_items", [](worker_link& l) { piece(l, l.take().frame.id, 1000, 0, one_item); }},
    {"piece_of_nothing", [](worker_link& l) { piece(l, l.take().frame.id, 0); }},
    {"piece_then_wrong_answer",
     [](worker_link& l) {
       const auto t = l.take();
       piece(l, t.frame.id, 1000);
       l.answer(t, {.items = 2, .first_error = ~0U});
     }},
    {"piece_after_all_parts",
     [](worker_link& l) {
       const auto t = l.take();
       l.answer(t, one_item, frame_kind::part);
       for (;;) piece(l, t.frame.id, 1000);
     }},
    {"piece_after_the_result",
     [](worker_link& l) {
       const auto t = l.take();
       l.answer(t);
       for (;;) piece(l, t.frame.id, 1000);
     }},
    {"answer_twice",
     [](worker_link& l) {
       const auto t = l.take();
       l.answer(t);
       l.answer(t);
     }},
    {"answer_unasked", [](worker_link& l) { l.answer(task{.frame = {.id = 1}, .head = {}, .x = 0}); }},
    {"socket_garbage", [](worker_link& l) { l.take(), socket_bytes(l, 100); }},
    {"socket_endless", [](worker_link& l) { for (l.take();;) socket_bytes(l, 1 << 20); }},
    {"socket_too_large",
     [](worker_link& l) {
       l.take();
       const frame_header h{.kind = frame_kind::hello, .length = max_control_frame + 1};
       for (;;) l.say(std::as_bytes(std::span{&h, 1}));
     }},
    {"socket_largest_then_unknown",
     [](worker_link& l) {
       l.take();
       for (const std::vector<std::byte> largest(max_control_frame);;) l.say(frame_kind::welcome, largest);
     }},
    {"hello_again", twice(frame_kind::hello)},
    {"ready_again", twice(frame_kind::ready)},
    {"failed_when_ready", twice(frame_kind::failed)},
    // What follows is no offence against the protocol, but no help either.
    {"large_then_death",
     [](worker_link& l) {
       const auto t = l.take();
       for (int i = 0; i < 8; ++i) piece(l, t.frame.id, ring_size / 2, 1 << 20);
       worker_link::die();
     }},
    {"large_never_sent",
     [](worker_link& l) { piece(l, l.take().frame.id, 1000, default_max_frame - 1000); }},
    {"large_of_nonsense",
     [](worker_link& l) {
       for (;;) {
         const auto t = l.take();
         for (int i = 0; i < 4; ++i) piece(l, t.frame.id, ring_size / 2);
         l.answer(t);
       }
     }},
    {"large_taken_back",
     [](worker_link& l) {
       for (;;) {
         const auto t = l.take();
         for (int i = 0; i < 4; ++i) piece(l, t.frame.id, ring_size / 2);
         piece(l, t.frame.id, 0);
         l.answer(t);
       }
     }},
    {"large_then_forged_cursor",
     [](worker_link& l) {
       const auto t = l.take();
       piece(l, t.frame.id, ring_size / 2);
       l.cursor(t).committed = std::uint64_t{1} << 40 | 5000;
       worker_link::die();
     }},
    {"descriptors",
     [](worker_link& l) {
       l.take();
       for (int i = 0; i < 10; ++i) send_descriptors();
     }},
    {"closed_socket",
     [](worker_link& l) {
       l.take();
       close(worker_socket_fd);
     }},
    {"wrong_value",
     [](worker_link& l) {
       for (;;) {
         const auto t = l.take();
         const auto p = worker_link::payload(one_item, 0);
         l.publish(worker_link::result(t, p.size() - 2), std::span{p}.first(p.size() - 2));
       }
     }},
    {"longer_value",
     [](worker_link& l) {
       for (;;) {
         const auto t = l.take();
         auto p = worker_link::payload(one_item, 0);
         p.resize(p.size() + 3);
         l.publish(worker_link::result(t, p.size()), p);
       }
     }},
    {"committed_2_40", [](worker_link& l) { forge_cursor(l, 0x1'0000'0001, slice_cursor::bytes_mask | std::uint64_t{1} << 40); }},
    {"committed_all", [](worker_link& l) { forge_cursor(l, 0x1'0000'0001, ~std::uint64_t{0}); }},
    {"committed_many", [](worker_link& l) { forge_cursor(l, 0x1'0000'0001, std::uint64_t{1000} << 40 | 5000); }},
    {"started_beyond_limit", [](worker_link& l) { forge_cursor(l, 0x1'ffff'ffff, 0); }},
    {"limit_raised", [](worker_link& l) { forge_cursor(l, 0xffff'ffff'0000'0001, 0); }},
    {"last_words",
     [](worker_link& l) {
       l.take();
       auto& w = l.page().words;
       std::memset(w.text, 0x1b, sizeof w.text);
       w.length = ~0U;
       w.why = last_words::memory_limit;
       worker_link::die();
     }},
    {"bell", [](worker_link& l) { for (l.take();;) l.ring_host(); }},
    {"claim_storm",
     [](worker_link& l) {
       const auto t = l.take();
       for (auto& c = l.cursor(t).claim;;) c.store(c.load() ^ 0x100);
     }},
    {"never_reads", [](worker_link&) {}},
};

const std::map<std::string, mode, std::less<>> at_start{
    {"no_hello", [](worker_link&) { worker_link::die(); }},
    {"no_hello_closed", [](worker_link&) { close(worker_socket_fd); }},
    {"ready_before_hello", [](worker_link& l) { l.say(frame_kind::ready); }},
    {"failed_before_hello", [](worker_link& l) { l.say(frame_kind::failed); }},
    {"identity", [](worker_link& l) { l.hello("troupe 99, wire format 7\x1b[2J\n"); }},
    {"identity_without_end", [](worker_link& l) { l.hello(std::string(1 << 19, 'x')); }},
    {"hello_of_garbage", [](worker_link& l) { l.say(frame_kind::hello, std::as_bytes(std::span{"garbage"})); }},
    {"task_on_the_socket", [](worker_link& l) { l.say(frame_kind::task); }},
    {"failed_of_garbage",
     [](worker_link& l) {
       l.hello();
       l.say(frame_kind::failed, std::as_bytes(std::span{"garbage"}));
     }},
    {"ready_after_failed",
     [](worker_link& l) {
       l.hello();
       const std::vector<std::byte> plain(8 * 8);
       l.say(frame_kind::failed, plain);
       l.say(frame_kind::ready);
     }},
};

void become_honest(char** argv) {
  const auto host = "/proc/" + std::to_string(getppid()) + "/exe";
  execv(host.c_str(), argv);
}

}  // namespace

int main(int argc, char** argv) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const std::string_view name{argc > 1 ? argv[1] : ""};
  constexpr std::string_view bad = "--troupe-worker=bad.", first = "-1";
  if (!name.starts_with(bad) || !name.ends_with(first)) {
    become_honest(argv);
    return 1;
  }
  std::string which{name.substr(bad.size(), name.size() - bad.size() - first.size())};
  if (const auto dot = which.find('.'); dot != std::string::npos) {
    argument = which.substr(dot + 1);
    which.resize(dot);
  }
  if (which == "late_hello") {
    usleep(300'000);
    become_honest(argv);
  }
  worker_link l;
  if (const auto at = at_start.find(which); at != at_start.end()) {
    at->second(l);
  } else if (const auto at2 = when_ready.find(which); at2 != when_ready.end()) {
    l.start();
    at2->second(l);
  }
  worker_link::pause_for_ever();
}
