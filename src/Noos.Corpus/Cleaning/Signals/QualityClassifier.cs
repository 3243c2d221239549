using System.IO.Compression;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using Noos.Core.Text;
using Noos.Core;

namespace Noos.Corpus.Cleaning.Signals;

/// <summary>
/// Tells prose that explains (encyclopedias, textbooks, articles, documentation) from the rest of the web (menus, offers, lists, slogans):
/// logistic regression on hashed words and pairs of words, averaged over the text. English. Made by <c>Noos.Bench quality-train</c>.
/// Thread-safe.
/// </summary>
public sealed class QualityClassifier
{
    /// <summary>Weights; a power of two.</summary>
    internal const int Size = 1 << 16;

    // More than this does not change what a text is.
    const int MaxWords = 2000;

    static readonly Lazy<QualityClassifier> s_default = new(Load);

    readonly sbyte[] _weights;
    readonly float _scale;
    readonly float _bias;

    internal QualityClassifier(sbyte[] weights, float scale, float bias)
    {
        if (weights.Length != Size)
        {
            throw new NoosException(ErrorKind.Damaged, "This is no classifier of quality; make one with Noos.Bench quality-train.");
        }

        (_weights, _scale, _bias) = (weights, scale, bias);
    }

    /// <summary>The one that Noos is delivered with.</summary>
    public static QualityClassifier Default => s_default.Value;

    /// <summary>From 0 to 1.</summary>
    public double Score(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var (sum, count) = (0L, 0);
        foreach (var feature in Features(text))
        {
            sum += _weights[feature];
            count++;
        }

        var logit = _bias + (count == 0 ? 0 : _scale * sum / count);
        return 1 / (1 + Math.Exp(-logit));
    }

    /// <summary>The features of a text, with repetitions: each word in lower case, digits as 0, and each pair of neighbours.</summary>
    internal static IEnumerable<int> Features(string text)
    {
        var last = 0UL;
        foreach (var range in TextWords.Split(text).Take(MaxWords))
        {
            var word = Hash(text.AsSpan()[range]);
            yield return Fold(word);
            yield return Fold((last * 0x9E3779B97F4A7C15) ^ word);
            last = word;
        }
    }

    internal void Write(Stream stream)
    {
        using var packed = new BrotliStream(stream, CompressionLevel.SmallestSize, leaveOpen: true);
        packed.Write(BitConverter.GetBytes(_scale));
        packed.Write(BitConverter.GetBytes(_bias));
        packed.Write(MemoryMarshal.AsBytes(_weights.AsSpan()));
    }

    internal static QualityClassifier Read(Stream stream)
    {
        using var packed = new BrotliStream(stream, CompressionMode.Decompress, leaveOpen: true);
        var bytes = new byte[8 + Size];
        packed.ReadExactly(bytes);
        return new QualityClassifier(
            MemoryMarshal.Cast<byte, sbyte>(bytes.AsSpan(8)).ToArray(), BitConverter.ToSingle(bytes, 0), BitConverter.ToSingle(bytes, 4));
    }

    static ulong Hash(ReadOnlySpan<char> word)
    {
        Span<char> lower = stackalloc char[Math.Min(word.Length, 24)];
        for (var i = 0; i < lower.Length; i++)
        {
            lower[i] = char.IsDigit(word[i]) ? '0' : char.ToLowerInvariant(word[i]);
        }

        return XxHash3.HashToUInt64(MemoryMarshal.AsBytes<char>(lower));
    }

    static int Fold(ulong hash)
    {
        hash ^= hash >> 32;
        hash ^= hash >> 16;
        return (int)(hash & (Size - 1));
    }

    static QualityClassifier Load()
    {
        using var stream = typeof(QualityClassifier).Assembly.GetManifestResourceStream("Noos.Corpus.Cleaning.quality.bin")!;
        return Read(stream);
    }
}
