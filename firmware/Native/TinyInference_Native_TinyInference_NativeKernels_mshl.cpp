// From the managed call to tinf_run.
#include "TinyInference_Native.h"
#include "tinf.h"

// int32_t is long with some of the compilers for boards, the CLR's INT32 always int: the same bits, another type.
static const int32_t *Numbers(CLR_RT_TypedArray_INT32 &array)
{
    return reinterpret_cast<const int32_t *>(array.GetBuffer());
}

HRESULT Library_TinyInference_Native_TinyInference_NativeKernels::
    Run___STATIC__I4__SZARRAY_I4__SZARRAY_I1__SZARRAY_U1__SZARRAY_I4__SZARRAY_I4__SZARRAY_I1__SZARRAY_I4(CLR_RT_StackFrame &stack)
{
    NANOCLR_HEADER();
    hr = S_OK;
    {
        CLR_RT_TypedArray_INT32 call;
        CLR_RT_TypedArray_INT8 arena;
        CLR_RT_TypedArray_UINT8 weights;
        CLR_RT_TypedArray_INT32 biases;
        CLR_RT_TypedArray_INT32 multipliers;
        CLR_RT_TypedArray_INT8 shifts;
        CLR_RT_TypedArray_INT32 parameters;

        NANOCLR_CHECK_HRESULT(Interop_Marshal_INT32_ARRAY(stack, 0, call));
        NANOCLR_CHECK_HRESULT(Interop_Marshal_INT8_ARRAY(stack, 1, arena));
        NANOCLR_CHECK_HRESULT(Interop_Marshal_UINT8_ARRAY(stack, 2, weights));
        NANOCLR_CHECK_HRESULT(Interop_Marshal_INT32_ARRAY(stack, 3, biases));
        NANOCLR_CHECK_HRESULT(Interop_Marshal_INT32_ARRAY(stack, 4, multipliers));
        NANOCLR_CHECK_HRESULT(Interop_Marshal_INT8_ARRAY(stack, 5, shifts));
        NANOCLR_CHECK_HRESULT(Interop_Marshal_INT32_ARRAY(stack, 6, parameters));

        if (call.GetSize() != TINF_CALL_INTS)
        {
            NANOCLR_SET_AND_LEAVE(CLR_E_INVALID_PARAMETER);
        }

        SetResult_INT32(
            stack,
            tinf_run(
                reinterpret_cast<const tinf_call *>(call.GetBuffer()),
                arena.GetBuffer(),
                weights.GetBuffer(),
                Numbers(biases),
                Numbers(multipliers),
                shifts.GetBuffer(),
                Numbers(parameters)));
    }
    NANOCLR_NOCLEANUP();
}
