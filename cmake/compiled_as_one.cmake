# aprender_compiled_as_one(TARGET GROUP source...): sources of a target that are compiled as one file, which parses the
# headers and instantiates the templates that they share once. They see each other's helpers then, so that these have
# names of their own. A source may be in no group.
function(aprender_compiled_as_one target group)
  if(APRENDER_COMPILE_AS_ONE)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
    set_source_files_properties(${ARGN} PROPERTIES UNITY_GROUP ${group})
  endif()
endfunction()
