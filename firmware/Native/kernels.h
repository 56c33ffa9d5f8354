/* What the kernels share. Not for users of the library. */
#ifndef TINF_KERNELS_H
#define TINF_KERNELS_H

#include "tinf.h"

/* An operator, ready to run. */
typedef struct tinf_operator {
    const tinf_call *call;
    int8_t *arena;
    const int8_t *weights;
    const int32_t *biases;
    const int32_t *multipliers;
    const int8_t *shifts;
    const int32_t *parameters;
} tinf_operator;

/* Accumulators that are collected on the stack before they are requantized. */
enum { TINF_CHUNK = 64 };

void tinf_conv_2d(const tinf_operator *op);
void tinf_depthwise_conv_2d(const tinf_operator *op);
void tinf_fully_connected(const tinf_operator *op);
void tinf_add(const tinf_operator *op);
void tinf_mul(const tinf_operator *op);
void tinf_average_pool_2d(const tinf_operator *op);
void tinf_max_pool_2d(const tinf_operator *op);
void tinf_mean(const tinf_operator *op);
void tinf_lookup(const tinf_operator *op);
void tinf_softmax(const tinf_operator *op);

/*
 * accumulators0[i] += the dot product of x0 with row i of the weights, and accumulators1[i] with x1 unless that is NULL: two
 * positions at a time share the loads of the weights.
 * x0, x1 [length]; weights [count] rows, each `row` bytes after the one before.
 */
void tinf_dot_products(
    const int8_t *x0, const int8_t *x1, int32_t length, const int8_t *weights, int32_t row, int32_t count,
    uint32_t *accumulators0, uint32_t *accumulators1);

/* Requantizes accumulators of the channels from `channel` on and stores them, clamped to [min, max], from y on. */
void tinf_store(
    const tinf_operator *op, const uint32_t *accumulators, int32_t count, int32_t channel, int8_t *y, int32_t zero_point,
    int32_t min, int32_t max);

/* Copies bytes that do not overlap: as words where both ends allow it. (The C libraries of boards are built small, and copy byte by byte.) */
void tinf_copy(int8_t *to, const int8_t *from, int32_t count);

/* Likewise, of one value. */
void tinf_fill(int8_t *to, int8_t value, int32_t count);

/* Where element `index`, in C order over the first `rank` dimensions, lies. */
int32_t tinf_strided_offset(const int32_t *dimensions, const int32_t *strides, int32_t rank, int32_t index);

/*
 * Keeps the compiler from adding the products of several steps before they meet the sums, and from loading for several steps at once: either
 * needs more registers than there are. For the end of each step of a block of 8 sums.
 */
#ifdef __GNUC__
#define TINF_STEP_ENDS(s0, s1, s2, s3, s4, s5, s6, s7) \
    __asm__ volatile("" : "+r"(s0), "+r"(s1), "+r"(s2), "+r"(s3), "+r"(s4), "+r"(s5), "+r"(s6), "+r"(s7) : : "memory")
#define TINF_LOADS_WAIT() __asm__ volatile("" : : : "memory")
#define TINF_ALIGNED __attribute__((aligned(4)))
#else
#define TINF_ALIGNED
#define TINF_LOADS_WAIT() ((void)0)
#define TINF_STEP_ENDS(s0, s1, s2, s3, s4, s5, s6, s7) ((void)0)
#endif

static inline int32_t tinf_clamp(int32_t x, int32_t min, int32_t max)
{
    return x < min ? min : x > max ? max : x;
}

/*
 * round(x * multiplier / 2^31), multiplier in Q31 and not negative, half upwards. As 2 * multiplier fits 32 bits without a sign, the product's
 * high word is the quotient and the top bit of its low word the half.
 */
static inline int32_t tinf_multiply(int32_t x, int32_t multiplier)
{
    int64_t product = (int64_t)x * ((uint32_t)multiplier << 1);
    return (int32_t)((uint32_t)(product >> 32) + ((uint32_t)product >> 31));
}

/*
 * round(x / 2^exponent), half away from zero, for exponents 1 to 31 and any x but INT32_MIN. From (x + 2^(e-1) - (x < 0)) >> e; halving what is
 * left after e-1 bits keeps it in 32 bits.
 */
static inline int32_t tinf_divide_by_power(int32_t x, int32_t exponent)
{
    return (((x + (x >> 31)) >> (exponent - 1)) + 1) >> 1;
}

/* x * multiplier * 2^(shift - 31), rounded twice as TensorFlow Lite does. */
static inline int32_t tinf_requantize(int32_t x, int32_t multiplier, int32_t shift)
{
    if (shift >= 0) {
        return tinf_multiply((int32_t)((uint32_t)x << shift), multiplier);
    }
    return tinf_divide_by_power(tinf_multiply(x, multiplier), -shift);
}

/* a + b modulo 2^32. */
static inline int32_t tinf_wrap(int32_t a, int32_t b)
{
    return (int32_t)((uint32_t)a + (uint32_t)b);
}

#endif
