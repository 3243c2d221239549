using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Noos.Corpus.Archive;

/// <summary>Digests as archives write them: <c>sha1:</c> and Base32 (RFC 4648).</summary>
public static class WarcDigest
{
    const string Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    /// <summary>Such as <c>sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ</c>, which is that of nothing.</summary>
    [SuppressMessage("Security", "CA5350", Justification = "What all archives use to find copies; nothing is trusted because of it.")]
    public static string Compute(ReadOnlySpan<byte> content)
    {
        Span<byte> hash = stackalloc byte[SHA1.HashSizeInBytes];
        SHA1.HashData(content, hash);
        return string.Concat("sha1:", Encode(hash));
    }

    static string Encode(ReadOnlySpan<byte> hash)
    {
        // 160 bits are 32 digits of five bits each, without padding.
        Span<char> text = stackalloc char[hash.Length * 8 / 5];
        var (bits, count, at) = (0u, 0, 0);
        foreach (var value in hash)
        {
            bits = (bits << 8) | value;
            count += 8;
            while (count >= 5)
            {
                count -= 5;
                text[at++] = Digits[(int)(bits >> count) & 31];
            }
        }

        return new string(text);
    }
}
