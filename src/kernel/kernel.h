/* The kernel: all arithmetic on bytes that are not trusted, in C11 that is also C++20, so that a prover reads as C the
 * very code that the library compiles. Initialised locals, integers and pointers; no unions, floats, memcpy,
 * allocation. */
#ifndef APRENDER_KERNEL_H
#define APRENDER_KERNEL_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define APRENDER_KERNEL [[nodiscard]] constexpr
#else
#define APRENDER_KERNEL static inline
#endif

/* Names the loop it follows, so that the prover finds the invariant (tests/proofs/loops.h); nothing to a compiler. */
#ifndef APRENDER_LOOP
#define APRENDER_LOOP(name)
#endif

#endif
