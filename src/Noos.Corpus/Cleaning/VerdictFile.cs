using System.Buffers.Binary;
using Noos.Core;

namespace Noos.Corpus.Cleaning;

/// <summary>The verdicts of a range: for each page and policy the reasons that drop it and those only noticed, a bit each.</summary>
/// <param name="Policies">How many.</param>
/// <param name="Bits">Page by page, policy by policy: dropped, noticed.</param>
sealed record VerdictFile(int Policies, ulong[] Bits)
{
    const int HeaderBytes = 16;

    public int Pages => Bits.Length / (2 * Policies);

    public ulong Dropped(int page, int policy) => Bits[2 * ((page * Policies) + policy)];

    public ulong Noticed(int page, int policy) => Bits[(2 * ((page * Policies) + policy)) + 1];

    public void WriteTo(Stream stream)
    {
        var bytes = new byte[HeaderBytes + (Bits.Length * sizeof(ulong))];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, Policies);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8), Bits.Length);
        for (var i = 0; i < Bits.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(HeaderBytes + (i * sizeof(ulong))), Bits[i]);
        }

        stream.Write(bytes);
    }

    public static VerdictFile Read(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var policies = bytes.Length < HeaderBytes ? 0 : BinaryPrimitives.ReadInt32LittleEndian(bytes);
        var count = policies < 1 ? -1 : BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(8));
        if (count < 0 || bytes.Length != HeaderBytes + (count * sizeof(ulong)))
        {
            throw new NoosException(ErrorKind.Damaged, $"The verdicts '{path}' are damaged; remove manifests/judge and clean again.");
        }

        var bits = new ulong[count];
        for (var i = 0; i < bits.Length; i++)
        {
            bits[i] = BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(HeaderBytes + (i * sizeof(ulong))));
        }

        return new VerdictFile(policies, bits);
    }
}
