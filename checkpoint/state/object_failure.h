// Turns what an object of the program throws, while it is saved or loaded, into an Error that names
// the object. Internal to state/.
#pragma once

#include <string>

#include <holdfast/checkpoint/base/error.h>

namespace holdfast {

// Call it in a catch block. Throws an Error with `problem` and `remedy` that names the object; the
// exception that was caught is nested in it. The new Error has the kind of the caught one if that
// is an Error, `of_torch` if it is LibTorch's c10::Error, and kIo for any other exception.
// Two kinds of exceptions are thrown on as they are: an Error that already names the object or a
// part of it, and std::bad_alloc, since running out of memory is not the object's failure.
[[noreturn]] void rethrow_for(const std::string& object, const char* problem, const char* remedy,
                              ErrorKind of_torch);

// True if an exception of the program's own is nested in the error: neither an Error nor one of
// LibTorch.
bool holds_failure_of_program(const Error& error);

}  // namespace holdfast
