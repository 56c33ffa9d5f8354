#include "kernels.h"

void tinf_store(
    const tinf_operator *op, const uint32_t *accumulators, int32_t count, int32_t channel, int8_t *y, int32_t zero_point,
    int32_t min, int32_t max)
{
    int32_t step = op->call->quantization_count == 1 ? 0 : 1;
    const int32_t *multiplier = op->multipliers + channel * step;
    const int8_t *shift = op->shifts + channel * step;
    const uint32_t *end = accumulators + count;

    while (accumulators != end) {
        int32_t result = tinf_requantize((int32_t)*accumulators, *multiplier, *shift);
        *y = (int8_t)tinf_clamp(tinf_wrap(result, zero_point), min, max);
        accumulators++;
        multiplier += step;
        shift += step;
        y++;
    }
}
