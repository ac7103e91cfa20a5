// The first line of main.
#pragma once

namespace troupe {

/// Lets worker processes in: in a program that was started as a worker it runs the worker and
/// never returns. In any other it costs nothing and changes nothing. Call it before threads are
/// started and before the program does what must not be done twice.
void init(int argc, char** argv);

}  // namespace troupe
