// How many threads work at once.
#pragma once

namespace holdfast {

// Of so many that are asked for, as many as oneTBB gives, which warns on the standard error of an
// arena that has more: one a core, unless a tbb::global_control of the program's says otherwise.
int workers_of(int threads);

}  // namespace holdfast
