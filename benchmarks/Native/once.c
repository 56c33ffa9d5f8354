/* Runs a blob once on this machine, for callgrind. */
#include "tinf_model.h"

#include <stdlib.h>

__asm__(
    ".section .rodata\n"
    ".balign 8\n"
    "blob: .incbin \"" BLOB "\"\n"
    "blob_end:\n"
    ".previous\n");

extern const uint8_t blob[], blob_end[];

int main(void)
{
    tinf_model model;
    int8_t *arena;

    if (tinf_model_open(&model, blob, (uint32_t)(blob_end - blob)) != TINF_DONE) {
        return 1;
    }
    arena = calloc(1, model.arena_bytes);
    return arena == NULL ? 1 : (int)tinf_model_run(&model, arena);
}
