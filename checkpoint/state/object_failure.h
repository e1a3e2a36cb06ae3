// What an object of the program's throws while it is saved or loaded.
#pragma once

#include <string>

#include <holdfast/checkpoint/base/error.h>

namespace holdfast {

// In a catch block: throws what was caught on, as an Error that names the object. One that names it
// already, or a part of it, goes on as it is. Anything else is nested in the Error, which has its
// kind if it is one; LibTorch's errors get `of_torch`, others are kIo, for who knows what they are.
[[noreturn]] void rethrow_for(const std::string& object, const char* problem, const char* remedy,
                              ErrorKind of_torch);

// True if an exception of the program's own is nested in the error: neither an Error nor one of
// LibTorch.
bool holds_failure_of_program(const Error& error);

}  // namespace holdfast
