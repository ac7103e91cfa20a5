// Where the arguments of `troupe map` come from, and what wakes its loop.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace troupe::cli {

/// One argument after the other, from a list or as they come on stdin, of which it reads no more
/// than it is asked for.
class map_input {
 public:
  /// Nothing: stdin, where each ends with `separator`.
  map_input(std::optional<std::vector<std::string>> list, char separator);

  /// The next; nothing: there is none yet, or none any more.
  std::optional<std::string> next();
  bool over() const noexcept { return over_ && at_ == text_.size() && given_ == list_.size(); }
  /// Reads a piece of stdin; blocks if there is nothing to read.
  void read_some();
  /// Why it ended early; "": it did not.
  const std::string& error() const noexcept { return error_; }

 private:
  void give_up(std::string why);

  std::vector<std::string> list_;
  std::size_t given_ = 0;  // of the list
  char separator_;
  std::string text_;         // read, and not given up to at_
  std::size_t at_ = 0;
  std::size_t searched_ = 0;  // so far there is no separator
  bool over_;
  std::string error_;
};

/// What the loop sleeps on.
class map_news {
 public:
  map_news();
  ~map_news();
  map_news(const map_news&) = delete;
  map_news& operator=(const map_news&) = delete;

  void ring() noexcept;  ///< from any thread, and as often as one likes
  /// Blocks until ring() or, at the latest, for 100 ms; or until the reader of stdout is gone; or,
  /// with_input, until stdin can be read: then true.
  bool wait(bool with_input);

 private:
  int bell_;
  bool watch_stdout_ = true;
};

}  // namespace troupe::cli
