#include "broadcast.h"

#include <stddef.h>

static void multiply_row(const broadcast_row *row)
{
    const int32_t *p = row->parameters;
    const int8_t *a = row->a;
    const int8_t *b = row->b;
    const int32_t *constant = row->biases;
    const int8_t *end = row->y + row->count;
    int8_t *y = row->y;

    for (; y != end; y++) {
        int32_t factor;
        int32_t product;
        if (b == NULL) {
            factor = *constant;
            constant += row->step_b;
        } else {
            factor = *b - p[1];
            b += row->step_b;
        }
        product = (int32_t)((uint32_t)(*a - p[0]) * (uint32_t)factor);
        a += row->step_a;
        *y = (int8_t)tinf_clamp(tinf_wrap(tinf_requantize(product, p[3], p[4]), p[2]), p[5], p[6]);
    }
}

/* MUL: the product of two operands. May work in place. */
void tinf_mul(const tinf_operator *op)
{
    tinf_broadcast(op, 7, multiply_row);
}
