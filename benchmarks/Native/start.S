# Entry of a bare RISC-V machine (qemu's virt): stack, then main, then the machine's switch for the end.
    .section .text.start
    .globl _start
_start:
    la   sp, stack_top
    la   a0, bss_start
    la   a1, bss_end
1:  bgeu a0, a1, 2f
    sw   zero, 0(a0)
    addi a0, a0, 4
    j    1b
2:  call main
    li   t0, 0x100000      # sifive_test: 0x5555 ends qemu
    li   t1, 0x5555
    sw   t1, 0(t0)
3:  j    3b

# The blob and the input, from files that the build names.
    .section .rodata
    .balign 8
    .globl blob, blob_end, sample
blob:
    .incbin BLOB
blob_end:
    .balign 8
sample:
    .incbin SAMPLE
