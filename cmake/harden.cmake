# Compiles and links a target with what makes memory errors harder to exploit (docs/security.md, scripts/hardening).
# Applies to optimised builds alone, where _FORTIFY_SOURCE works, and to the target alone: not to those who link it.
include(CheckCXXCompilerFlag)
include(CheckPIESupported)
check_pie_supported()
check_cxx_compiler_flag(-fstack-clash-protection APRENDER_HAS_STACK_CLASH_PROTECTION)
check_cxx_compiler_flag(-fcf-protection APRENDER_HAS_CF_PROTECTION)  # x86 alone

function(aprender_harden target)
  if(NOT APRENDER_HARDEN)
    return()
  endif()
  set(optimised "$<CONFIG:Release,RelWithDebInfo,MinSizeRel>")
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  target_compile_options(${target} PRIVATE $<${optimised}:-fstack-protector-strong>
    $<$<AND:${optimised},$<BOOL:${APRENDER_HAS_STACK_CLASH_PROTECTION}>>:-fstack-clash-protection>
    $<$<AND:${optimised},$<BOOL:${APRENDER_HAS_CF_PROTECTION}>>:-fcf-protection>
    $<${optimised}:-U_FORTIFY_SOURCE> $<${optimised}:-D_FORTIFY_SOURCE=2>)
  get_target_property(type ${target} TYPE)
  if(NOT type STREQUAL "STATIC_LIBRARY")
    target_link_options(${target} PRIVATE
      $<${optimised}:LINKER:-z,relro> $<${optimised}:LINKER:-z,now> $<${optimised}:LINKER:-z,noexecstack>)
  endif()
endfunction()
