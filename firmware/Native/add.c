#include "broadcast.h"

#include <stddef.h>

/* x * multiplier / 2^(31 + right), rounded twice. */
static inline int32_t scale(int32_t x, int32_t multiplier, int32_t right)
{
    int32_t high = tinf_multiply(x, multiplier);
    return right == 0 ? high : tinf_divide_by_power(high, right);
}

static void add_row(const broadcast_row *row)
{
    const int32_t *p = row->parameters;
    int32_t left = p[0];
    int32_t zero_a = p[1], multiplier_a = p[2], right_a = -p[3];
    int32_t zero_b = p[4], multiplier_b = p[5], right_b = -p[6];
    int32_t zero_y = p[7], multiplier_y = p[8], right_y = -p[9];
    int32_t min = p[10], max = p[11];
    const int8_t *a = row->a;
    const int8_t *b = row->b;
    const int32_t *constant = row->biases;
    const int8_t *end = row->y + row->count;
    int8_t *y = row->y;

    for (; y != end; y++) {
        uint32_t sum = (uint32_t)scale((*a - zero_a) * (1 << left), multiplier_a, right_a);
        uint32_t other;
        if (b == NULL) {
            other = (uint32_t)*constant;
            constant += row->step_b;
        } else {
            other = (uint32_t)scale((*b - zero_b) * (1 << left), multiplier_b, right_b);
            b += row->step_b;
        }
        a += row->step_a;
        sum = row->is_subtraction ? sum - other : sum + other;
        *y = (int8_t)tinf_clamp(tinf_wrap(scale((int32_t)sum, multiplier_y, right_y), zero_y), min, max);
    }
}

/* ADD and SUB: both operands on one scale in 32 bits, then the sum to the result's scale. May work in place. */
void tinf_add(const tinf_operator *op)
{
    tinf_broadcast(op, 12, add_row);
}
