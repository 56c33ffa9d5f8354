using System.Runtime.CompilerServices;

namespace TinyInference;

/// <summary>
/// The kernels in C, as nanoFramework firmware sees them. An assembly of its own with this one method: firmware finds native methods by their position
/// among all methods of the assembly, which would move with every method added to the runtime.
/// </summary>
public static class NativeKernels
{
    /// <summary>Runs one operator: tinf_run of tinf.h. No array may be null.</summary>
    /// <param name="call">A tinf_call, member by member.</param>
    /// <param name="arena">All activations.</param>
    /// <param name="weights">Hold the operator's weights from where the call says.</param>
    /// <param name="biases">Those of the operator.</param>
    /// <param name="multipliers">Likewise.</param>
    /// <param name="shifts">Likewise.</param>
    /// <param name="parameters">Likewise.</param>
    /// <returns>0, or 1 where there is no kernel for the operator.</returns>
    /// <exception cref="System.NotSupportedException">The firmware was built without the kernels.</exception>
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern int Run(int[] call, sbyte[] arena, byte[] weights, int[] biases, int[] multipliers, sbyte[] shifts, int[] parameters);
}
