// Items of a save that own their few bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <holdfast/checkpoint/save/source.h>

namespace holdfast {

Item integer_item(std::string name, std::int64_t value);
Item real_item(std::string name, double value);
Item boolean_item(std::string name, bool value);
Item text_item(std::string name, std::string_view value);
Item none_item(std::string name);
Item undefined_item(std::string name);

}  // namespace holdfast
