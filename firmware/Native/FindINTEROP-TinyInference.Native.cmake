# Tells a nanoFramework firmware build what the interop assembly TinyInference.Native consists of. Goes into CMake/Modules; the sources into
# InteropAssemblies/TinyInference.Native.

set(BASE_PATH_FOR_THIS_MODULE ${PROJECT_SOURCE_DIR}/InteropAssemblies/TinyInference.Native)

list(APPEND TinyInference.Native_INCLUDE_DIRS ${PROJECT_SOURCE_DIR}/src/CLR/Core)
list(APPEND TinyInference.Native_INCLUDE_DIRS ${PROJECT_SOURCE_DIR}/src/CLR/Include)
list(APPEND TinyInference.Native_INCLUDE_DIRS ${PROJECT_SOURCE_DIR}/src/HAL/Include)
list(APPEND TinyInference.Native_INCLUDE_DIRS ${PROJECT_SOURCE_DIR}/src/PAL/Include)
list(APPEND TinyInference.Native_INCLUDE_DIRS ${BASE_PATH_FOR_THIS_MODULE})

set(TinyInference.Native_SRCS
    TinyInference_Native.cpp
    TinyInference_Native_TinyInference_NativeKernels_mshl.cpp
    add.c
    average_pool_2d.c
    broadcast.c
    conv_2d.c
    depthwise_conv_2d.c
    dot_products.c
    fully_connected.c
    lookup.c
    max_pool_2d.c
    mean.c
    mul.c
    pool_2d.c
    requantize.c
    run.c
    runs.c
    softmax.c
    strided.c
)

foreach(SRC_FILE ${TinyInference.Native_SRCS})
    set(TinyInference.Native_SRC_FILE SRC_FILE-NOTFOUND)
    find_file(TinyInference.Native_SRC_FILE ${SRC_FILE}
        PATHS ${BASE_PATH_FOR_THIS_MODULE}
        CMAKE_FIND_ROOT_PATH_BOTH
    )
    list(APPEND TinyInference.Native_SOURCES ${TinyInference.Native_SRC_FILE})
endforeach()

include(FindPackageHandleStandardArgs)

FIND_PACKAGE_HANDLE_STANDARD_ARGS(INTEROP-TinyInference.Native DEFAULT_MSG TinyInference.Native_INCLUDE_DIRS TinyInference.Native_SOURCES)
