/* What ADD, SUB and MUL share: two operands read by strides, the second perhaps constant and then in the biases. */
#ifndef TINF_BROADCAST_H
#define TINF_BROADCAST_H

#include "kernels.h"

/* The innermost dimension of both operands and the result; a step is 0 where an operand is broadcast. */
typedef struct broadcast_row {
    const int32_t *parameters;
    int8_t *y;
    const int8_t *a;
    const int8_t *b;        /* NULL where b is constant */
    const int32_t *biases;
    int32_t step_a;
    int32_t step_b;
    int32_t count;
    int32_t is_subtraction;
} broadcast_row;

typedef void (*broadcast_operation)(const broadcast_row *row);

/* Calls `apply` for each row; rank, dimensions and strides begin at parameter `index`. */
void tinf_broadcast(const tinf_operator *op, int32_t index, broadcast_operation apply);

#endif
