using System.Text.Json;
using System.Text.Json.Serialization;

namespace Noos.Kernel.Cpu;

/// <summary>A seed as the signed number that it is given as.</summary>
public sealed class SeedConverter : JsonConverter<ulong>
{
    public override ulong Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        unchecked((ulong)reader.GetInt64());

    public override void Write(Utf8JsonWriter writer, ulong value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteNumberValue(unchecked((long)value));
    }
}
