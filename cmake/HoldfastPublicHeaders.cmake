# The headers that users include: the doors. Whatever else a door includes is installed with it, and nothing more:
# all other headers are internal. Adding a door is adding its line here.
set(holdfast_doors
  # A training, and what loads its checkpoints, with LibTorch. <holdfast/holdfast.h> takes these in.
  checkpoint/holdfast.h
  checkpoint/checkpointer.h checkpoint/reader.h checkpoint/state/state.h checkpoint/base/error.h
  checkpoint/data/batches.h checkpoint/data/sample_random.h
  # Runs and checkpoints, without LibTorch.
  checkpoint/load/checkpoint_files.h checkpoint/run/locate.h checkpoint/run/run_listing.h
  checkpoint/run/write_checkpoint.h checkpoint/marks/marks.h checkpoint/log/event_history.h checkpoint/log/typed_events.h
  checkpoint/inspect/compare.h checkpoint/transform/slim.h
  # Files of other systems.
  checkpoint/exchange/import_checkpoint.h checkpoint/exchange/export_checkpoint.h
  checkpoint/exchange/formats/list.h
  # Trainings by a configuration, and parts of the trainer for loops of one's own.
  trainer/config.h trainer/trainer.h trainer/idx_dataset.h trainer/stop_signals.h)

# The headers of the project that these include, themselves among them.
function(holdfast_closure_of headers result)
  set(found "")
  while(headers)
    list(POP_FRONT headers header)
    if(header IN_LIST found)
      continue()
    endif()
    list(APPEND found "${header}")
    file(STRINGS "${PROJECT_SOURCE_DIR}/${header}" includes REGEX "^#include <holdfast/[^>]+>")
    list(TRANSFORM includes REPLACE "^#include <holdfast/([^>]+)>.*" "\\1")
    list(APPEND headers ${includes})
  endwhile()
  set(${result} "${found}" PARENT_SCOPE)
endfunction()

# Those that show LibTorch to who includes them.
function(holdfast_with_torch headers result)
  set(found "")
  foreach(header IN LISTS headers)
    holdfast_closure_of("${header}" closure)
    foreach(included IN LISTS closure)
      file(STRINGS "${PROJECT_SOURCE_DIR}/${included}" torch REGEX "^#include <(torch|ATen|c10)/")
      if(torch)
        list(APPEND found "${header}")
        break()
      endif()
    endforeach()
  endforeach()
  set(${result} "${found}" PARENT_SCOPE)
endfunction()
