#include "runtime/cli/http/server.hpp"

#include <httplib.h>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace troupe::cli {

namespace {

constexpr const char* host = "127.0.0.1";
constexpr std::size_t pieces = 10;
constexpr std::size_t at_once = 32;  // a latency holds one of the server's threads

// A port that refuses connections, and that nobody else can take: bound, and never listened on.
class closed_port {
 public:
  closed_port() : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in a{};
    a.sin_family = AF_INET;
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof a;
    auto* const address = reinterpret_cast<sockaddr*>(&a);
    if (socket_ < 0 || bind(socket_, address, size) != 0 ||
        getsockname(socket_, address, &size) != 0)
      throw std::runtime_error{"loopback has no port to refuse connections on"};
    number_ = ntohs(a.sin_port);
  }
  ~closed_port() { close(socket_); }
  closed_port(const closed_port&) = delete;
  closed_port& operator=(const closed_port&) = delete;
  int number() const noexcept { return number_; }

 private:
  int socket_;
  int number_ = 0;
};

class server final : public http_server {
 public:
  explicit server(const std::vector<http_page>& pages) {
    server_.new_task_queue = [] { return new httplib::ThreadPool(at_once); };
    server_.set_keep_alive_max_count(1);  // no connection outlives its answer
    for (const auto& page : pages)
      server_.Get(page.path, [this, page](const httplib::Request&, httplib::Response& r) {
        r.set_content_provider(page.body.size(), page.type,
                               [this, &page](std::size_t at, std::size_t, httplib::DataSink& to) {
                                 return send_piece(page, at, to);
                               });
      });
    port_ = server_.bind_to_any_port(host);
    if (port_ <= 0) throw std::runtime_error{"loopback has no port to serve on"};
    thread_ = std::thread{[this] { server_.listen_after_bind(); }};
  }
  ~server() override {
    {
      const std::lock_guard hold{mutex_};
      ending_ = true;
    }
    news_.notify_all();
    while (!server_.is_running()) std::this_thread::yield();  // a stop before that is not heard
    server_.stop();
    thread_.join();
  }

  std::string url(const std::string& path) const override { return url_at(port_, path); }
  std::string closed_url(const std::string& path) const override {
    return url_at(closed_.number(), path);
  }

 private:
  static std::string url_at(int port, const std::string& path) {
    return std::string{"http://"} + host + ":" + std::to_string(port) + path;
  }
  bool send_piece(const http_page& page, std::size_t at, httplib::DataSink& to) {
    {
      std::unique_lock hold{mutex_};
      if (news_.wait_for(hold, page.latency / pieces, [this] { return ending_; })) return false;
    }
    const auto size = (page.body.size() + pieces - 1) / pieces;
    to.write(page.body.data() + at, std::min(size, page.body.size() - at));
    return true;
  }

  httplib::Server server_;
  closed_port closed_;
  int port_ = 0;
  std::mutex mutex_;
  std::condition_variable news_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace

http_server* serve(const std::vector<http_page>& pages) { return new server{pages}; }

}  // namespace troupe::cli
