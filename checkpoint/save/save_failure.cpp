#include <holdfast/checkpoint/save/save_failure.h>

#include <exception>
#include <new>

#include <holdfast/checkpoint/base/error.h>

namespace holdfast {

void rethrow_as_save_failure(const std::string& run) {
  try {
    throw;
  } catch (const Error&) {
    throw;
  } catch (const std::bad_alloc&) {
    std::throw_with_nested(
        Error(ErrorKind::kIo, "the save has failed: memory has run out")
            .at(run)
            .remedy("free some, or raise its limit (ulimit -v; memory.max of the cgroup), or "
                    "take less by max_staging_bytes; the next save tries again"));
  } catch (const std::exception& error) {
    std::throw_with_nested(
        Error(ErrorKind::kIo, std::string("the save has failed: ") + error.what()));
  } catch (...) {
    std::throw_with_nested(
        Error(ErrorKind::kIo, "the save has failed with something that is no std::exception"));
  }
}

}  // namespace holdfast
