using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Noos.Language.Gguf;

namespace Noos.Inference.Weights;

/// <summary>
/// SHA-256 that tells models apart without reading them wholly: over the metadata, the shapes, and samples of every tensor. Training
/// changes every row a little, so a few bytes per tensor are enough.
/// </summary>
static unsafe class ModelFingerprint
{
    public const int Length = SHA256.HashSizeInBytes;

    const int SampleBytes = 64;
    // Of long arrays such as the vocabulary; a tokenizer that differs only behind these comes with other weights.
    const int MaxElements = 1024;

    public static byte[] Compute(GgufFile file)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (key, value) in file.Metadata.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            Append(hash, key);
            Append(hash, value.Content is Array elements
                ? $"{elements.Length}:{string.Join('\n', elements.Cast<object>().Take(MaxElements).Select(Text))}"
                : Text(value.Content));
        }

        foreach (var tensor in file.Tensors)
        {
            Append(hash, $"{tensor.Name} {tensor.Type} {string.Join('x', tensor.Dimensions)}");
            var start = file.Pointer(tensor);
            var length = (int)Math.Min(SampleBytes, tensor.ByteLength);
            foreach (var place in (ReadOnlySpan<long>)[0, (tensor.ByteLength - length) / 2, tensor.ByteLength - length])
            {
                hash.AppendData(new ReadOnlySpan<byte>(start + place, length));
            }
        }

        return hash.GetHashAndReset();
    }

    static string Text(object content) => Convert.ToString(content, CultureInfo.InvariantCulture) ?? "";

    static void Append(IncrementalHash hash, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }
}
