#include "tests/cli/web_server.hpp"

#include <httplib.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace cli_test {

struct web_server::state {
  httplib::Server server;
  int port = 0;
  std::string page = "a page\r\nand its end\n", large;
  std::atomic<int> waiting{0};
  std::mutex mutex;
  std::condition_variable news;
  bool over = false;
  std::thread thread;
};

web_server::web_server() : state_(std::make_unique<state>()) {
  auto& s = *state_;
  for (int i = 0; s.large.size() < 3'000'000; ++i) s.large += std::to_string(i * i) + "\n";
  s.server.set_keep_alive_max_count(1);
  s.server.Get("/page", [&s](const auto&, auto& r) { r.set_content(s.page, "text/plain"); });
  s.server.Get("/large", [&s](const auto&, auto& r) { r.set_content(s.large, "text/plain"); });
  s.server.Get("/moved", [](const auto&, auto& r) { r.set_redirect("/page"); });
  s.server.Get("/cut", [](const auto&, auto& r) {
    r.set_content_provider(1000, "text/plain", [](std::size_t, std::size_t, httplib::DataSink& to) {
      to.write("half", 4);
      return false;
    });
  });
  s.server.Get("/never", [&s](const auto&, auto&) {
    ++s.waiting;
    std::unique_lock hold{s.mutex};
    s.news.wait(hold, [&s] { return s.over; });
  });
  s.port = s.server.bind_to_any_port("127.0.0.1");
  s.thread = std::thread{[&s] { s.server.listen_after_bind(); }};
}

web_server::~web_server() {
  {
    const std::lock_guard hold{state_->mutex};
    state_->over = true;
  }
  state_->news.notify_all();
  while (!state_->server.is_running()) std::this_thread::yield();
  state_->server.stop();
  state_->thread.join();
}

std::string web_server::url(const std::string& path) const {
  return "http://127.0.0.1:" + std::to_string(state_->port) + path;
}
const std::string& web_server::page() const { return state_->page; }
const std::string& web_server::large() const { return state_->large; }
int web_server::waiting() const { return state_->waiting; }

}  // namespace cli_test
