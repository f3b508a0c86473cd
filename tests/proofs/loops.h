/* Invariants of the kernel's loops, by the names that APRENDER_LOOP gives them: they hold before the loop, each turn keeps
 * them, and they are all that a proof for any length knows afterwards. Each turn also makes the measure smaller. */
#ifndef APRENDER_PROOFS_LOOPS_H
#define APRENDER_PROOFS_LOOPS_H

#define APRENDER_LOOP(name) LOOP_##name
#define KEEPS(invariant, measure) __CPROVER_loop_invariant(invariant) __CPROVER_decreases(measure)

#define LOOP_equal KEEPS(i <= size && (ghost >= i || a[ghost] == b[ghost] || difference != 0), size - i)

#define LOOP_printable_ascii_prefix \
  KEEPS(i <= size && (ghost >= i || (text[ghost] >= 0x20 && text[ghost] <= 0x7e)), size - i)

#define LOOP_utf8_prefix \
  __CPROVER_assigns(at, reached, refused) KEEPS(at <= size && at == reached && !refused, size - at)

#define WITHIN(c, low, high) ((c) >= (low) && (c) <= (high))
#define DIGIT(c) WITHIN(c, '0', '9')
#define LOWER(c) WITHIN(c, 'a', 'z')
#define UPPER(c) WITHIN(c, 'A', 'Z')
#define IN_PORTABLE_NAME(c, i) (LOWER(c) || DIGIT(c) || (c) == '_' || ((i) > 0 && ((c) == '.' || (c) == '-')))
#define IN_TENSOR_NAME(c, i) (LOWER(c) || UPPER(c) || (c) == '_' || ((i) > 0 && (DIGIT(c) || (c) == '.')))

#define LOOP_is_portable_name KEEPS(i <= size && (ghost >= i || IN_PORTABLE_NAME(text[ghost], ghost)), size - i)
#define LOOP_is_tensor_name KEEPS(i <= size && (ghost >= i || IN_TENSOR_NAME(text[ghost], ghost)), size - i)

#define LOOP_zip_extra_valid KEEPS(i >= 4 && i <= size && (ghost < 4 || ghost >= i || extra[ghost] == 0), size - i)

#define STORED(to, values, width, k) ((to)[k] == (((values)[(k) / (width)] >> (8 * ((k) % (width)))) & 0xff))
#define LOOP_store_all_u32                         \
  __CPROVER_assigns(i, __CPROVER_object_whole(to)) \
      KEEPS(i <= count && (ghost / 4 >= i || STORED(to, values, 4, ghost)), count - i)
#define LOOP_store_all_u64                         \
  __CPROVER_assigns(i, __CPROVER_object_whole(to)) \
      KEEPS(i <= count && (ghost / 8 >= i || STORED(to, values, 8, ghost)), count - i)

#define LOOP_tensor_bytes KEEPS(i <= rank, rank - i)

#endif
