#include "kernels.h"

#include <stddef.h>

/* FULLY_CONNECTED: each row of K elements times the weights [O, K]. */
void tinf_fully_connected(const tinf_operator *op)
{
    const int32_t *p = op->parameters;
    int32_t length = p[0];
    int32_t outputs = op->call->bias_count;
    int32_t rows = op->call->x_count / length;
    const int8_t *x = op->arena + op->call->x;
    int8_t *y = op->arena + op->call->y;
    int32_t first, i;

    for (; rows > 0; rows--) {
        for (first = 0; first < outputs; first += TINF_CHUNK) {
            uint32_t sums[TINF_CHUNK];
            int32_t count = outputs - first < TINF_CHUNK ? outputs - first : TINF_CHUNK;
            for (i = 0; i < count; i++) {
                sums[i] = (uint32_t)op->biases[first + i];
            }
            tinf_dot_products(x, NULL, length, op->weights + first * length, length, count, sums, NULL);
            tinf_store(op, sums, count, first, y, p[1], p[2], p[3]);
            y += count;
        }
        x += length;
    }
}
