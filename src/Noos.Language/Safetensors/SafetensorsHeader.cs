using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Noos.Language.Safetensors;

/// <summary>One tensor of a safetensors file.</summary>
/// <param name="Name">Unique in the file.</param>
/// <param name="Type">Element type.</param>
/// <param name="Shape">Row-major, slowest dimension first; empty for a scalar.</param>
/// <param name="Offset">First byte, counted from the beginning of the file.</param>
/// <param name="ByteLength">Number of bytes.</param>
public sealed record SafetensorsTensor(string Name, SafetensorsType Type, IReadOnlyList<long> Shape, long Offset, long ByteLength);

/// <summary>
/// The header: eight bytes of length, then JSON that maps names to type, shape and byte range. See https://huggingface.co/docs/safetensors.
/// </summary>
static class SafetensorsHeader
{
    /// <summary>Upper bound of the reference implementation, against headers that would exhaust the memory.</summary>
    public const long MaxHeaderBytes = 100_000_000;

    public const string MetadataName = "__metadata__";

    const int LengthPrefix = 8;

    /// <summary>Bytes of a tensor, or null when the number overflows or is no whole number of bytes.</summary>
    public static long? ByteLength(SafetensorsType type, IReadOnlyList<long> shape)
    {
        Int128 bits = BitsOf(type);
        foreach (var dimension in shape)
        {
            if (dimension < 0)
            {
                return null;
            }

            // Below 2^63 times below 2^63 fits 128 bits: checked after each factor, the product never wraps around.
            bits *= dimension;
            if (bits > long.MaxValue)
            {
                return null;
            }
        }

        return bits % 8 == 0 ? (long)(bits / 8) : null;
    }

    public static int BitsOf(SafetensorsType type) => type switch
    {
        SafetensorsType.F4 => 4,
        SafetensorsType.F6_E2M3 or SafetensorsType.F6_E3M2 => 6,
        SafetensorsType.BOOL or SafetensorsType.U8 or SafetensorsType.I8 or SafetensorsType.F8_E5M2 or SafetensorsType.F8_E4M3
            or SafetensorsType.F8_E8M0 or SafetensorsType.F8_E4M3FNUZ or SafetensorsType.F8_E5M2FNUZ => 8,
        SafetensorsType.I16 or SafetensorsType.U16 or SafetensorsType.F16 or SafetensorsType.BF16 => 16,
        SafetensorsType.I32 or SafetensorsType.U32 or SafetensorsType.F32 => 32,
        SafetensorsType.C64 or SafetensorsType.F64 or SafetensorsType.I64 or SafetensorsType.U64 => 64,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Not a type of the safetensors format."),
    };

    /// <summary>Parses and validates a header.</summary>
    /// <param name="json">The JSON, without the length before it.</param>
    /// <param name="fileLength">Bytes of the whole file.</param>
    /// <exception cref="FormatException">The header breaks the format; the message is half a sentence.</exception>
    public static (List<SafetensorsTensor> Tensors, Dictionary<string, string> Metadata) Parse(ReadOnlySpan<byte> json, long fileLength)
    {
        Require(json.Length > 0 && json[0] == (byte)'{', "its header does not begin with '{'");
        Require(Utf8.IsValid(json), "its header is not UTF-8");
        var dataStart = LengthPrefix + json.Length;
        var tensors = new List<SafetensorsTensor>();
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        var names = new HashSet<string>(StringComparer.Ordinal);
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 8 });
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString()!;
                Require(names.Add(name), $"its header names the tensor '{Shorten(name)}' twice");
                reader.Read();
                if (name == MetadataName)
                {
                    ParseMetadata(ref reader, metadata);
                }
                else
                {
                    tensors.Add(ParseTensor(ref reader, name, dataStart));
                }
            }

            Require(!reader.Read(), "its header goes on after the closing brace");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new FormatException("its header is not valid JSON", e);
        }

        RequireGapless(tensors, dataStart, fileLength);
        return (tensors, metadata);
    }

    /// <summary>
    /// Header bytes for tensors laid out one after the other, with the length before them and padded so that the data begins at a multiple
    /// of 8.
    /// </summary>
    public static byte[] Serialise(IEnumerable<(string Name, SafetensorsType Type, IReadOnlyList<long> Shape, long Length)> tensors,
        IReadOnlyDictionary<string, string>? metadata)
    {
        using var buffer = new MemoryStream();
        buffer.Write(stackalloc byte[LengthPrefix]);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                writer.WriteStartObject(MetadataName);
                foreach (var (key, value) in metadata)
                {
                    writer.WriteString(key, value);
                }

                writer.WriteEndObject();
            }

            var offset = 0L;
            foreach (var (name, type, shape, length) in tensors)
            {
                writer.WriteStartObject(name);
                writer.WriteString("dtype", type.ToString());
                WriteNumbers(writer, "shape", shape);
                WriteNumbers(writer, "data_offsets", [offset, checked(offset + length)]);
                writer.WriteEndObject();
                offset += length;
            }

            writer.WriteEndObject();
        }

        while (buffer.Length % 8 != 0)
        {
            buffer.WriteByte((byte)' ');
        }

        var bytes = buffer.ToArray();
        System.Buffers.Binary.BinaryPrimitives.WriteInt64LittleEndian(bytes, bytes.Length - LengthPrefix);
        return bytes;
    }

    static void WriteNumbers(Utf8JsonWriter writer, string name, IReadOnlyList<long> numbers)
    {
        writer.WriteStartArray(name);
        foreach (var number in numbers)
        {
            writer.WriteNumberValue(number);
        }

        writer.WriteEndArray();
    }

    static void ParseMetadata(ref Utf8JsonReader reader, Dictionary<string, string> metadata)
    {
        Require(reader.TokenType == JsonTokenType.StartObject, "its metadata is not a map of texts");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            reader.Read();
            Require(reader.TokenType == JsonTokenType.String, "its metadata is not a map of texts");
            Require(metadata.TryAdd(key, reader.GetString()!), $"its metadata has the key '{Shorten(key)}' twice");
        }
    }

    static SafetensorsTensor ParseTensor(ref Utf8JsonReader reader, string name, long dataStart)
    {
        SafetensorsType? type = null;
        List<long>? shape = null;
        List<long>? range = null;
        Require(reader.TokenType == JsonTokenType.StartObject, $"the tensor '{Shorten(name)}' is not described by an object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString();
            reader.Read();
            switch (key)
            {
                case "dtype" when type is null:
                    type = ParseType(ref reader, name);
                    break;
                case "shape" when shape is null:
                    shape = ParseNumbers(ref reader, name);
                    break;
                case "data_offsets" when range is null:
                    range = ParseNumbers(ref reader, name);
                    break;
                default:
                    throw new FormatException($"the tensor '{Shorten(name)}' has the unexpected or repeated key '{Shorten(key!)}'");
            }
        }

        if (type is null || shape is null || range is not [var begin, var end])
        {
            throw new FormatException($"the tensor '{Shorten(name)}' lacks its dtype, its shape or its two data_offsets");
        }

        var length = ByteLength(type.Value, shape)
            ?? throw new FormatException(
                $"the shape of the tensor '{Shorten(name)}' does not make a whole number of bytes that could exist");
        Require(
            end >= begin && end - begin == length,
                $"the tensor '{Shorten(name)}' needs {length} bytes for its shape but its data_offsets span {end - begin}");
        Require(begin <= long.MaxValue - dataStart, $"the tensor '{Shorten(name)}' begins beyond the end of the file");
        return new SafetensorsTensor(name, type.Value, shape, dataStart + begin, length);
    }

    static SafetensorsType ParseType(ref Utf8JsonReader reader, string name)
    {
        var text = reader.TokenType == JsonTokenType.String ? reader.GetString()! : "";

        // Enum.TryParse alone would also take numbers and lists.
        return Enum.TryParse<SafetensorsType>(text, out var type) && Enum.IsDefined(type) && type.ToString() == text
            ? type
            : throw new FormatException($"the tensor '{Shorten(name)}' has the unknown dtype '{Shorten(text)}'");
    }

    static List<long> ParseNumbers(ref Utf8JsonReader reader, string name)
    {
        var numbers = new List<long>();
        Require(reader.TokenType == JsonTokenType.StartArray,
            $"the tensor '{Shorten(name)}' has a shape or data_offsets that is not a list");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            Require(
                reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var number) && number >= 0 && Add(numbers, number),
                $"the tensor '{Shorten(name)}' has a shape or data_offsets with something else than whole numbers from 0");
        }

        return numbers;

        static bool Add(List<long> numbers, long number)
        {
            numbers.Add(number);
            return true;
        }
    }

    /// <summary>The format demands that the tensors cover the data exactly: no overlap, no hole, nothing after the last one.</summary>
    static void RequireGapless(List<SafetensorsTensor> tensors, long dataStart, long fileLength)
    {
        // A tensor of no bytes may begin where another does: it must come first, or the other would seem to overlap it.
        var expected = dataStart;
        foreach (var tensor in tensors.OrderBy(t => t.Offset).ThenBy(t => t.ByteLength))
        {
            Require(tensor.Offset >= expected, $"the tensor '{Shorten(tensor.Name)}' overlaps another one");
            Require(tensor.Offset == expected, $"there is a hole before the tensor '{Shorten(tensor.Name)}'");
            // Not expected + length, which may overflow.
            Require(
                tensor.ByteLength <= fileLength - expected,
                $"it ends inside the tensor '{Shorten(tensor.Name)}' (incomplete download or copy?)");
            expected += tensor.ByteLength;
        }

        Require(expected == fileLength, $"{fileLength - expected} bytes follow the last tensor");
    }

    static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new FormatException(message);
        }
    }

    /// <summary>Names come from the file: keep an error message one readable line.</summary>
    static string Shorten(string text)
    {
        var shown = new StringBuilder();
        foreach (var rune in text.EnumerateRunes().Take(60))
        {
            shown.Append(Rune.IsControl(rune) ? "?" : rune.ToString());
        }

        return shown.Length < text.Length ? shown.Append('…').ToString() : shown.ToString();
    }
}
