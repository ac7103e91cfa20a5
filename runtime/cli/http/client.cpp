#include "runtime/cli/http/client.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <stdexcept>

namespace troupe::cli {

namespace {

constexpr long most_redirects = 10;

// What curl calls back for.
struct download {
  const http_request& request;
  CURL* curl;
  std::string reason;          // "Not Found", of the last answer's first line
  std::exception_ptr refused;  // what request.body threw
  bool stopped = false;
};

// curl's callbacks are called by C: nothing may leave them.
std::size_t take_body(char* bytes, std::size_t, std::size_t size, void* to) {
  auto& d = *static_cast<download*>(to);
  try {
    if (d.request.body) d.request.body({bytes, size});
    return size;
  } catch (...) {
    d.refused = std::current_exception();
    return 0;
  }
}

// "HTTP/1.1 404 Not Found": of each answer, so also of redirects.
std::size_t take_header(char* bytes, std::size_t, std::size_t size, void* to) {
  std::string_view line{bytes, size};
  if (!line.starts_with("HTTP/")) return size;
  line = line.substr(0, line.find_last_not_of("\r\n ") + 1);
  const auto code = line.find(' ');
  const auto reason = code == line.npos ? line.npos : line.find(' ', code + 1);
  static_cast<download*>(to)->reason =
      reason == line.npos ? std::string{} : std::string{line.substr(reason + 1)};
  return size;
}

int tell_progress(void* to, curl_off_t total, curl_off_t now, curl_off_t, curl_off_t) {
  auto& d = *static_cast<download*>(to);
  if (!d.request.progress) return 0;
  const auto count = [](curl_off_t n) {
    return static_cast<std::uint64_t>(std::max<curl_off_t>(n, 0));
  };
  d.stopped = !d.request.progress(count(now), count(total));
  return d.stopped ? 1 : 0;
}

template <class T>
T info(CURL* curl, CURLINFO what) {
  T value{};
  curl_easy_getinfo(curl, what, &value);
  return value;
}

// curl guesses a scheme where there is none; a name that was mistyped shall not become a host.
void check_url(const std::string& url) {
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> parsed{curl_url(), curl_url_cleanup};
  const auto why = curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0);
  if (why != CURLUE_OK)
    throw std::runtime_error{std::string{"not a URL: "} + curl_url_strerror(why)};
}

void prepare(download& d, std::array<char, CURL_ERROR_SIZE>& text) {
  CURL* const c = d.curl;
  // Within what curl takes: some 24 days.
  const auto ms = std::min<std::int64_t>(
      std::chrono::ceil<std::chrono::milliseconds>(d.request.timeout).count(),
      std::numeric_limits<int>::max());
  curl_easy_setopt(c, CURLOPT_URL, d.request.url.c_str());
  curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(c, CURLOPT_MAXREDIRS, most_redirects);
  curl_easy_setopt(c, CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);  // it runs in threads
  curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, static_cast<long>(ms));
  curl_easy_setopt(c, CURLOPT_USERAGENT, "troupe/" TROUPE_VERSION);
  curl_easy_setopt(c, CURLOPT_ERRORBUFFER, text.data());
  curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt(c, CURLOPT_WRITEDATA, &d);
  curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, take_header);
  curl_easy_setopt(c, CURLOPT_HEADERDATA, &d);
  curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, tell_progress);
  curl_easy_setopt(c, CURLOPT_XFERINFODATA, &d);
  curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
}

[[noreturn]] void fail(const download& d, CURLcode why, const char* text) {
  if (d.refused) std::rethrow_exception(d.refused);
  if (d.stopped) throw std::runtime_error{"stopped"};
  if (why == CURLE_HTTP_RETURNED_ERROR) {
    const auto status = std::to_string(info<long>(d.curl, CURLINFO_RESPONSE_CODE));
    throw std::runtime_error{"HTTP error " + status + (d.reason.empty() ? "" : ": " + d.reason)};
  }
  std::string what = curl_easy_strerror(why);
  if (text[0] != '\0' && what != text) what += std::string{": "} + text;
  throw std::runtime_error{what};
}

}  // namespace

http_answer get(const http_request& request) {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (started != CURLE_OK) throw std::runtime_error{curl_easy_strerror(started)};
  check_url(request.url);
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl{curl_easy_init(),
                                                                 curl_easy_cleanup};
  if (!curl) throw std::bad_alloc{};
  download d{request, curl.get(), {}, {}};
  std::array<char, CURL_ERROR_SIZE> text{};
  prepare(d, text);
  const auto result = curl_easy_perform(d.curl);
  if (result != CURLE_OK) fail(d, result, text.data());
  return {.status = static_cast<int>(info<long>(d.curl, CURLINFO_RESPONSE_CODE)),
          .bytes = static_cast<std::uint64_t>(info<curl_off_t>(d.curl, CURLINFO_SIZE_DOWNLOAD_T)),
          .url = info<const char*>(d.curl, CURLINFO_EFFECTIVE_URL)};
}

}  // namespace troupe::cli
