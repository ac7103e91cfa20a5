#include "runtime/command.hpp"

#include "runtime/asking.hpp"

#include <troupe/exception.hpp>

#include <algorithm>

namespace troupe {

namespace {

constexpr std::size_t longest_command = 200;  // bytes, in messages
constexpr std::size_t longest_tail = 400;

[[maybe_unused]] const bool known = register_exception<called_process_error>() &&
                                    register_exception<command_timeout>();

bool is_plain(char c) {
  const auto u = static_cast<unsigned char>(c);
  return (u >= '0' && u <= '9') || (u >= 'A' && u <= 'Z') || (u >= 'a' && u <= 'z') || u >= 0x80 ||
         std::string_view{"_-+=.,:/@%^{}"}.find(c) != std::string_view::npos;
}

void append_escaped(std::string& to, char c) {
  constexpr char digits[] = "0123456789abcdef";
  const auto u = static_cast<unsigned char>(c);
  if (c == '\n') {
    to += "\\n";
  } else if (c == '\t') {
    to += "\\t";
  } else if (u < 0x20 || u == 0x7f) {
    to += {'\\', 'x', digits[u / 16], digits[u % 16]};
  } else {
    to += c;
  }
}

std::string shown_argument(const std::string& a) {
  if (!a.empty() && std::all_of(a.begin(), a.end(), is_plain)) return a;
  std::string s = "\"";
  for (const char c : a) {
    if (c == '"' || c == '\\') s += '\\';
    append_escaped(s, c);
  }
  return s + '"';
}

// Of whole characters, if it is UTF-8.
std::string cut(std::string s, std::size_t longest) {
  if (s.size() <= longest) return s;
  while (longest > 0 && (static_cast<unsigned char>(s[longest]) & 0xc0) == 0x80) --longest;
  s.resize(longest);
  return s + "…";
}

std::string tail_of(std::string_view text) {
  while (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  if (text.empty()) return {};
  std::string s = "; its last words: ";
  if (text.size() > longest_tail) {
    text.remove_prefix(text.size() - longest_tail);
    while (!text.empty() && (static_cast<unsigned char>(text.front()) & 0xc0) == 0x80)
      text.remove_prefix(1);
    s += "…";
  }
  for (const char c : text) append_escaped(s, c);
  return s;
}

std::string ending_of(const exit_status& s) {
  if (!s.known) return " ended, its " + s.to_string();
  if (s.signal != 0) return " was " + s.to_string();
  return " exited with status " + std::to_string(s.code);
}

std::string quoted(const completed_process& p) {
  return "command '" + detail::shown_command(p.argv) + "'";
}

bool has_zero(const std::string& s) { return s.find('\0') != std::string::npos; }

void require_valid(const std::vector<std::string>& argv, const command_options& o) {
  if (argv.empty()) throw usage_error{"a command needs a program: its argv is empty"};
  if (std::any_of(argv.begin(), argv.end(), has_zero))
    throw usage_error{"an argument of command '" + detail::shown_command(argv) +
                      "' has a zero byte in it"};
  if (o.timeout <= duration::zero()) throw usage_error{"command_options.timeout must be positive"};
  if (has_zero(o.cwd.native())) throw usage_error{"command_options.cwd has a zero byte in it"};
  if (!o.env) return;
  for (const auto& [name, value] : *o.env)
    if (name.empty() || name.find('=') != std::string::npos || has_zero(name) || has_zero(value))
      throw usage_error{"command_options.env: '" + detail::shown_command({name}) +
                        "' is no name of a variable, or its value has a zero byte in it"};
}

}  // namespace

std::string detail::shown_command(const std::vector<std::string>& argv) {
  std::string s;
  for (const auto& a : argv) {
    if (!s.empty()) s += ' ';
    s += shown_argument(a);
    if (s.size() > longest_command) break;
  }
  return cut(std::move(s), longest_command);
}

called_process_error::called_process_error(completed_process p)
    : error(""), process_(std::move(p)),
      text_(quoted(process_) + ending_of(process_.status) + tail_of(process_.err)) {}

command_timeout::command_timeout(completed_process p, duration timeout)
    : timeout_error(""), process_(std::move(p)),
      text_(quoted(process_) + " took longer than " + detail::in_words(timeout) + " and was killed" +
            tail_of(process_.err)) {}

completed_process run(std::vector<std::string> argv, const command_options& options) {
  require_valid(argv, options);
  return detail::run_command(std::move(argv), options, {options.capture, options.capture});
}

std::string check_output(std::vector<std::string> argv, const command_options& options) {
  require_valid(argv, options);
  auto checked = options;
  checked.check = true;
  return detail::run_command(std::move(argv), checked, {true, options.capture}).out;
}

}  // namespace troupe
