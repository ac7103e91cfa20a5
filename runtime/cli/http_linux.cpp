#include "runtime/cli/http.hpp"

#include <dlfcn.h>
#include <filesystem>
#include <stdexcept>

namespace troupe::cli {

namespace {

// Beside the libraries, wherever the whole was installed. Never unloaded: threads may be in it.
const http_module& load() {
  const auto bin = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  const auto file = (bin / TROUPE_MODULES_FROM_BIN / "http.so").lexically_normal();
  void* const module = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  void* const entry = module != nullptr ? dlsym(module, "troupe_http_module") : nullptr;
  if (entry == nullptr)
    throw std::runtime_error{std::string{"the part that speaks HTTP cannot be loaded: "} +
                             dlerror()};
  return *reinterpret_cast<const http_module* (*)()>(entry)();
}

const http_module& loaded() {
  static const http_module& module = load();
  return module;
}

}  // namespace

http_answer http_get(const http_request& request) { return loaded().get(request); }

std::unique_ptr<http_server> serve_on_loopback(const std::vector<http_page>& pages) {
  return std::unique_ptr<http_server>{loaded().serve(pages)};
}

}  // namespace troupe::cli
