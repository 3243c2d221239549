using System.Text.Encodings.Web;
using System.Text.Json;
using Noos.Core;
using Noos.Core.Storage;

namespace Noos.Factory;

/// <summary>How the factory writes what it has measured: indented, in the names that files of the project have.</summary>
static class FactoryJson
{
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Writes a file that appears whole or not at all.</summary>
    public static void Write<T>(string path, T value)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(value, Options);
        AtomicFile.Write(path, stream => stream.Write(json));
    }

    /// <summary>Reads a file that <see cref="Write"/> has written.</summary>
    /// <exception cref="NoosException">It is missing or damaged.</exception>
    public static T Read<T>(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllBytes(path), Options) ?? throw new JsonException("It is empty.");
        }
        catch (Exception exception) when (exception is JsonException or IOException)
        {
            throw new NoosException(ErrorKind.Damaged, $"'{path}' cannot be read; delete it, and it is made again.", exception);
        }
    }
}
