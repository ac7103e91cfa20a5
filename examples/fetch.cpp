// Pages in parallel: what was submitted for which URL, and an error that is that page's alone.
#include <curl/curl.h>
#include <httplib.h>
#include <cstdio>
#include <set>
#include <string>
#include <thread>
#include <troupe/troupe.hpp>
#include <unordered_map>
#include <vector>

std::size_t append(char* bytes, std::size_t, std::size_t n, void* to) {
  static_cast<std::string*>(to)->append(bytes, n);
  return n;
}

std::string load_url(const std::string& url, long timeout_s) {
  std::string body;
  CURL* const conn = curl_easy_init();
  curl_easy_setopt(conn, CURLOPT_URL, url.c_str());
  curl_easy_setopt(conn, CURLOPT_TIMEOUT, timeout_s);
  curl_easy_setopt(conn, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(conn, CURLOPT_WRITEFUNCTION, append);
  curl_easy_setopt(conn, CURLOPT_WRITEDATA, &body);
  const CURLcode result = curl_easy_perform(conn);
  curl_easy_cleanup(conn);
  if (result != CURLE_OK) throw std::runtime_error(curl_easy_strerror(result));
  return body;
}

int main(int argc, char** argv) {
  troupe::init(argc, argv);
  curl_global_init(CURL_GLOBAL_DEFAULT);
  httplib::Server server;
  server.Get("/page/(\\d+)", [](const httplib::Request& request, httplib::Response& response) {
    response.set_content(std::string(std::stoul(request.matches[1]), 'x'), "text/plain");
  });
  const auto site = "http://127.0.0.1:" + std::to_string(server.bind_to_any_port("127.0.0.1"));
  std::thread serving{[&] { server.listen_after_bind(); }};

  troupe::system sys;
  troupe::pool pool{sys, {.workers = 5, .where = troupe::placement::thread}};
  std::unordered_map<troupe::future<std::string>, std::string> future_to_url;
  for (const auto& url : {site + "/page/1000", site + "/page/20000", site + "/page/300000",
                          site + "/page/4", std::string{"http://127.0.0.1:1/closed"}})
    future_to_url.emplace(pool.submit<load_url>(url, 60L), url);
  std::set<std::string> lines;  // they end in any order
  for (const auto& future : troupe::as_completed(std::views::keys(future_to_url))) {
    const auto url = "'" + future_to_url[future] + "' ";
    try {
      lines.insert(url + "page is " + std::to_string(future.get().size()) + " bytes");
    } catch (const std::exception& exc) {
      lines.insert(url + "generated an exception: " + exc.what());
    }
  }
  for (const auto& line : lines) std::printf("%s\n", line.c_str());
  server.stop();
  serving.join();
}
