#pragma once

namespace troupe {

/// Of the library that is linked: "0.1.0".
const char* version() noexcept;

}  // namespace troupe
