/*
 * Runs the cases of a file one after the other: for each, four bytes with the blob's length, the blob, what goes into its first and, where it has one,
 * second input, and the bytes that its output must have. Arena and blob lie in memory of exactly their size, so that a sanitizer sees every byte too far.
 */
#include "tinf_model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void stop(long index, const char *what)
{
    fprintf(stderr, "case %ld: %s\n", index, what);
    exit(1);
}

static void read_exactly(void *to, size_t bytes, FILE *file, long index)
{
    if (bytes != 0 && fread(to, 1, bytes, file) != bytes) {
        stop(index, "the file ends within");
    }
}

static void run_case(uint32_t bytes, FILE *file, long index)
{
    uint8_t *blob = malloc(bytes);
    int8_t *arena, *before;
    uint8_t *expected;
    tinf_model model;
    tinf_tensor tensor;
    uint32_t i;
    int32_t input;

    read_exactly(blob, bytes, file, index);
    if (tinf_model_open(&model, blob, bytes) != TINF_DONE) {
        stop(index, "bad blob");
    }
    arena = malloc(model.arena_bytes == 0 ? 1 : model.arena_bytes);
    before = malloc(model.arena_bytes == 0 ? 1 : model.arena_bytes);
    memset(arena, 0x55, model.arena_bytes);
    for (input = 0; input < model.input_count; input++) {
        tinf_model_end(&model, input, &tensor);
        read_exactly(arena + tensor.offset, (size_t)tensor.elements, file, index);
    }
    memcpy(before, arena, model.arena_bytes);
    if (tinf_model_run(&model, arena) != TINF_DONE) {
        stop(index, "no kernel");
    }
    tinf_model_end(&model, model.input_count, &tensor);
    expected = malloc((size_t)tensor.elements);
    read_exactly(expected, (size_t)tensor.elements, file, index);
    if (memcmp(arena + tensor.offset, expected, (size_t)tensor.elements) != 0) {
        stop(index, "other bytes");
    }
    if (model.operator_count == 1) {
        for (i = 0; i < model.arena_bytes; i++) {
            if (arena[i] != before[i] && (i < (uint32_t)tensor.offset || i >= (uint32_t)(tensor.offset + tensor.elements))) {
                stop(index, "wrote beside the result");
            }
        }
    }
    free(expected);
    free(before);
    free(arena);
    free(blob);
}

int main(int count, char **arguments)
{
    FILE *file = count == 2 ? fopen(arguments[1], "rb") : NULL;
    uint8_t length[4];
    long index = 0;

    if (file == NULL) {
        stop(index, "no file");
    }
    while (fread(length, 1, 4, file) == 4) {
        run_case(length[0] | (uint32_t)length[1] << 8 | (uint32_t)length[2] << 16 | (uint32_t)length[3] << 24, file, index);
        index++;
    }
    fclose(file);
    printf("%ld cases\n", index);
    return 0;
}
