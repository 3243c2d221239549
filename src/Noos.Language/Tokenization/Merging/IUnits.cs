using System.Text;

namespace Noos.Language.Tokenization.Merging;

/// <summary>What merging begins with: the symbols of single bytes or of single characters.</summary>
interface IUnits
{
    /// <summary>The symbol of a byte that stands alone.</summary>
    int Of(byte value);

    /// <summary>Writes the symbols of a piece, at most one a byte; returns how many.</summary>
    int Read(ReadOnlySpan<byte> piece, Span<int> symbols);
}

/// <param name="symbols">[256] The symbol of each byte.</param>
readonly struct ByteUnits(int[] symbols) : IUnits
{
    public int Of(byte value) => symbols[value];

    public int Read(ReadOnlySpan<byte> piece, Span<int> output)
    {
        for (var index = 0; index < piece.Length; index++)
        {
            output[index] = symbols[piece[index]];
        }

        return piece.Length;
    }
}

/// <param name="bytes">[256] The symbol of each byte that is no character: of one that the vocabulary lacks, or of broken UTF-8.</param>
/// <param name="ascii">[128] The symbol of each ASCII character.</param>
/// <param name="characters">The symbols of other characters, by code point.</param>
readonly struct CharacterUnits(int[] bytes, int[] ascii, Dictionary<int, int> characters) : IUnits
{
    public int Of(byte value) => value < 0x80 ? ascii[value] : bytes[value];

    public int Read(ReadOnlySpan<byte> piece, Span<int> output)
    {
        var count = 0;
        for (var position = 0; position < piece.Length;)
        {
            var length = 1;
            if (piece[position] < 0x80)
            {
                output[count++] = ascii[piece[position]];
            }
            else if (Rune.DecodeFromUtf8(piece[position..], out var rune, out length) == System.Buffers.OperationStatus.Done
                && characters.TryGetValue(rune.Value, out var symbol))
            {
                output[count++] = symbol;
            }
            else
            {
                length = rune == Rune.ReplacementChar ? 1 : length;
                foreach (var value in piece.Slice(position, length))
                {
                    output[count++] = bytes[value];
                }
            }

            position += length;
        }

        return count;
    }
}
