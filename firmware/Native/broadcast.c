#include "broadcast.h"

#include <stddef.h>

void tinf_broadcast(const tinf_operator *op, int32_t index, broadcast_operation apply)
{
    const tinf_call *call = op->call;
    int32_t rank = op->parameters[index];
    const int32_t *dimensions = op->parameters + index + 1;
    const int32_t *strides_a = dimensions + rank;
    const int32_t *strides_b = strides_a + rank;
    int32_t outer = rank - 1;
    broadcast_row row;
    int32_t rows, i;

    row.parameters = op->parameters;
    row.count = outer < 0 ? 1 : dimensions[outer];
    row.step_a = outer < 0 ? 0 : strides_a[outer];
    row.step_b = outer < 0 ? 0 : strides_b[outer];
    row.y = op->arena + call->y;
    row.is_subtraction = call->kind == TINF_SUB;
    rows = call->y_count / row.count;
    for (i = 0; i < rows; i++) {
        int32_t b = tinf_strided_offset(dimensions, strides_b, outer, i);
        row.a = op->arena + call->x + tinf_strided_offset(dimensions, strides_a, outer, i);
        row.b = call->b < 0 ? NULL : op->arena + call->b + b;
        row.biases = call->b < 0 ? op->biases + b : NULL;
        apply(&row);
        row.y += row.count;
    }
}
