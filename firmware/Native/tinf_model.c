#include "tinf_model.h"

#include <stddef.h>

static uint32_t u16(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8;
}

static uint32_t u32(const uint8_t *at)
{
    return u16(at) | u16(at + 2) << 16;
}

static uint32_t align(uint32_t bytes)
{
    return (bytes + 3) & ~(uint32_t)3;
}

static const int32_t *numbers(const uint8_t *at)
{
    return (const int32_t *)(const void *)at;
}

int32_t tinf_model_open(tinf_model *model, const uint8_t *blob, uint32_t bytes)
{
    uint32_t metadata, tensors, operators, weights;

    if (bytes < 64 || u32(blob) != 0x464E4954 || u16(blob + 4) != 1 || u16(blob + 6) != 64 || u32(blob + 8) > bytes) {
        return TINF_BAD_BLOB;
    }
    bytes = u32(blob + 8);
    metadata = u32(blob + 36);
    tensors = u32(blob + 40);
    operators = u32(blob + 44);
    weights = u32(blob + 48);
    if (metadata > bytes || tensors > bytes || operators > bytes || weights > bytes || bytes > 0x10000000
        || 64 + metadata + tensors + operators > weights || weights + u32(blob + 52) != bytes) {
        return TINF_BAD_BLOB;
    }
    model->tensors = blob + 64 + metadata;
    model->operators = model->tensors + tensors;
    model->weights = blob + weights;
    model->arena_bytes = u32(blob + 16);
    model->tensor_count = (int32_t)u16(blob + 28);
    model->operator_count = (int32_t)u16(blob + 30);
    model->input_count = (int32_t)u16(blob + 32);
    model->output_count = (int32_t)u16(blob + 34);
    return TINF_DONE;
}

static void find_tensor(const tinf_model *model, uint32_t index, tinf_tensor *tensor)
{
    const uint8_t *at = model->tensors + align(2 * (uint32_t)(model->input_count + model->output_count));
    int32_t i;

    for (; index > 0; index--) {
        at += 16 + 4 * at[1];
    }
    tensor->offset = (int32_t)u32(at + 4);
    tensor->rank = at[1];
    tensor->elements = 1;
    for (i = 0; i < tensor->rank; i++) {
        tensor->dimensions[i] = (int32_t)u32(at + 16 + 4 * i);
        tensor->elements *= tensor->dimensions[i];
    }
}

void tinf_model_end(const tinf_model *model, int32_t index, tinf_tensor *tensor)
{
    find_tensor(model, u16(model->tensors + 2 * index), tensor);
}

/* Where the numbers of a record end and the next record begins. */
static const uint8_t *next_record(const uint8_t *at)
{
    uint32_t quantization = u16(at + 6);

    return at + 20 + align(2 * (uint32_t)(at[2] + at[3])) + 4 * (u16(at + 4) + u32(at + 8) + quantization) + align(quantization);
}

/* The first record of the same kind and encoding with the same weights: this one, where it shares none. */
static const uint8_t *find_owner(const tinf_model *model, const uint8_t *record)
{
    const uint8_t *at = model->operators;

    while (at != record && (at[0] != record[0] || at[1] != record[1] || u32(at + 12) != u32(record + 12) || u32(at + 16) != u32(record + 16))) {
        at = next_record(at);
    }
    return at;
}

int32_t tinf_model_step(const tinf_model *model, const uint8_t **record, int8_t *arena)
{
    const uint8_t *at = *record;
    uint32_t inputs = at[2];
    uint32_t outputs = at[3];
    const uint8_t *tensors = at + 20;
    const uint8_t *parameters = tensors + align(2 * (inputs + outputs));
    /* An operator that shares weights may leave what belongs to them to the first one that has them. */
    const uint8_t *owner = u32(at + 16) != 0 && u32(at + 8) == 0 && u16(at + 6) == 0 ? find_owner(model, at) : at;
    uint32_t quantization = u16(owner + 6);
    uint32_t biases = u32(owner + 8);
    const uint8_t *lists = owner + 20 + align(2 * (uint32_t)(owner[2] + owner[3])) + 4 * u16(owner + 4);
    tinf_tensor x, b, y;
    tinf_call call = { 0 };

    /* Sparse weights and the packed ones of FULLY_CONNECTED are for interpreters. */
    if (inputs > 2 || outputs != 1 || at[1] > 1 || (at[0] == TINF_FULLY_CONNECTED && at[1] != 0)) {
        return TINF_NO_KERNEL;
    }
    find_tensor(model, u16(tensors), &x);
    find_tensor(model, u16(tensors + 2 * inputs), &y);
    call.kind = at[0];
    call.weights_start = (int32_t)u32(at + 12);
    call.bias_count = (int32_t)biases;
    call.quantization_count = (int32_t)quantization;
    call.x = x.offset;
    call.x_count = x.elements;
    call.y = y.offset;
    call.y_count = y.elements;
    call.b = -1;
    if (inputs == 2) {
        find_tensor(model, u16(tensors + 2), &b);
        call.b = b.offset;
    }
    if (x.rank == 4 && y.rank == 4) {
        call.batches = x.dimensions[0];
        call.height = x.dimensions[1];
        call.width = x.dimensions[2];
        call.channels = x.dimensions[3];
        call.y_height = y.dimensions[1];
        call.y_width = y.dimensions[2];
        call.y_channels = y.dimensions[3];
    }
    *record = next_record(at);
    return tinf_run(
        &call, arena, model->weights, numbers(lists), numbers(lists + 4 * biases),
        (const int8_t *)(lists + 4 * (biases + quantization)), numbers(parameters));
}

int32_t tinf_model_run(const tinf_model *model, int8_t *arena)
{
    const uint8_t *record = model->operators;
    int32_t status = TINF_DONE;
    int32_t i;

    for (i = 0; i < model->operator_count && status == TINF_DONE; i++) {
        status = tinf_model_step(model, &record, arena);
    }
    return status;
}
