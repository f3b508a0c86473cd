# Runs PROGRAM; fails unless it succeeds and its output ends with a match of LAST_WORDS.
execute_process(COMMAND ${PROGRAM} OUTPUT_VARIABLE output RESULT_VARIABLE result)
message("${output}")
if(NOT result EQUAL 0)
  message(FATAL_ERROR "exit code ${result}")
endif()
if(NOT output MATCHES "${LAST_WORDS}\n$")
  message(FATAL_ERROR "the last words are not '${LAST_WORDS}'")
endif()
