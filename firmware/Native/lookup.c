#include "kernels.h"

/* LOOKUP: y = table[x + 128]. May work in place. */
void tinf_lookup(const tinf_operator *op)
{
    const int8_t *zero = op->weights + 128;
    const int8_t *x = op->arena + op->call->x;
    const int8_t *end = x + op->call->x_count;
    int8_t *y = op->arena + op->call->y;

    while (x != end) {
        *y++ = zero[*x++];
    }
}
