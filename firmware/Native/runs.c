#include "kernels.h"

void tinf_copy(int8_t *to, const int8_t *from, int32_t count)
{
    const int8_t *end = from + count;

    if ((((uintptr_t)to | (uintptr_t)from) & 3) == 0) {
        for (; end - from >= 16; from += 16, to += 16) {
            const uint32_t *source = (const uint32_t *)(const void *)from;
            uint32_t *target = (uint32_t *)(void *)to;
            uint32_t a = source[0], b = source[1], c = source[2], d = source[3];
            target[0] = a;
            target[1] = b;
            target[2] = c;
            target[3] = d;
        }
        for (; end - from >= 4; from += 4, to += 4) {
            *(uint32_t *)(void *)to = *(const uint32_t *)(const void *)from;
        }
    }
    while (from != end) {
        *to++ = *from++;
    }
}

void tinf_fill(int8_t *to, int8_t value, int32_t count)
{
    const int8_t *end = to + count;

    if (count >= 16 && ((uintptr_t)to & 3) == 0) {
        uint32_t word = (uint8_t)value * 0x01010101u;
        for (; end - to >= 16; to += 16) {
            uint32_t *target = (uint32_t *)(void *)to;
            target[0] = word;
            target[1] = word;
            target[2] = word;
            target[3] = word;
        }
    }
    while (to != end) {
        *to++ = value;
    }
}
