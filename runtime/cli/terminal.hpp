// What the command asks of its three streams.
#pragma once

namespace troupe::cli {

/// Call it first. A stream that the parent closed gets a descriptor that fails: else the next file
/// opened would take its number, and results would be written into that. A reader of stdout that
/// goes away shows as a failed write from here on, not as a signal.
void prepare_streams();

bool stderr_is_terminal();    ///< one on which a line can be redrawn
int terminal_width();         ///< of stderr, in columns; 80 if unknown
bool stdout_has_no_reader();  ///< it is a pipe that nobody will ever read from again

}  // namespace troupe::cli
