using System.Buffers.Binary;
using System.Text;
using Noos.Core;

namespace Noos.Language.HuggingFace;

/// <summary>
/// The pieces of a <c>tokenizer.model</c>: a protocol buffer (https://protobuf.dev/programming-guides/encoding/) of SentencePiece's
/// <c>sentencepiece_model.proto</c>, of which only the first field is read.
/// </summary>
static class SentencePieceModel
{
    const int PiecesField = 1;
    const long MaxBytes = 256L << 20;

    /// <summary>Kinds are those of GGUF, which are the same numbers.</summary>
    /// <exception cref="NoosException">
    /// The file is missing (<see cref="ErrorKind.NotFound"/>) or damaged (<see cref="ErrorKind.Damaged"/>).
    /// </exception>
    public static List<(string Piece, float Score, int Kind)> Read(string path)
    {
        try
        {
            if (new FileInfo(path).Length > MaxBytes)
            {
                throw new FormatException("it is too large");
            }

            return Parse(File.ReadAllBytes(path));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new NoosException(FileErrors.KindOf(exception), $"The file '{path}' cannot be read: {exception.Message}", exception);
        }
        catch (Exception exception) when (exception is FormatException or DecoderFallbackException)
        {
            throw new NoosException(ErrorKind.Damaged,
                $"The file '{path}' is no intact SentencePiece model ({exception.Message}); download the model again.", exception);
        }
    }

    static List<(string Piece, float Score, int Kind)> Parse(ReadOnlySpan<byte> bytes)
    {
        var pieces = new List<(string, float, int)>();
        while (!bytes.IsEmpty)
        {
            var (field, content, _) = ReadField(ref bytes);
            if (field == PiecesField)
            {
                pieces.Add(ParsePiece(content));
            }
        }

        return pieces;
    }

    static (string Piece, float Score, int Kind) ParsePiece(ReadOnlySpan<byte> bytes)
    {
        var (piece, score, kind) = ("", 0f, 1);
        while (!bytes.IsEmpty)
        {
            var (field, content, value) = ReadField(ref bytes);
            switch (field)
            {
                case 1:
                    piece = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(content);
                    break;
                case 2:
                    score = BitConverter.UInt32BitsToSingle((uint)value);
                    break;
                case 3:
                    kind = (int)Math.Min(value, int.MaxValue);
                    break;
            }
        }

        return (piece, score, kind);
    }

    /// <summary>Takes one field; its content is the bytes of one with a length, its value the number of another.</summary>
    static Field ReadField(ref ReadOnlySpan<byte> bytes)
    {
        var tag = ReadVarint(ref bytes);
        var number = (int)Math.Min(tag >> 3, int.MaxValue);
        switch (tag & 7)
        {
            case 0:
                return new Field(number, [], ReadVarint(ref bytes));
            case 1:
                return new Field(number, [], BinaryPrimitives.ReadUInt64LittleEndian(Take(ref bytes, 8)));
            case 2:
                return new Field(number, Take(ref bytes, ReadVarint(ref bytes)), 0);
            case 5:
                return new Field(number, [], BinaryPrimitives.ReadUInt32LittleEndian(Take(ref bytes, 4)));
            default:
                throw new FormatException("it has a field of an unknown type");
        }
    }

    static ulong ReadVarint(ref ReadOnlySpan<byte> bytes)
    {
        var value = 0ul;
        for (var shift = 0; shift < 64; shift += 7)
        {
            // Seven bits per byte, the low ones first; ten bytes are 70 bits, of which those beyond 64 are lost, as in
            // protobuf's own readers.
            var next = Take(ref bytes, 1)[0];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new FormatException("it has a number of more than 64 bits");
    }

    static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> bytes, ulong length)
    {
        // As 64 unsigned bits: a length from the file must not be cast before it is known to be small.
        if (length > (ulong)bytes.Length)
        {
            throw new FormatException("it ends too early");
        }

        var taken = bytes[..(int)length];
        bytes = bytes[(int)length..];
        return taken;
    }

    readonly ref struct Field(int number, ReadOnlySpan<byte> content, ulong value)
    {
        readonly ReadOnlySpan<byte> _content = content;

        public void Deconstruct(out int fieldNumber, out ReadOnlySpan<byte> fieldContent, out ulong fieldValue)
        {
            fieldNumber = number;
            fieldContent = _content;
            fieldValue = value;
        }
    }
}
