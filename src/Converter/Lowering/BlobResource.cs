namespace TinyInference.Converter.Lowering;

/// <summary>Bytes that a blob carries beside the network.</summary>
/// <param name="Tag">One of <see cref="Resource"/>; 0 to 65,535.</param>
internal sealed record BlobResource(int Tag, byte[] Bytes);
