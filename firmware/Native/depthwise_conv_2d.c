#include "kernels.h"

/* Bytes of the part of a window that is gathered at a time. */
enum { PART = 9 * TINF_CHUNK };

/* A rectangle of kernel elements, the same for several channels: how far apart they and their weights are. */
typedef struct rectangle {
    int32_t rows;
    int32_t w_length;    /* of a row */
    int32_t x_column;
    int32_t x_row;       /* from behind the last element of a row to the first of the next */
    int32_t w_column;
    int32_t w_row;
} rectangle;

/*
 * sums[i] = start[i] + the products of output channel i, for channels that each see their own input channel. Eight neighbours at a time keep their sums
 * in registers.
 */
static void multiply(const rectangle *r, const int8_t *x, const int8_t *w, const uint32_t *start, int32_t count, uint32_t *sums)
{
    int32_t x_column = r->x_column;
    int32_t w_column = r->w_column;
    int32_t rows;

    for (; count >= 8; count -= 8, x += 8, w += 8, start += 8, sums += 8) {
        const int8_t *a = x;
        const int8_t *b = w;
        uint32_t s0 = start[0], s1 = start[1], s2 = start[2], s3 = start[3];
        uint32_t s4 = start[4], s5 = start[5], s6 = start[6], s7 = start[7];
        for (rows = r->rows; rows != 0; rows--) {
            const int8_t *end = b + r->w_length;
            while (b != end) {
                s0 += (uint32_t)(a[0] * b[0]);
                s1 += (uint32_t)(a[1] * b[1]);
                s2 += (uint32_t)(a[2] * b[2]);
                s3 += (uint32_t)(a[3] * b[3]);
                TINF_LOADS_WAIT();
                s4 += (uint32_t)(a[4] * b[4]);
                s5 += (uint32_t)(a[5] * b[5]);
                s6 += (uint32_t)(a[6] * b[6]);
                s7 += (uint32_t)(a[7] * b[7]);
                a += x_column;
                b += w_column;
                TINF_STEP_ENDS(s0, s1, s2, s3, s4, s5, s6, s7);
            }
            a += r->x_row;
            b += r->w_row;
        }
        sums[0] = s0;
        sums[1] = s1;
        sums[2] = s2;
        sums[3] = s3;
        sums[4] = s4;
        sums[5] = s5;
        sums[6] = s6;
        sums[7] = s7;
    }
    for (; count > 0; count--, x++, w++) {
        const int8_t *a = x;
        const int8_t *b = w;
        uint32_t sum = *start++;
        for (rows = r->rows; rows != 0; rows--) {
            const int8_t *end = b + r->w_length;
            while (b != end) {
                sum += (uint32_t)(*a * *b);
                a += x_column;
                b += w_column;
            }
            a += r->x_row;
            b += r->w_row;
        }
        *sums++ = sum;
    }
}

/* The same where `multiplier` output channels see one input channel; the first one is number `phase` of them. */
static void multiply_shared(
    const rectangle *r, const int8_t *x, const int8_t *w, const uint32_t *start, int32_t count, int32_t multiplier, int32_t phase,
    uint32_t *sums)
{
    for (; count > 0; count--, w++) {
        multiply(r, x, w, start++, 1, sums++);
        phase++;
        if (phase == multiplier) {
            phase = 0;
            x++;
        }
    }
}

/*
 * Copies `count` channels of kernel elements `from` to `from + elements - 1` (in C order) of the window at (row, column) to `to`; zpX stands for what is
 * outside.
 */
static void gather(
    const tinf_operator *op, const int8_t *image, int32_t row, int32_t column, int32_t from, int32_t elements, int32_t count, int8_t *to)
{
    const int32_t *p = op->parameters;
    const tinf_call *call = op->call;
    int32_t ky = from / p[1];
    int32_t kx = from - ky * p[1];

    for (; elements > 0; elements--, to += count) {
        int32_t y = row + ky * p[4];
        int32_t x = column + kx * p[5];
        if (y < 0 || y >= call->height || x < 0 || x >= call->width) {
            tinf_fill(to, (int8_t)p[8], count);
        } else {
            tinf_copy(to, image + (y * call->width + x) * call->channels, count);
        }
        kx++;
        if (kx == p[1]) {
            kx = 0;
            ky++;
        }
    }
}

/* Output channels `first` to `first + count - 1` at one position, whose window begins at (row, column) of the image. */
static void run_position(
    const tinf_operator *op, const int8_t *image, int32_t row, int32_t column, int32_t first, int32_t count, int8_t *y)
{
    const int32_t *p = op->parameters;
    const tinf_call *call = op->call;
    int32_t multiplier = p[12];
    int32_t channel = first / multiplier;
    int32_t phase = first - channel * multiplier;
    int32_t channels = (phase + count - 1) / multiplier + 1;
    const int8_t *weights = op->weights + first;
    const uint32_t *start = (const uint32_t *)op->biases + first;
    uint32_t sums[TINF_CHUNK];
    int8_t part[PART] TINF_ALIGNED;
    rectangle r;
    int inside = row >= 0 && column >= 0 && row + (p[0] - 1) * p[4] < call->height && column + (p[1] - 1) * p[5] < call->width;
    int32_t elements = p[0] * p[1];
    int32_t most = PART / channels;
    int32_t from, size;

    r.w_column = call->y_channels;
    r.w_row = 0;
    for (from = 0; from < elements; from += size) {
        const int8_t *x = part;
        if (inside) {
            x = image + ((row * call->width + column) * call->channels + channel);
            size = elements;
            r.rows = p[0];
            r.w_length = p[1] * r.w_column;
            r.x_column = p[1] == 1 ? 0 : p[5] * call->channels;
            r.x_row = p[0] == 1 ? 0 : p[4] * call->width * call->channels - p[1] * r.x_column;
        } else {
            size = elements - from < most ? elements - from : most;
            gather(op, image + channel, row, column, from, size, channels, part);
            r.rows = 1;
            r.w_length = size * r.w_column;
            r.x_column = channels;
            r.x_row = 0;
        }
        if (multiplier == 1) {
            multiply(&r, x, weights + from * r.w_column, start, count, sums);
        } else {
            multiply_shared(&r, x, weights + from * r.w_column, start, count, multiplier, phase, sums);
        }
        start = sums;
    }
    tinf_store(op, sums, count, first, y, p[9], p[10], p[11]);
}

/*
 * DEPTHWISE_CONV_2D: output channel c * m + j sees input channel c only. A window that is inside is read where it is; one at the border is
 * gathered in parts on the stack.
 */
void tinf_depthwise_conv_2d(const tinf_operator *op)
{
    const int32_t *p = op->parameters;
    const tinf_call *call = op->call;
    const int8_t *image = op->arena + call->x;
    int8_t *y = op->arena + call->y;
    int32_t n, row, column, first;

    for (n = 0; n < call->batches; n++) {
        for (row = 0; row < call->y_height; row++) {
            for (column = 0; column < call->y_width; column++) {
                for (first = 0; first < call->y_channels; first += TINF_CHUNK) {
                    int32_t count = call->y_channels - first < TINF_CHUNK ? call->y_channels - first : TINF_CHUNK;
                    run_position(op, image, row * p[2] - p[6], column * p[3] - p[7], first, count, y);
                    y += count;
                }
            }
        }
        image += call->height * call->width * call->channels;
    }
}
