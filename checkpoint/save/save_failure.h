// Whatever a save throws, as an Error.
#pragma once

#include <string>

namespace holdfast {

// In a catch block: throws what was caught. An Error goes on as it is; anything else is nested in
// an Error(kIo) of the run at that path.
[[noreturn]] void rethrow_as_save_failure(const std::string& run);

}  // namespace holdfast
