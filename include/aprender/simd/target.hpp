/// Instruction sets that the hot loops are compiled for, and which of them this processor has.
#pragma once

#if defined(__x86_64__) && defined(__GNUC__)
#define APRENDER_SIMD_X86 1
#else
#define APRENDER_SIMD_X86 0
#endif

namespace aprender::simd {

/// baseline is what the program is compiled for; the others are chosen at run time.
enum class Target { baseline, avx2, avx512 };

/// Whether processor and operating system can run it.
[[nodiscard]] inline bool available(Target target) {
#if APRENDER_SIMD_X86
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0;
  if (target == Target::avx2) return avx2;
  if (target == Target::avx512) {
    return avx2 && __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512vl") != 0 &&
           __builtin_cpu_supports("avx512dq") != 0;
  }
#endif
  return target == Target::baseline;
}

[[nodiscard]] inline Target best_target() {
  if (available(Target::avx512)) return Target::avx512;
  return available(Target::avx2) ? Target::avx2 : Target::baseline;
}

[[nodiscard]] constexpr const char* to_string(Target target) noexcept {
  return target == Target::avx512 ? "AVX-512" : target == Target::avx2 ? "AVX2" : "baseline";
}

}  // namespace aprender::simd
