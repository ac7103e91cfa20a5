#include "runtime/cli/sample_pages.hpp"

#include <fmt/format.h>

namespace troupe::cli {

namespace {

http_page site(const std::string& name, std::size_t lines, http_duration latency) {
  std::string body = fmt::format("<html><title>{}</title>\n", name);
  for (std::size_t i = 0; i < lines; ++i) body += fmt::format("<p>{}: news item {}\n", name, i);
  return {"/" + name, "text/html", body + "</html>\n", latency};
}

}  // namespace

std::vector<http_page> sample_sites(http_duration latency) {
  return {site("foxnews", 8000, latency), site("cnn", 4000, latency / 2),
          site("wsj", 2000, latency * 3 / 4), site("bbc", 1000, latency / 4)};
}

std::vector<http_page> sample_tables(std::size_t count, http_duration latency) {
  std::vector<http_page> tables;
  for (std::size_t t = 1; t <= count; ++t) {
    std::string body = "year,industry,variable,value,unit\r\n";
    for (std::size_t row = 0; row < 1000 * t; ++row)
      body += fmt::format("{},{},Total income,{},DOLLARS(millions)\r\n", 2011 + row % 7, row,
                          (row * 7919 + t) % 100'000);
    tables.push_back({fmt::format("/table-{}.csv", t), "text/csv", body, latency});
  }
  return tables;
}

std::uint64_t checksum(std::string_view bytes, std::uint64_t so_far) {
  for (const char c : bytes) {
    so_far ^= static_cast<unsigned char>(c);
    so_far *= 0x100000001b3;
  }
  return so_far;
}

}  // namespace troupe::cli
