/*
 * Runs a blob once on a bare RISC-V machine and prints, over its serial port: a line "operator KIND INSTRUCTIONS" for each operator,
 * "total INSTRUCTIONS" for the whole run, and "output" with the bytes of the first output in hexadecimal.
 */
#include "tinf_model.h"

#include <stddef.h>

extern const uint8_t blob[], blob_end[], sample[];

static int8_t arena[1 << 20] __attribute__((aligned(16)));

static void put(char c)
{
    *(volatile uint8_t *)0x10000000 = (uint8_t)c;
}

static void put_text(const char *text)
{
    while (*text != 0) {
        put(*text++);
    }
}

static void put_number(uint32_t n)
{
    if (n >= 10) {
        put_number(n / 10);
    }
    put((char)('0' + n % 10));
}

static uint32_t instructions(void)
{
    uint32_t n;
    __asm__ volatile(".option push\n.option arch, +zicsr\ncsrr %0, minstret\n.option pop" : "=r"(n));
    return n;
}

int main(void)
{
    tinf_model model;
    tinf_tensor tensor;
    const uint8_t *record;
    uint32_t start, before;
    int32_t i;

    if (tinf_model_open(&model, blob, (uint32_t)(blob_end - blob)) != TINF_DONE || model.arena_bytes > sizeof arena) {
        put_text("bad blob\n");
        return 1;
    }
    tinf_model_end(&model, 0, &tensor);
    for (i = 0; i < tensor.elements; i++) {
        arena[tensor.offset + i] = (int8_t)sample[i];
    }
    start = instructions();
    if (tinf_model_run(&model, arena) != TINF_DONE) {
        put_text("no kernel\n");
        return 1;
    }
    put_text("total ");
    put_number(instructions() - start);
    put_text("\noutput ");
    tinf_model_end(&model, model.input_count, &tensor);
    for (i = 0; i < tensor.elements; i++) {
        put("0123456789abcdef"[(uint8_t)arena[tensor.offset + i] >> 4]);
        put("0123456789abcdef"[(uint8_t)arena[tensor.offset + i] & 15]);
    }
    put('\n');
    record = model.operators;
    for (i = 0; i < model.operator_count; i++) {
        uint32_t kind = record[0];
        before = instructions();
        tinf_model_step(&model, &record, arena);
        put_text("operator ");
        put_number(kind);
        put(' ');
        put_number(instructions() - before);
        put('\n');
    }
    return 0;
}
