namespace TinyInference.Converter.Execution;

using TinyInference.Converter.Graphs;

/// <summary>
/// Computes one node. All checking and all preparation of constants happened when the kernel was made; it keeps no state
/// between runs, so that several threads may run it.
/// </summary>
/// <param name="inputs">As the node lists them; null where an optional one is absent.</param>
/// <param name="output">To be filled wholly: it holds what an earlier run left.</param>
internal delegate void Kernel(Tensor?[] inputs, Tensor output);

/// <summary>Makes the kernel of a node.</summary>
/// <param name="constants">One for each input of the node; null where the input is not a constant (or is absent).</param>
internal delegate Kernel KernelFactory(Node node, Tensor?[] constants);
