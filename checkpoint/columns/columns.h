// All types that Holdfast stores as columns. They are listed in docs/library.md.
#pragma once

#include <holdfast/checkpoint/columns/choice_columns.h>
#include <holdfast/checkpoint/columns/list_columns.h>
#include <holdfast/checkpoint/columns/map_columns.h>
#include <holdfast/checkpoint/columns/number_columns.h>
#include <holdfast/checkpoint/columns/random_columns.h>
#include <holdfast/checkpoint/columns/struct_columns.h>
#include <holdfast/checkpoint/columns/text_columns.h>
