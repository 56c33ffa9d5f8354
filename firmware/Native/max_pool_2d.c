#include "pool_2d.h"

static void largest(const pool_window *window, int32_t min, int32_t max, int8_t *y)
{
    int32_t channels = window->channels;
    int32_t c, row, column;

    for (c = 0; c < channels; c++) {
        const int8_t *x = window->x + c;
        int32_t most = INT8_MIN;
        for (row = 0; row < window->rows; row++) {
            const int8_t *at = x;
            for (column = window->columns; column != 0; column--) {
                most = *at > most ? *at : most;
                at += channels;
            }
            x += window->row_bytes;
        }
        y[c] = (int8_t)tinf_clamp(most, min, max);
    }
}

/* MAX_POOL_2D: the largest of what of the window is inside the input. */
void tinf_max_pool_2d(const tinf_operator *op)
{
    tinf_pool_2d(op, largest);
}
