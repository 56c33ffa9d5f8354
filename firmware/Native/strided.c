#include "kernels.h"

int32_t tinf_strided_offset(const int32_t *dimensions, const int32_t *strides, int32_t rank, int32_t index)
{
    int32_t offset = 0;
    int32_t i;

    for (i = rank - 1; i >= 0; i--) {
        int32_t quotient = index / dimensions[i];
        offset += (index - quotient * dimensions[i]) * strides[i];
        index = quotient;
    }
    return offset;
}
