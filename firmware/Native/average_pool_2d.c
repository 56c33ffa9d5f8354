#include "pool_2d.h"

/* The mean, half away from zero. */
static void mean(const pool_window *window, int32_t min, int32_t max, int8_t *y)
{
    int32_t elements = window->rows * window->columns;
    int32_t channels = window->channels;
    int32_t c, row, column;

    for (c = 0; c < channels; c++) {
        const int8_t *x = window->x + c;
        int32_t sum = 0;
        for (row = 0; row < window->rows; row++) {
            const int8_t *at = x;
            for (column = window->columns; column != 0; column--) {
                sum += *at;
                at += channels;
            }
            x += window->row_bytes;
        }
        sum = tinf_wrap(sum, sum > 0 ? elements / 2 : -(elements / 2));
        y[c] = (int8_t)tinf_clamp(sum / elements, min, max);
    }
}

/* AVERAGE_POOL_2D: the mean of what of the window is inside the input. */
void tinf_average_pool_2d(const tinf_operator *op)
{
    tinf_pool_2d(op, mean);
}
