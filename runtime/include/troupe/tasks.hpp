// Ready-made tasks, for tries: pool.submit<troupe::tasks::pid>().
#pragma once

#include <troupe/detail/job.hpp>

#include <string>

namespace troupe::tasks {

std::string echo(std::string text);  ///< gives back what it was given
void sleep(duration d);              ///< ends early if the worker is asked to stop
int pid();                           ///< of the process that runs it

}  // namespace troupe::tasks
