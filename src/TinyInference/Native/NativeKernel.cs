namespace TinyInference;

/// <summary>Runs one operator in C: tinf_run of firmware/Native/tinf.h. No array is null.</summary>
/// <param name="call">From <see cref="NativeCalls.DescribeAll"/>.</param>
/// <param name="arena">All activations.</param>
/// <param name="weights">Hold the operator's weights from where the description says.</param>
/// <param name="biases">Those of the operator.</param>
/// <param name="multipliers">Likewise.</param>
/// <param name="shifts">Likewise.</param>
/// <param name="parameters">Likewise.</param>
/// <returns>0, or what is wrong; then nothing was done.</returns>
internal delegate int NativeKernel(int[] call, sbyte[] arena, byte[] weights, int[] biases, int[] multipliers, sbyte[] shifts, int[] parameters);
