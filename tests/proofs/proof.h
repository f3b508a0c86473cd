/* The language of the proofs. Each is a function without parameters, behind a comment that states property and bound and
 * lists mutants of the kernel (docs/verification.md says how scripts/verify reads it). The prover takes the value of
 * nondet_*() to be every value there is. */
#ifndef APRENDER_PROOFS_PROOF_H
#define APRENDER_PROOFS_PROOF_H

#include <stdint.h>

#define PROOF(name) void name(void)
#define ASSUME(condition) __CPROVER_assume(condition)

/* A run asks either whether all that is claimed holds, or whether all that must happen can: there each REACHABLE has to
 * fail, or the proof is about nothing. */
#ifdef APRENDER_REACHABILITY
#define CLAIM(condition) ((void)(condition))
#define REACHABLE(condition) __CPROVER_assert(!(condition), "reachable: " #condition)
#else
#define CLAIM(condition) __CPROVER_assert(condition, #condition)
#define REACHABLE(condition) ((void)0)
#endif

#define IMPLIES(a, b) (!(a) || (b))
#define IFF(a, b) (!(a) == !(b))

uint8_t nondet_u8(void);
uint16_t nondet_u16(void);
uint32_t nondet_u32(void);
uint64_t nondet_u64(void);
int nondet_int(void);

/* Longer than any object that CBMC can tell apart, and than any archive (docs/format.md, limits). */
#define MOST_BYTES (UINT64_C(1) << 40)

/* `size` bytes of any content; not one more may be touched. */
static inline uint8_t* any_bytes(uint64_t size) { return (uint8_t*)__CPROVER_allocate(size, 0); }

/* An index of which a loop's invariant says that the loop has checked it: as it is any index, all have been. */
static uint64_t ghost;

/* What functions that stand in for those of the kernel remember (text.c). */
static uint64_t reached;
static int refused;

#include "loops.h"

#endif
