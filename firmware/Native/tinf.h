/*
 * The kernels of TinyInference in C: the same bytes as the managed ones (docs/ARITHMETIC.md), for firmware that has them built in.
 * C99, integers only, no allocation, no globals. Two's complement and arithmetic right shifts are assumed, as every
 * compiler for the boards has them.
 */
#ifndef TINF_H
#define TINF_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Kinds of operators that have a kernel here, numbered as in docs/SPEC.md. */
enum tinf_kind {
    TINF_CONV_2D = 1,
    TINF_DEPTHWISE_CONV_2D = 2,
    TINF_FULLY_CONNECTED = 3,
    TINF_ADD = 4,
    TINF_SUB = 5,
    TINF_MUL = 6,
    TINF_AVERAGE_POOL_2D = 7,
    TINF_MAX_POOL_2D = 8,
    TINF_MEAN = 9,
    TINF_LOOKUP = 13,
    TINF_SOFTMAX = 14
};

/*
 * Where an operator's operands are. The managed side passes it as an int[] with the same order (NativeCalls.cs), so every member is an int32.
 * Offsets count bytes from the arena's start, counts are elements.
 */
typedef struct tinf_call {
    int32_t kind;
    int32_t weights_start;      /* of the first weight, from the start of the weights */
    int32_t bias_count;
    int32_t quantization_count; /* multipliers and shifts: 0, 1, or one for each output channel */
    int32_t x;
    int32_t x_count;
    int32_t b;                  /* the second input, or -1 */
    int32_t y;
    int32_t y_count;
    int32_t batches;            /* from here on 0 unless x and y have 4 dimensions: [batches, height, width, channels] */
    int32_t height;
    int32_t width;
    int32_t channels;
    int32_t y_height;
    int32_t y_width;
    int32_t y_channels;
} tinf_call;

enum { TINF_CALL_INTS = sizeof(tinf_call) / sizeof(int32_t) };

enum tinf_status { TINF_DONE = 0, TINF_NO_KERNEL = 1, TINF_BAD_BLOB = 2 };

/*
 * Runs one operator. What it gets has been validated: nothing is checked here but the kind. biases, multipliers, shifts and weights
 * may be NULL where the operator has none.
 */
int32_t tinf_run(
    const tinf_call *call, int8_t *arena, const uint8_t *weights, const int32_t *biases, const int32_t *multipliers,
    const int8_t *shifts, const int32_t *parameters);

#ifdef __cplusplus
}
#endif

#endif
