#!/usr/bin/env bash
# Counts the instructions that the native kernels execute on a 32-bit RISC-V core (rv32imc, as in the ESP32-C3), exactly, under qemu, and prints them
# beside what other runtimes need for the same models and kernels. Usage: run.sh [SHARED], the folder with models and goldens (default: "shared"
# beside the repository, or TINYINFERENCE_SHARED). CFLAGS_KERNELS replaces -O2.
set -euo pipefail
cd "$(dirname "$0")"
repository=$(cd ../.. && pwd)
shared=${1:-${TINYINFERENCE_SHARED:-$repository/../shared}}
native=$repository/firmware/Native
flags="-march=rv32imc -mabi=ilp32 ${CFLAGS_KERNELS:--O2} --specs=picolibc.specs -std=c99 -Wall -Wextra -Wshadow -Werror"

missing=0
need() {
    command -v "$1" > /dev/null || { echo "missing: $1 (Debian: apt-get install $2)" >&2; missing=1; }
}
need riscv64-unknown-elf-gcc "gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf"
need qemu-system-riscv32 qemu-system-misc
need dotnet "the .NET SDK 10"
[ -d "$shared/models/mlperf-tiny" ] || { echo "missing: the models, looked for in $shared" >&2; missing=1; }
[ $missing = 0 ] || { echo "skipped: native instruction counts" >&2; exit 0; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
dotnet build -c Release "$repository/src/Converter" -o "$work/tool" > "$work/build.log" || { cat "$work/build.log" >&2; exit 1; }

# count BLOB SAMPLE: what count.c prints.
count() {
    # shellcheck disable=SC2086
    riscv64-unknown-elf-gcc $flags -nostartfiles -T virt.ld -Wl,--no-warn-rwx-segments -I"$native" -DBLOB="\"$1\"" -DSAMPLE="\"$2\"" \
        start.S count.c "$native"/*.c -o "$work/count.elf"
    timeout 300 qemu-system-riscv32 -M virt -bios none -icount shift=0 -nographic -monitor none -serial stdio -kernel "$work/count.elf" < /dev/null
}

echo "Whole models, rv32imc, M instructions (per multiply-accumulate)"
printf '%-6s %18s %18s %18s %18s %12s\n' model "native kernels" "TFLM reference" "TFLM + ESP-NN C" "TFLM + CMSIS-NN C" TinyMaix
model() {
    dotnet "$work/tool/tinyinference.dll" convert "$shared/models/mlperf-tiny/$2.tflite" --kernels plain -o "$work/$1.tinf" > "$work/convert.log" 2>&1 || { cat "$work/convert.log" >&2; exit 1; }
    count "$work/$1.tinf" "$shared/goldens/$2.inputs.bin" > "$work/$1.txt"
    awk -v name="$1" -v macs="$3" -v a="$4" -v b="$5" -v c="$6" -v d="$7" '/^total/ {
        printf "%-6s %18s %18s %18s %18s %12s\n", name, sprintf("%.2f (%.2f)", $2 / 1e6, $2 / macs), a, b, c, d }' "$work/$1.txt"
    local bytes output expected
    output=$(awk '/^output/ { print $2 }' "$work/$1.txt")
    bytes=$((${#output} / 2))
    expected=$(od -An -v -tx1 -N "$bytes" "$shared/goldens/$2.outputs.bin" | tr -d ' \n')
    [ "$output" = "$expected" ] || { echo "$1: the output differs from the golden one" >&2; exit 1; }
}
# Figures of the others: measured with gcc 12 -O2 on the same models; TFLM 90b983c, ESP-NN d45b843, CMSIS-NN 99f736a6, TinyMaix 0532ece.
model kws kws_ref_model 2656768 "44.31 (16.7)" "25.83 (9.72)" "16.29 (6.13)" 41.70
model ic pretrainedResnet_quant 12501632 "125.53 (10.0)" "96.41 (7.71)" "65.39 (5.23)" -
model vww vww_96_int8 7489664 "109.94 (14.7)" "65.26 (8.71)" "48.73 (6.51)" 131.70
model ad ad01_int8 264192 "2.480 (9.39)" "2.454 (9.29)" "1.478 (5.59)" -
model sww str_ww_ref_model 826368 "9.556 (11.6)" "6.062 (7.34)" "5.620 (6.80)" -

echo
echo "Single kernels, rv32imc, instructions per multiply-accumulate"
printf '%-30s %10s %10s %10s %12s %8s\n' kernel native "TFLM ref" "ESP-NN C" "CMSIS-NN C" NNoM
# kernel LABEL MODEL OPERATOR MACS ...: operator OPERATOR (from 1) of a model that was run above.
kernel() {
    awk -v label="$1" -v n="$3" -v macs="$4" -v a="$5" -v b="$6" -v c="$7" -v d="$8" '/^operator/ && ++i == n {
        printf "%-30s %10.2f %10s %10s %12s %8s\n", label, $3 / macs, a, b, c, d }' "$work/$2.txt"
}
kernel "pointwise 25x5x64 -> 64" kws 3 512000 12.96 7.12 4.81 8.51
kernel "3x3, 32x32x16 -> 16" ic 2 2359296 12.62 7.99 5.38 7.93
kernel "10x4 stride 2, 1 -> 64" kws 1 320000 31.88 23.67 5.73 17.85
kernel "depthwise 3x3, 64" kws 2 72000 31.11 12.52 15.66 21.56
kernel "fully connected 640 -> 128" ad 1 81920 10.09 9.07 5.43 3.47

echo
echo "Code size, rv32imc, bytes"
mkdir "$work/objects"
# shellcheck disable=SC2086
(cd "$work/objects" && riscv64-unknown-elf-gcc $flags -I"$native" -c "$native"/*.c && rm tinf_model.o && riscv64-unknown-elf-size -t ./*.o) |
    awk '/TOTALS/ { print "all kernels " $1 }'

if command -v valgrind > /dev/null && command -v gcc > /dev/null; then
    echo
    echo "Whole models, x86-64, gcc -O2 -fno-tree-vectorize, callgrind, M instructions"
    for model in kws ic vww ad sww; do
        gcc -std=c99 -O2 -fno-tree-vectorize -I"$native" -DBLOB="\"$work/$model.tinf\"" once.c "$native"/*.c -o "$work/once"
        valgrind --tool=callgrind --callgrind-out-file="$work/callgrind" --toggle-collect=tinf_model_run "$work/once" 2>&1 |
            awk -v name="$model" '/Collected/ { printf "%-6s %18.2f\n", name, $4 / 1e6 }'
    done
fi
