// All of Troupe but <troupe/caf.hpp>.
#pragma once

#include <troupe/callable.hpp>
#include <troupe/cpu.hpp>
#include <troupe/error.hpp>
#include <troupe/exception.hpp>
#include <troupe/function.hpp>
#include <troupe/future.hpp>
#include <troupe/init.hpp>
#include <troupe/outcome.hpp>
#include <troupe/pipe.hpp>
#include <troupe/placement.hpp>
#include <troupe/pool.hpp>
#include <troupe/portable.hpp>
#include <troupe/queue.hpp>
#include <troupe/stream.hpp>
#include <troupe/sync.hpp>
#include <troupe/system.hpp>
#include <troupe/tasks.hpp>
#include <troupe/this_worker.hpp>
#include <troupe/version.hpp>
#include <troupe/worker.hpp>
