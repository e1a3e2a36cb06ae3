#include <holdfast/checkpoint/state/object_failure.h>

#include <exception>
#include <new>

#include <c10/util/Exception.h>

namespace holdfast {

void rethrow_for(const std::string& object, const char* problem, const char* remedy,
                 ErrorKind of_torch) {
  const auto failure = [&](ErrorKind kind, const std::string& reason) {
    Error error(kind, problem);
    error.at(object).found(reason).remedy(remedy);
    return error;
  };
  try {
    throw;
  } catch (const Error& error) {
    const std::string& at = error.path();
    const bool names_it = at.compare(0, object.size(), object) == 0 &&
                          (at.size() == object.size() || at[object.size()] == '/');
    if (names_it) throw;
    std::throw_with_nested(failure(error.kind(), error.what()));
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const c10::Error& error) {
    std::throw_with_nested(failure(of_torch, error.what_without_backtrace()));
  } catch (const std::exception& error) {
    std::throw_with_nested(failure(ErrorKind::kIo, error.what()));
  } catch (...) {
    std::throw_with_nested(failure(ErrorKind::kIo, "something that is no std::exception"));
  }
}

bool holds_failure_of_program(const Error& error) {
  try {
    std::rethrow_if_nested(error);
    return false;
  } catch (const Error&) {
    return false;
  } catch (const c10::Error&) {
    return false;
  } catch (...) {
    return true;
  }
}

}  // namespace holdfast
