// The table of native methods: one entry for each method of the assembly, in the order of its metadata. The number is the checksum over their names
// and signatures; firmware does not boot an assembly whose checksum is another.
#include "TinyInference_Native.h"

// clang-format off

static const CLR_RT_MethodHandler method_lookup[] =
{
    Library_TinyInference_Native_TinyInference_NativeKernels::Run___STATIC__I4__SZARRAY_I4__SZARRAY_I1__SZARRAY_U1__SZARRAY_I4__SZARRAY_I4__SZARRAY_I1__SZARRAY_I4,
};

const CLR_RT_NativeAssemblyData g_CLR_AssemblyNative_TinyInference_Native =
{
    "TinyInference.Native",
    0xE0B9A64C,
    method_lookup,
    { 100, 0, 0, 1 }
};

// clang-format on
