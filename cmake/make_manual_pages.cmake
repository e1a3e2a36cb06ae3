# cmake -DTOOL=… -DDIRECTORY=… -P make_manual_pages.cmake: a page for the tool and for each of its subcommands, as
# holdfast-run.1 and, for the system, holdfast-run.1.gz. When all are there, a file "made" is.
cmake_policy(VERSION 3.25)
find_program(gzip gzip REQUIRED)
file(REMOVE_RECURSE "${DIRECTORY}")
file(MAKE_DIRECTORY "${DIRECTORY}")

# make_page(name [--of subcommand])
function(make_page name)
  set(page "${DIRECTORY}/${name}.1")
  execute_process(COMMAND "${TOOL}" manual ${ARGN} OUTPUT_FILE "${page}" COMMAND_ERROR_IS_FATAL ANY)
  # Without the time, which would be another each time.
  execute_process(COMMAND "${gzip}" --best --no-name --stdout "${page}" OUTPUT_FILE "${page}.gz"
                  COMMAND_ERROR_IS_FATAL ANY)
endfunction()

execute_process(COMMAND "${TOOL}" complete "holdfast " OUTPUT_VARIABLE subcommands COMMAND_ERROR_IS_FATAL ANY)
string(STRIP "${subcommands}" subcommands)
string(REPLACE "\n" ";" subcommands "${subcommands}")
make_page(holdfast)
foreach(subcommand IN LISTS subcommands)
  make_page(holdfast-${subcommand} --of ${subcommand})
endforeach()
file(TOUCH "${DIRECTORY}/made")
