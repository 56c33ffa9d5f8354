#include "kernels.h"

#include <stddef.h>

typedef void (*kernel)(const tinf_operator *op);

int32_t tinf_run(
    const tinf_call *call, int8_t *arena, const uint8_t *weights, const int32_t *biases, const int32_t *multipliers,
    const int8_t *shifts, const int32_t *parameters)
{
    /* By kind. */
    static const kernel kernels[] = {
        NULL,
        tinf_conv_2d,
        tinf_depthwise_conv_2d,
        tinf_fully_connected,
        tinf_add,
        tinf_add,
        tinf_mul,
        tinf_average_pool_2d,
        tinf_max_pool_2d,
        tinf_mean,
        NULL,
        NULL,
        NULL,
        tinf_lookup,
        tinf_softmax,
    };
    tinf_operator op;

    if (call->kind <= 0 || call->kind >= (int32_t)(sizeof kernels / sizeof kernels[0]) || kernels[call->kind] == NULL) {
        return TINF_NO_KERNEL;
    }
    op.call = call;
    op.arena = arena;
    op.weights = weights == NULL ? NULL : (const int8_t *)weights + call->weights_start;
    op.biases = biases;
    op.multipliers = multipliers;
    op.shifts = shifts;
    op.parameters = parameters;
    kernels[call->kind](&op);
    return TINF_DONE;
}
