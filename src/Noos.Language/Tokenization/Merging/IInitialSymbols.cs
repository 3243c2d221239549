using System.Text;

namespace Noos.Language.Tokenization.Merging;

/// <summary>
/// The symbols that byte-pair merging starts from (Sennrich et al. 2016; <c>llm_symbol</c> in llama.cpp): one per byte in byte-level BPE,
/// one per character in SentencePiece. A struct, so that each encoder is compiled for its own. Read-only, so thread-safe.
/// </summary>
interface IInitialSymbols
{
    /// <summary>The symbol of a byte that stands alone.</summary>
    int ForByte(byte value);

    /// <summary>Writes the symbols of a piece, at most one per byte; returns how many.</summary>
    int Read(ReadOnlySpan<byte> piece, Span<int> symbols);
}

/// <summary>Byte-level BPE (GPT-2): a piece begins as its bytes.</summary>
/// <param name="symbols">[256] The symbol of each byte.</param>
readonly struct ByteSymbols(int[] symbols) : IInitialSymbols
{
    public int ForByte(byte value) => symbols[value];

    public int Read(ReadOnlySpan<byte> piece, Span<int> output)
    {
        for (var index = 0; index < piece.Length; index++)
        {
            output[index] = symbols[piece[index]];
        }

        return piece.Length;
    }
}

/// <summary>
/// SentencePiece and Gemma: a piece begins as its characters; a character that the vocabulary does not have falls back to its bytes
/// (<c>byte_fallback</c>).
/// </summary>
/// <param name="bytes">[256] The symbol of each byte that is no character: of one that the vocabulary lacks, or of broken UTF-8.</param>
/// <param name="ascii">[128] The symbol of each ASCII character.</param>
/// <param name="characters">The symbols of other characters, by code point.</param>
readonly struct CharacterSymbols(int[] bytes, int[] ascii, Dictionary<int, int> characters) : IInitialSymbols
{
    public int ForByte(byte value) => value < 0x80 ? ascii[value] : bytes[value];

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
                // Broken UTF-8 goes on byte by byte, so that what follows the broken byte can still be characters. A real U+FFFD that the
                // vocabulary lacks takes the same road and gives the same three bytes.
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
