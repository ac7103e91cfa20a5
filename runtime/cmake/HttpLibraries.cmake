# Targets PkgConfig::CURL and PkgConfig::HTTPLIB: of the command and of two examples, never of the
# library.
find_package(PkgConfig)
if(NOT PkgConfig_FOUND)
  message(FATAL_ERROR "pkg-config is missing; on Debian: apt-get install pkg-config")
endif()

function(need_http_library prefix module package)
  if(NOT TARGET PkgConfig::${prefix})
    pkg_check_modules(${prefix} QUIET IMPORTED_TARGET GLOBAL ${module})
  endif()
  if(NOT TARGET PkgConfig::${prefix})
    message(FATAL_ERROR "${module} is missing; on Debian: apt-get install ${package}")
  endif()
endfunction()
need_http_library(CURL libcurl libcurl4-openssl-dev)
need_http_library(HTTPLIB cpp-httplib libcpp-httplib-dev)
