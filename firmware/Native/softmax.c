#include "kernels.h"

/*
 * SOFTMAX in fixed point, as gemmlowp defines exp and 1 / (1 + x). Values are written Qm.n: m integer bits, n fraction bits and a sign.
 * May work in place.
 */

/* a * b / 2^31, half upwards. */
static int64_t multiply(int64_t a, int64_t b)
{
    return (a * b + (1 << 30)) >> 31;
}

/* x / 2^exponent, half away from zero. */
static int64_t divide(int64_t x, int32_t exponent)
{
    return (x + ((int64_t)1 << (exponent - 1)) + (x >> 63)) >> exponent;
}

/* e^a in Q0.31, for a in Q5.26 that is not positive. */
static int32_t exp_of_negative(int32_t a)
{
    /* e^-(2^(i - 2)) in Q0.31. */
    static const int32_t powers[] = { 1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242 };
    int32_t quarter, remainder, i;
    int64_t x, x2, x3, x4, tail, result;

    if (a == 0) {
        return INT32_MAX;
    }

    /* a = quarter - remainder: quarter in [-1/4, 0), remainder a multiple of 1/4 of which each bit multiplies by its power of e. */
    quarter = (a & ((1 << 24) - 1)) - (1 << 24);
    remainder = (int32_t)((uint32_t)quarter - (uint32_t)a);

    /* Taylor series around -1/8. */
    x = (int64_t)quarter * 32 + (1 << 28);
    x2 = multiply(x, x);
    x3 = multiply(x2, x);
    x4 = multiply(x2, x2);
    tail = multiply(divide(x4, 2) + x3, 715827883) + x2;
    result = 1895147668 + multiply(1895147668, x + divide(tail, 1));
    for (i = 0; i < 7; i++) {
        if ((remainder & (int32_t)(1 << (24 + i))) != 0) {
            result = multiply(result, powers[i]);
        }
    }
    return (int32_t)result;
}

/* 1 / (1 + a) for a in [0, 1), both Q0.31: three Newton-Raphson steps on 1 / d, d = (1 + a) / 2. */
static int32_t one_over_one_plus(int32_t a)
{
    int64_t d = ((int64_t)a + INT32_MAX + 1) >> 1;

    /* The first estimate is 48/17 - 32/17 d, in Q2.29. */
    int64_t x = 1515870810 + multiply(d, -1010580540);
    int32_t i;

    for (i = 0; i < 3; i++) {
        /* The product is Q4.27. */
        x += multiply(x, (1 << 29) - multiply(d, x)) * 4;
    }

    /* x is 2 / (1 + a) in Q2.29, so 1 / (1 + a) in Q1.30. */
    x *= 2;
    return x < INT32_MAX ? (int32_t)x : INT32_MAX;
}

void tinf_softmax(const tinf_operator *op)
{
    const int32_t *p = op->parameters;
    int32_t depth = p[1];
    int32_t multiplier = p[2];
    int32_t left = p[3];
    int32_t least = p[4];
    const int8_t *x = op->arena + op->call->x;
    int8_t *y = op->arena + op->call->y;
    int32_t row, i;

    for (row = 0; row < p[0]; row++, x += depth, y += depth) {
        int32_t max = INT8_MIN;
        int32_t zeros = 0;
        uint32_t sum = 0; /* Q12.19: each term is at most 1 */
        int32_t reciprocal, right;
        for (i = 0; i < depth; i++) {
            max = x[i] > max ? x[i] : max;
        }
        for (i = 0; i < depth; i++) {
            if (x[i] - max >= least) {
                int64_t term = exp_of_negative(tinf_requantize(x[i] - max, multiplier, left));
                sum += (uint32_t)((term + (1 << 11)) >> 12);
            }
        }

        /* sum = 2^integer bits * (1 + fraction), fraction in Q0.31. */
        while ((int32_t)(sum << zeros) > 0) {
            zeros++;
        }
        reciprocal = one_over_one_plus((int32_t)((sum << zeros) - 0x80000000u));
        right = 12 - zeros + 31 - 8;
        for (i = 0; i < depth; i++) {
            int32_t difference = x[i] - max;
            int32_t result = -128;
            if (difference >= least) {
                int64_t product = multiply(reciprocal, exp_of_negative(tinf_requantize(difference, multiplier, left)));
                result = (int32_t)((product + ((int64_t)1 << (right - 1))) >> right) - 128;
            }
            y[i] = (int8_t)(result < 127 ? result : 127);
        }
    }
}
