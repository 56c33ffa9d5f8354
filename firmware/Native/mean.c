#include "kernels.h"

/* MEAN over any dimensions: the sum of int8 elements, then one multiplication that also divides by their number. */
void tinf_mean(const tinf_operator *op)
{
    const int32_t *p = op->parameters;
    int32_t kept = p[6];
    const int32_t *kept_dimensions = p + 7;
    const int32_t *kept_strides = kept_dimensions + kept;
    const int32_t *reduced = kept_strides + kept;
    int32_t outer = reduced[0] - 1;
    const int32_t *dimensions = reduced + 1;
    const int32_t *strides = dimensions + reduced[0];
    int32_t inner = outer < 0 ? 1 : dimensions[outer];
    int32_t step = outer < 0 ? 0 : strides[outer];
    int32_t rows = 1;
    int32_t terms, multiplier, shift;
    uint32_t zeros;
    int32_t up = 0;
    const int8_t *x = op->arena + op->call->x;
    int8_t *y = op->arena + op->call->y;
    int32_t i, j, row;

    for (i = 0; i < outer; i++) {
        rows *= dimensions[i];
    }

    /* 1 / terms goes into the multiplier, which first moves up by the whole bits of terms. */
    terms = rows * inner;
    zeros = (uint32_t)p[0] * (uint32_t)terms;
    while (up < 31 + p[3] && terms >> up > 1) {
        up++;
    }
    multiplier = (int32_t)(((int64_t)p[2] << up) / terms);
    shift = p[3] - up;

    for (i = 0; i < op->call->y_count; i++) {
        const int8_t *start = x + tinf_strided_offset(kept_dimensions, kept_strides, kept, i);
        uint32_t sum = 0u - zeros;
        for (row = 0; row < rows; row++) {
            const int8_t *at = start + tinf_strided_offset(dimensions, strides, outer, row);
            for (j = inner; j != 0; j--) {
                sum += (uint32_t)*at;
                at += step;
            }
        }
        y[i] = (int8_t)tinf_clamp(tinf_wrap(tinf_requantize((int32_t)sum, multiplier, shift), p[1]), p[4], p[5]);
    }
}
