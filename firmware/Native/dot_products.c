#include "kernels.h"

#include <stddef.h>

/*
 * The innermost loops of CONV_2D and FULLY_CONNECTED. A block of accumulators stays in registers, so that each load serves several products: 2
 * positions by 4 channels need 6 byte loads for 8 products, 1 by 8 needs 9. Sums are modulo 2^32.
 */

#define MULTIPLY_2(sum0, sum1, w)        \
    do {                                 \
        int32_t weight = (w);            \
        (sum0) += (uint32_t)(a * weight); \
        (sum1) += (uint32_t)(b * weight); \
    } while (0)

#define STEP_2X4(i)                      \
    do {                                 \
        int32_t a = x0[i];               \
        int32_t b = x1[i];               \
        MULTIPLY_2(s00, s10, w0[i]);     \
        MULTIPLY_2(s01, s11, w1[i]);     \
        MULTIPLY_2(s02, s12, w2[i]);     \
        MULTIPLY_2(s03, s13, w3[i]);     \
        TINF_STEP_ENDS(s00, s01, s02, s03, s10, s11, s12, s13); \
    } while (0)

static void dot_2x4(const int8_t *x0, const int8_t *x1, int32_t length, const int8_t *w0, int32_t row, uint32_t *sums0, uint32_t *sums1)
{
    const int8_t *w1 = w0 + row;
    const int8_t *w2 = w1 + row;
    const int8_t *w3 = w2 + row;
    const int8_t *end = x0 + length;
    const int8_t *fours = x0 + (length & ~3);
    uint32_t s00 = sums0[0], s01 = sums0[1], s02 = sums0[2], s03 = sums0[3];
    uint32_t s10 = sums1[0], s11 = sums1[1], s12 = sums1[2], s13 = sums1[3];

    while (x0 != fours) {
        STEP_2X4(0);
        STEP_2X4(1);
        STEP_2X4(2);
        STEP_2X4(3);
        x0 += 4;
        x1 += 4;
        w0 += 4;
        w1 += 4;
        w2 += 4;
        w3 += 4;
    }
    while (x0 != end) {
        STEP_2X4(0);
        x0++;
        x1++;
        w0++;
        w1++;
        w2++;
        w3++;
    }
    sums0[0] = s00;
    sums0[1] = s01;
    sums0[2] = s02;
    sums0[3] = s03;
    sums1[0] = s10;
    sums1[1] = s11;
    sums1[2] = s12;
    sums1[3] = s13;
}

#define STEP_1X8(i)                      \
    do {                                 \
        int32_t a = x[i];                \
        s0 += (uint32_t)(a * w0[i]);     \
        s1 += (uint32_t)(a * w1[i]);     \
        s2 += (uint32_t)(a * w2[i]);     \
        s3 += (uint32_t)(a * w3[i]);     \
        s4 += (uint32_t)(a * w4[i]);     \
        s5 += (uint32_t)(a * w5[i]);     \
        s6 += (uint32_t)(a * w6[i]);     \
        s7 += (uint32_t)(a * w7[i]);     \
        TINF_STEP_ENDS(s0, s1, s2, s3, s4, s5, s6, s7); \
    } while (0)

#define ADVANCE_1X8(n) \
    do {               \
        x += (n);      \
        w0 += (n);     \
        w1 += (n);     \
        w2 += (n);     \
        w3 += (n);     \
        w4 += (n);     \
        w5 += (n);     \
        w6 += (n);     \
        w7 += (n);     \
    } while (0)

static void dot_1x8(const int8_t *x, int32_t length, const int8_t *w0, int32_t row, uint32_t *sums)
{
    const int8_t *w1 = w0 + row;
    const int8_t *w2 = w1 + row;
    const int8_t *w3 = w2 + row;
    const int8_t *w4 = w3 + row;
    const int8_t *w5 = w4 + row;
    const int8_t *w6 = w5 + row;
    const int8_t *w7 = w6 + row;
    const int8_t *end = x + length;
    const int8_t *eights = x + (length & ~7);
    uint32_t s0 = sums[0], s1 = sums[1], s2 = sums[2], s3 = sums[3];
    uint32_t s4 = sums[4], s5 = sums[5], s6 = sums[6], s7 = sums[7];

    while (x != eights) {
        STEP_1X8(0);
        STEP_1X8(1);
        STEP_1X8(2);
        STEP_1X8(3);
        STEP_1X8(4);
        STEP_1X8(5);
        STEP_1X8(6);
        STEP_1X8(7);
        ADVANCE_1X8(8);
    }
    while (x != end) {
        STEP_1X8(0);
        ADVANCE_1X8(1);
    }
    sums[0] = s0;
    sums[1] = s1;
    sums[2] = s2;
    sums[3] = s3;
    sums[4] = s4;
    sums[5] = s5;
    sums[6] = s6;
    sums[7] = s7;
}

static uint32_t dot_1x1(const int8_t *x, int32_t length, const int8_t *w, uint32_t sum)
{
    const int8_t *end = x + length;
    const int8_t *fours = x + (length & ~3);

    for (; x != fours; x += 4, w += 4) {
        sum += (uint32_t)(x[0] * w[0]) + (uint32_t)(x[1] * w[1]) + (uint32_t)(x[2] * w[2]) + (uint32_t)(x[3] * w[3]);
    }
    for (; x != end; x++, w++) {
        sum += (uint32_t)(x[0] * w[0]);
    }
    return sum;
}

void tinf_dot_products(
    const int8_t *x0, const int8_t *x1, int32_t length, const int8_t *weights, int32_t row, int32_t count,
    uint32_t *accumulators0, uint32_t *accumulators1)
{
    int32_t i = 0;

    if (x1 != NULL) {
        for (; i + 4 <= count; i += 4, weights += 4 * row) {
            dot_2x4(x0, x1, length, weights, row, accumulators0 + i, accumulators1 + i);
        }
    } else {
        for (; i + 8 <= count; i += 8, weights += 8 * row) {
            dot_1x8(x0, length, weights, row, accumulators0 + i);
        }
    }
    for (; i < count; i++, weights += row) {
        accumulators0[i] = dot_1x1(x0, length, weights, accumulators0[i]);
        if (x1 != NULL) {
            accumulators1[i] = dot_1x1(x1, length, weights, accumulators1[i]);
        }
    }
}
