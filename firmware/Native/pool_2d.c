#include "pool_2d.h"

void tinf_pool_2d(const tinf_operator *op, pool_reduction reduce)
{
    const int32_t *p = op->parameters;
    const tinf_call *call = op->call;
    int32_t row_bytes = call->width * call->channels;
    const int8_t *image = op->arena + call->x;
    int8_t *y = op->arena + call->y;
    int32_t n, row, column;

    for (n = 0; n < call->batches; n++, image += call->height * row_bytes) {
        for (row = 0; row < call->y_height; row++) {
            int32_t top = row * p[2] - p[4];
            int32_t bottom = top + p[0] < call->height ? top + p[0] : call->height;
            top = top > 0 ? top : 0;
            for (column = 0; column < call->y_width; column++) {
                int32_t left = column * p[3] - p[5];
                int32_t right = left + p[1] < call->width ? left + p[1] : call->width;
                pool_window window;
                left = left > 0 ? left : 0;
                window.x = image + (top * row_bytes + left * call->channels);
                window.rows = bottom - top;
                window.columns = right - left;
                window.channels = call->channels;
                window.row_bytes = row_bytes;
                reduce(&window, p[6], p[7], y);
                y += call->channels;
            }
        }
    }
}
