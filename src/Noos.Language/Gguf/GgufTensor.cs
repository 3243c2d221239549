namespace Noos.Language.Gguf;

/// <summary>The description of one tensor in a GGUF header (<c>gguf_tensor_info_t</c>).</summary>
/// <param name="Name">Unique in its file.</param>
/// <param name="Type">How the values are stored.</param>
/// <param name="Dimensions">One to four sizes in GGUF order: the fastest first, so a matrix of R rows of C values has (C, R).</param>
/// <param name="Offset">Bytes from the start of the file's tensor data.</param>
/// <param name="ByteLength">Bytes of the data, without padding.</param>
public sealed record GgufTensor(string Name, GgufTensorType Type, IReadOnlyList<long> Dimensions, long Offset, long ByteLength)
{
    /// <summary>Number of values.</summary>
    public long Count
    {
        get
        {
            var count = 1L;
            foreach (var dimension in Dimensions)
            {
                count *= dimension;
            }

            return count;
        }
    }
}
