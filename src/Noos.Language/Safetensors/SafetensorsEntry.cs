using System.Runtime.InteropServices;

namespace Noos.Language.Safetensors;

/// <summary>One tensor to write.</summary>
/// <param name="Name">Unique in the file; not <c>__metadata__</c>.</param>
/// <param name="Type">Element type.</param>
/// <param name="Shape">Row-major, slowest dimension first; empty for a scalar.</param>
/// <param name="Write">
/// Writes exactly the bytes of the tensor, little-endian; called once, when its turn comes, so that large tensors
/// need not all be in memory.
/// </param>
public sealed record SafetensorsEntry(string Name, SafetensorsType Type, IReadOnlyList<long> Shape, Action<Stream> Write)
{
    public SafetensorsEntry(string name, SafetensorsType type, IReadOnlyList<long> shape, ReadOnlyMemory<byte> data)
        : this(name, type, shape, stream => stream.Write(data.Span))
    {
    }

    /// <summary>An F32 tensor.</summary>
    public SafetensorsEntry(string name, IReadOnlyList<long> shape, ReadOnlyMemory<float> data)
        : this(name, SafetensorsType.F32, shape, stream => stream.Write(MemoryMarshal.AsBytes(data.Span)))
    {
    }
}
