// What the programs download if they are given no URLs.
#pragma once

#include "runtime/cli/http.hpp"

namespace troupe::cli {

/// Four pages; the one with the longest latency takes `latency`.
std::vector<http_page> sample_sites(http_duration latency);
/// `count` tables in CSV, each with this latency.
std::vector<http_page> sample_tables(std::size_t count, http_duration latency);

/// Tells bodies apart without keeping them: FNV-1a, continued from `so_far`.
inline constexpr std::uint64_t no_bytes_yet = 0xcbf29ce484222325;
std::uint64_t checksum(std::string_view bytes, std::uint64_t so_far = no_bytes_yet);

}  // namespace troupe::cli
