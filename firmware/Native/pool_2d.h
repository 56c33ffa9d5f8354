/* What AVERAGE_POOL_2D and MAX_POOL_2D share. */
#ifndef TINF_POOL_2D_H
#define TINF_POOL_2D_H

#include "kernels.h"

/* The part of one window that is inside the input, all of its channels from x on. */
typedef struct pool_window {
    const int8_t *x;
    int32_t rows;
    int32_t columns;
    int32_t channels;
    int32_t row_bytes; /* of the input */
} pool_window;

/* Reduces each channel of a window to y, before the clamp. */
typedef void (*pool_reduction)(const pool_window *window, int32_t min, int32_t max, int8_t *y);

void tinf_pool_2d(const tinf_operator *op, pool_reduction reduce);

#endif
