/* Invariants of the kernel's loops, by the names that APRENDER_LOOP gives them: they hold before the loop, each turn keeps
 * them, and they are all that a proof for any length knows afterwards. Each turn also makes the measure smaller. */
#ifndef APRENDER_PROOFS_LOOPS_H
#define APRENDER_PROOFS_LOOPS_H

#define APRENDER_LOOP(name) LOOP_##name
#define KEEPS(invariant, measure) __CPROVER_loop_invariant(invariant) __CPROVER_decreases(measure)

#define LOOP_equal KEEPS(i <= size && (ghost >= i || a[ghost] == b[ghost] || difference != 0), size - i)

#define LOOP_printable_ascii_prefix \
  KEEPS(i <= size && (ghost >= i || (text[ghost] >= 0x20 && text[ghost] <= 0x7e)), size - i)

/* Unicode 15, table 3-7, seen from one byte: what must stand before it or behind it. */
#define WITHIN(c, low, high) ((c) >= (low) && (c) <= (high))
#define TAIL(c) WITHIN(c, 0x80, 0xbf)
#define SECOND(lead, c)                     \
  ((lead) == 0xe0   ? WITHIN(c, 0xa0, 0xbf) \
   : (lead) == 0xed ? WITHIN(c, 0x80, 0x9f) \
   : (lead) == 0xf0 ? WITHIN(c, 0x90, 0xbf) \
   : (lead) == 0xf4 ? WITHIN(c, 0x80, 0x8f) \
                    : TAIL(c))
#define UTF8_AT(t, i, size)                                                                          \
  (t[i] <= 0x7f || (WITHIN(t[i], 0xc2, 0xdf) && (size) - (i) > 1 && TAIL(t[(i) + 1])) ||             \
   (WITHIN(t[i], 0xe0, 0xef) && (size) - (i) > 2 && SECOND(t[i], t[(i) + 1]) && TAIL(t[(i) + 2])) || \
   (WITHIN(t[i], 0xf0, 0xf4) && (size) - (i) > 3 && SECOND(t[i], t[(i) + 1]) && TAIL(t[(i) + 2]) &&  \
    TAIL(t[(i) + 3])) ||                                                                             \
   (TAIL(t[i]) && (i) > 0 && WITHIN(t[(i)-1], 0xc2, 0xf4)) ||                                        \
   (TAIL(t[i]) && (i) > 1 && TAIL(t[(i)-1]) && WITHIN(t[(i)-2], 0xe0, 0xf4)) ||                      \
   (TAIL(t[i]) && (i) > 2 && TAIL(t[(i)-1]) && TAIL(t[(i)-2]) && WITHIN(t[(i)-3], 0xf0, 0xf4)))

#define LOOP_utf8_prefix KEEPS(at <= size && (ghost >= at || UTF8_AT(text, ghost, at)), size - at)

#define DIGIT(c) WITHIN(c, '0', '9')
#define LOWER(c) WITHIN(c, 'a', 'z')
#define UPPER(c) WITHIN(c, 'A', 'Z')
#define IN_PORTABLE_NAME(c, i) (LOWER(c) || DIGIT(c) || (c) == '_' || ((i) > 0 && ((c) == '.' || (c) == '-')))
#define IN_TENSOR_NAME(c, i) (LOWER(c) || UPPER(c) || (c) == '_' || ((i) > 0 && (DIGIT(c) || (c) == '.')))

#define LOOP_is_portable_name KEEPS(i <= size && (ghost >= i || IN_PORTABLE_NAME(text[ghost], ghost)), size - i)
#define LOOP_is_tensor_name KEEPS(i <= size && (ghost >= i || IN_TENSOR_NAME(text[ghost], ghost)), size - i)

#define LOOP_zip_extra_valid KEEPS(i >= 4 && i <= size && (ghost < 4 || ghost >= i || extra[ghost] == 0), size - i)

#define LOOP_encode                                                                                 \
  __CPROVER_assigns(i, out, __CPROVER_object_whole(to))                                             \
      KEEPS(i <= count && out == to + 4 * i &&                                                      \
                (ghost >= 4 * i || to[ghost] == ((values[ghost / 4] >> (8 * (ghost % 4))) & 0xff)), \
            count - i)

#define LOOP_tensor_bytes KEEPS(i <= rank, rank - i)

#endif
