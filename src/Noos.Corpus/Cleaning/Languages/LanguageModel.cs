using System.Buffers.Binary;
using System.Text;
using Noos.Core;

namespace Noos.Corpus.Cleaning.Languages;

/// <summary>
/// How much each n-gram of letters speaks for each language: its log-probability there above that of an n-gram that is not listed, in steps
/// of <see cref="Step"/>. Written sorted by hash.
/// </summary>
/// <param name="Languages">ISO 639-1; at most 255.</param>
/// <param name="Grams">Hashes, ascending.</param>
/// <param name="Starts">Where the weights of each n-gram begin; one more than there are n-grams.</param>
/// <param name="Weights">The number of a language, then its weight.</param>
sealed record LanguageModel(string[] Languages, uint[] Grams, int[] Starts, (byte Language, byte Weight)[] Weights)
{
    /// <summary>Of a weight, in nats.</summary>
    public const float Step = 1 / 16f;

    const uint Magic = 0x314C474E;

    public void Write(Stream stream)
    {
        using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        writer.Write(Magic);
        writer.Write((byte)Languages.Length);
        foreach (var language in Languages)
        {
            writer.Write(language);
        }

        writer.Write(Grams.Length);
        for (var i = 0; i < Grams.Length; i++)
        {
            writer.Write(Grams[i]);
            writer.Write((byte)(Starts[i + 1] - Starts[i]));
        }

        foreach (var (language, weight) in Weights)
        {
            writer.Write(language);
            writer.Write(weight);
        }
    }

    public static LanguageModel Read(Stream stream)
    {
        using var reader = new BinaryReader(stream, Encoding.UTF8, leaveOpen: true);
        if (reader.ReadUInt32() != Magic)
        {
            throw new NoosException(ErrorKind.Damaged, "This is no model of languages; make one with Noos.Bench languages-train.");
        }

        var languages = new string[reader.ReadByte()];
        for (var i = 0; i < languages.Length; i++)
        {
            languages[i] = reader.ReadString();
        }

        var grams = new uint[reader.ReadInt32()];
        var starts = new int[grams.Length + 1];
        var rows = reader.ReadBytes(grams.Length * 5);
        for (var i = 0; i < grams.Length; i++)
        {
            grams[i] = BinaryPrimitives.ReadUInt32LittleEndian(rows.AsSpan(i * 5));
            starts[i + 1] = starts[i] + rows[(i * 5) + 4];
        }

        var pairs = reader.ReadBytes(starts[^1] * 2);
        var weights = new (byte, byte)[starts[^1]];
        for (var i = 0; i < weights.Length; i++)
        {
            weights[i] = (pairs[2 * i], pairs[(2 * i) + 1]);
        }

        return new LanguageModel(languages, grams, starts, weights);
    }
}
