// The native side of the managed assembly TinyInference.Native (folder Managed), in the form that nanoFramework's metadata processor generates.
#ifndef TINYINFERENCE_NATIVE_H
#define TINYINFERENCE_NATIVE_H

#include <nanoCLR_Interop.h>
#include <nanoCLR_Runtime.h>
#include <nanoPackStruct.h>

struct Library_TinyInference_Native_TinyInference_NativeKernels
{
    NANOCLR_NATIVE_DECLARE(Run___STATIC__I4__SZARRAY_I4__SZARRAY_I1__SZARRAY_U1__SZARRAY_I4__SZARRAY_I4__SZARRAY_I1__SZARRAY_I4);

    //--//
};

extern const CLR_RT_NativeAssemblyData g_CLR_AssemblyNative_TinyInference_Native;

#endif // TINYINFERENCE_NATIVE_H
