// Text in the language of manual pages: man(7). Pure functions.
#pragma once

#include <string>

namespace holdfast::tool::roff {

// The text as it is, wherever it stands in a line but at its beginning. Well-formed UTF-8 becomes
// ASCII, so that a page reads the same in every locale.
std::string escaped(const std::string& text);

std::string bold(const std::string& text);
std::string italic(const std::string& text);

// How a command is written: "CHECKPOINT|RUN --to FILE" with --to in bold, and in italics what
// stands for something else.
std::string usage(const std::string& text);

// One paragraph, in lines of fewer than 80 bytes: a page is then easy to compare. --options are in
// bold.
std::string filled(const std::string& text);

// The lines below a help, which are filled by hand. Those indented by two spaces begin an item of a
// list: "  75   stopped on request" has the mark 75. Those indented further go on with it. A blank
// line begins a paragraph. "Exit status:" at the beginning of a line begins a section of that name.
std::string body(const std::string& text);

}  // namespace holdfast::tool::roff
