#include "kernels.h"

#include <stddef.h>

/* Bytes of a window that are gathered at a time, for each of two positions. */
enum { PART = 160 };

/* An output position: the image it belongs to and where its window begins, which may be outside. */
typedef struct position {
    const int8_t *image;
    int32_t row;
    int32_t column;
} position;

/*
 * Copies `count` bytes of a window, from its byte `start` on, to `to`; zpX stands for what is outside the input. The window is
 * [kernelH, kernelW, groupInputs], of the group whose first input channel is `channel`.
 */
static void gather(const tinf_operator *op, const position *at, int32_t channel, int32_t start, int32_t count, int8_t *to)
{
    const int32_t *p = op->parameters;
    int32_t height = op->call->height;
    int32_t width = op->call->width;
    int32_t channels = op->call->channels;
    int32_t kernel_width = p[1];
    int32_t depth = channels / p[12];
    int8_t zero = (int8_t)p[8];
    int32_t row_bytes = kernel_width * depth;
    int32_t ky = start / row_bytes;
    int32_t inside = start - ky * row_bytes; /* bytes of kernel row ky that come before */

    for (; count > 0; ky++, inside = 0) {
        int32_t y = at->row + ky * p[4];
        int32_t left = row_bytes - inside < count ? row_bytes - inside : count;
        count -= left;
        if (y < 0 || y >= height) {
            tinf_fill(to, zero, left);
            to += left;
        } else if (p[5] == 1 && depth == channels) {
            /* A kernel row is one run of the input, whose ends may be outside. */
            int32_t from = at->column * depth + inside;
            int32_t limit = width * depth;
            int32_t before = from >= 0 ? 0 : -from < left ? -from : left;
            int32_t beyond = from + left - limit;
            int32_t after = beyond <= 0 ? 0 : beyond < left - before ? beyond : left - before;
            int32_t middle = left - before - after;
            tinf_fill(to, zero, before);
            to += before;
            if (middle > 0) {
                tinf_copy(to, at->image + (y * limit + from + before), middle);
                to += middle;
            }
            tinf_fill(to, zero, after);
            to += after;
        } else {
            int32_t kx = inside / depth;
            int32_t c = inside - kx * depth;
            for (; left > 0; kx++, c = 0) {
                int32_t x = at->column + kx * p[5];
                int32_t run = depth - c < left ? depth - c : left;
                if (x < 0 || x >= width) {
                    tinf_fill(to, zero, run);
                } else {
                    tinf_copy(to, at->image + ((y * width + x) * channels + channel + c), run);
                }
                to += run;
                left -= run;
            }
        }
    }
}

/* Whether every window is one contiguous run of the input, wholly inside. */
static int is_one_run(const tinf_operator *op)
{
    const int32_t *p = op->parameters;
    const tinf_call *call = op->call;
    int one_run = (p[1] == 1 || p[5] == 1) && (p[0] == 1 || (p[4] == 1 && p[1] == call->width));

    return one_run && p[12] == 1 && p[6] == 0 && p[7] == 0
        && (call->y_height - 1) * p[2] + (p[0] - 1) * p[4] < call->height
        && (call->y_width - 1) * p[3] + (p[1] - 1) * p[5] < call->width;
}

/* All output channels of one position, or of two neighbours where `count` is 2. */
static void run_positions(const tinf_operator *op, const position *at, int32_t count, int one_run, int8_t *y)
{
    const int32_t *p = op->parameters;
    int32_t channels = op->call->channels;
    int32_t outputs = op->call->y_channels;
    int32_t depth = channels / p[12];
    int32_t group_outputs = outputs / p[12];
    int32_t window = p[0] * p[1] * depth;
    int32_t first, group, i, k;

    for (group = 0; group < p[12]; group++) {
        int32_t end = (group + 1) * group_outputs;
        for (first = group * group_outputs; first < end; first += TINF_CHUNK) {
            uint32_t sums0[TINF_CHUNK];
            uint32_t sums1[TINF_CHUNK];
            int32_t part = end - first < TINF_CHUNK ? end - first : TINF_CHUNK;
            const int8_t *weights = op->weights + first * window;
            for (i = 0; i < part; i++) {
                sums0[i] = sums1[i] = (uint32_t)op->biases[first + i];
            }
            if (one_run) {
                const int8_t *x0 = at[0].image + (at[0].row * op->call->width + at[0].column) * channels;
                const int8_t *x1 = count == 1 ? NULL : at[1].image + (at[1].row * op->call->width + at[1].column) * channels;
                tinf_dot_products(x0, x1, window, weights, window, part, sums0, sums1);
            } else {
                for (k = 0; k < window; k += PART) {
                    int8_t parts[2][PART] TINF_ALIGNED;
                    int32_t length = window - k < PART ? window - k : PART;
                    for (i = 0; i < count; i++) {
                        gather(op, at + i, group * depth, k, length, parts[i]);
                    }
                    tinf_dot_products(parts[0], count == 1 ? NULL : parts[1], length, weights + k, window, part, sums0, sums1);
                }
            }
            tinf_store(op, sums0, part, first, y + first, p[9], p[10], p[11]);
            if (count == 2) {
                tinf_store(op, sums1, part, first, y + outputs + first, p[9], p[10], p[11]);
            }
        }
    }
}

/*
 * CONV_2D, grouped or not, of dense weights in either encoding: two output positions at a time, their windows read where they are or else gathered in
 * parts on the stack, then dot products with the weights of each output channel. The arena's patch is not used.
 */
void tinf_conv_2d(const tinf_operator *op)
{
    const int32_t *p = op->parameters;
    const tinf_call *call = op->call;
    int32_t image_bytes = call->height * call->width * call->channels;
    int one_run = is_one_run(op);
    position at[2];
    int32_t waiting = 0;
    int8_t *y = op->arena + call->y;
    int32_t n, row, column;

    for (n = 0; n < call->batches; n++) {
        for (row = 0; row < call->y_height; row++) {
            for (column = 0; column < call->y_width; column++) {
                at[waiting].image = op->arena + call->x + n * image_bytes;
                at[waiting].row = row * p[2] - p[6];
                at[waiting].column = column * p[3] - p[7];
                waiting++;
                if (waiting == 2) {
                    run_positions(op, at, 2, one_run, y);
                    y += 2 * call->y_channels;
                    waiting = 0;
                }
            }
        }
    }
    if (waiting == 1) {
        run_positions(op, at, 1, one_run, y);
    }
}
