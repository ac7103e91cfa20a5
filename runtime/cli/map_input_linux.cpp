#include "runtime/cli/map_input.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace troupe::cli {

namespace {
constexpr std::size_t read_at_once = 64 * 1024;
constexpr std::size_t longest_argument = 128 * 1024;  // Linux takes none that is longer
constexpr int tick_ms = 100;                          // for the bar
}  // namespace

map_input::map_input(std::optional<std::vector<std::string>> list, char separator)
    : separator_(separator), over_(list.has_value()) {
  if (list) list_ = *std::move(list);
}

std::optional<std::string> map_input::next() {
  if (given_ < list_.size()) return std::move(list_[given_++]);
  auto end = text_.find(separator_, searched_);
  if (end == std::string::npos) {
    searched_ = text_.size();
    if (!over_ || at_ == text_.size()) return std::nullopt;
    end = text_.size();  // the last may go without
  }
  auto argument = text_.substr(at_, end - at_);
  at_ = searched_ = std::min(end + 1, text_.size());
  return argument;
}

void map_input::give_up(std::string why) {
  error_ = std::move(why);
  over_ = true;
  at_ = searched_ = text_.size();
}

void map_input::read_some() {
  text_.erase(0, at_);
  searched_ -= at_;
  at_ = 0;
  if (text_.size() > longest_argument)
    return give_up("an argument is longer than the 131072 bytes that a program takes");
  std::array<char, read_at_once> bytes;
  const auto n = read(STDIN_FILENO, bytes.data(), bytes.size());
  if (n > 0) text_.append(bytes.data(), static_cast<std::size_t>(n));
  else if (n == 0) over_ = true;
  else if (errno != EINTR && errno != EAGAIN)
    give_up(std::string{"the arguments cannot be read: "} + std::strerror(errno));
}

map_news::map_news() : bell_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (bell_ < 0) throw std::system_error{errno, std::generic_category(), "eventfd"};
}

map_news::~map_news() { close(bell_); }

void map_news::ring() noexcept { eventfd_write(bell_, 1); }

bool map_news::wait(bool with_input) {
  pollfd fds[] = {{bell_, POLLIN, 0},
                  {with_input ? STDIN_FILENO : -1, POLLIN, 0},
                  {watch_stdout_ ? STDOUT_FILENO : -1, 0, 0}};
  if (poll(fds, 3, tick_ms) <= 0) return false;
  eventfd_t rings;
  if (fds[0].revents != 0) eventfd_read(bell_, &rings);
  if (fds[2].revents != 0) watch_stdout_ = false;  // told once: the rest is the console's to find out
  return fds[1].revents != 0;
}

}  // namespace troupe::cli
