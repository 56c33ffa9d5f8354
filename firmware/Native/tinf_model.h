/* Runs whole blobs (docs/SPEC.md) with the native kernels: for benchmarks, tests and programs in C. */
#ifndef TINF_MODEL_H
#define TINF_MODEL_H

#include "tinf.h"

/*
 * A blob in memory. Only sizes are checked: the blob must come from the converter. It starts at a multiple of 4, on a little-endian machine.
 */
typedef struct tinf_model {
    const uint8_t *tensors;     /* indices of inputs and outputs, then the tensors */
    const uint8_t *operators;
    const uint8_t *weights;
    uint32_t arena_bytes;
    int32_t tensor_count;
    int32_t operator_count;
    int32_t input_count;
    int32_t output_count;
} tinf_model;

/* An activation. */
typedef struct tinf_tensor {
    int32_t offset;             /* in the arena */
    int32_t elements;
    int32_t rank;
    int32_t dimensions[6];
} tinf_tensor;

/* TINF_DONE or TINF_BAD_BLOB. */
int32_t tinf_model_open(tinf_model *model, const uint8_t *blob, uint32_t bytes);

/* Input `index`, or output `index - input_count`. */
void tinf_model_end(const tinf_model *model, int32_t index, tinf_tensor *tensor);

/* Runs the operator whose record is at `record`, first `model->operators`, and moves it to the next one. */
int32_t tinf_model_step(const tinf_model *model, const uint8_t **record, int8_t *arena);

/* Runs all operators. The arena has arena_bytes and starts at a multiple of 4. */
int32_t tinf_model_run(const tinf_model *model, int8_t *arena);

#endif
