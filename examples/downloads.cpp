// Tables by a thread each into one queue: one get for each link.
#include <httplib.h>
#include <cstdio>
#include <set>
#include <string>
#include <thread>
#include <troupe/troupe.hpp>
#include <utility>
#include <vector>

using outq = troupe::queue<std::pair<std::string, std::string>>;

void get_content(int port, const std::string& link, const outq& out) {
  const auto answer = httplib::Client{"127.0.0.1", port}.Get(link);
  out.put({link, answer ? answer->body : "nothing"});  // an item a link, whatever happens
}

int main(int argc, char** argv) {
  troupe::init(argc, argv);
  httplib::Server server;
  server.Get("/(.*)\\.csv", [](const httplib::Request& request, httplib::Response& response) {
    response.set_content("year,value\r\n2017," + request.matches[1].str() + "\r\n", "text/csv");
  });
  const int port = server.bind_to_any_port("127.0.0.1");
  std::thread serving{[&] { server.listen_after_bind(); }};

  troupe::system sys;
  outq out{sys};
  const std::vector<std::string> links{"/sizes.csv", "/prices.csv", "/survey.csv"};
  std::vector<troupe::worker<void>> threads;
  for (const auto& link : links)
    threads.push_back(sys.spawn<get_content>({.where = troupe::placement::thread, .daemon = true},
                                             port, link, out));
  std::set<std::string> lines;  // they come in any order
  for (std::size_t i = 0; i < links.size(); ++i) {
    const auto [link, body] = out.get();
    lines.insert(link + " " + body.substr(12, body.size() - 14));
    out.task_done();
  }
  out.join();
  for (const auto& line : lines) std::printf("%s\n", line.c_str());
  server.stop();
  serving.join();
}
