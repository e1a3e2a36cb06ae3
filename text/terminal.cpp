#include <holdfast/text/terminal.h>

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

namespace holdfast::text {
namespace {

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

bool is_terminal(int fd) {
  return ::isatty(fd) == 1 && environment("TERM") != "dumb";
}

bool wants_color(int fd) {
  return is_terminal(fd) && environment("NO_COLOR").empty();
}

int terminal_columns(int fd) {
  winsize size{};
  if (::ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kDefaultColumns;
  return size.ws_col;
}

}  // namespace holdfast::text
