using System.Text.Json;
using Noos.Core;
using Noos.Core.Text;

namespace Noos.Language.HuggingFace;

/// <summary>One JSON object in a file, read with messages that name the file.</summary>
sealed class JsonFile
{
    const long MaxBytes = 256L << 20;

    readonly string _path;

    JsonFile(string path, JsonElement root)
    {
        _path = path;
        Root = root;
    }

    public JsonElement Root { get; }

    /// <exception cref="NoosException">The file is missing or does not hold a JSON object.</exception>
    public static JsonFile Read(string path)
    {
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > MaxBytes })
            {
                throw new NoosException(ErrorKind.Damaged,
                    $"The file '{path}' is larger than {MaxBytes >> 20} MB, which none of its kind is; download the model again.");
            }

            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new JsonFile(path, document.RootElement.Clone())
                : throw new NoosException(ErrorKind.Damaged, $"The file '{path}' does not hold a JSON object; download the model again.");
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new NoosException(
                ErrorKind.NotFound, $"There is no file '{path}'; give a folder with a model as Hugging Face keeps it.", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new NoosException(FileErrors.KindOf(exception), $"The file '{path}' cannot be read: {exception.Message}", exception);
        }
        catch (JsonException exception)
        {
            throw new NoosException(ErrorKind.Damaged, $"The file '{path}' is not valid JSON: {JsonFault.Describe(exception)}.", exception);
        }
    }

    /// <summary>Null when there is no such file.</summary>
    /// <inheritdoc cref="Read"/>
    public static JsonFile? ReadIfThere(string path) => File.Exists(path) ? Read(path) : null;

    /// <summary>A text; null when it is missing or something else.</summary>
    public string? Text(string name) => Text(Root, name, _path);

    /// <inheritdoc cref="Text(string)"/>
    public static string? Text(JsonElement element, string name, string path) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? TextOf(value, path) : null;

    /// <summary>The text that a value is; null when it is something else.</summary>
    /// <exception cref="NoosException">It is not valid Unicode.</exception>
    public static string? TextOf(JsonElement value, string path)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException exception)
        {
            throw new NoosException(
                ErrorKind.Damaged, $"The file '{path}' holds text that is not valid Unicode; download the model again.", exception);
        }
    }

    public bool? Flag(string name) =>
        Root.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? value.GetBoolean()
            : null;

    /// <summary>An object or array; null when it is missing or something else.</summary>
    public JsonElement? Find(string name, JsonValueKind kind) => Find(Root, name, kind);

    /// <summary>An object within the file, read as if it were a file; null when it is missing.</summary>
    public JsonFile? Section(string name) => Find(name, JsonValueKind.Object) is { } section ? new JsonFile(_path, section) : null;

    public static JsonElement? Find(JsonElement element, string name, JsonValueKind kind) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == kind ? value : null;

    public static double? Number(JsonElement element, string name) => Find(element, name, JsonValueKind.Number)?.GetDouble();

    /// <summary>A whole number from 0 on; null when it is missing or no single number.</summary>
    /// <exception cref="NoosException">It is negative, broken or too large.</exception>
    public int? Count(string name) =>
        Find(name, JsonValueKind.Number) is not { } value ? null
        : value.TryGetInt32(out var count) && count >= 0 ? count
        : throw new NoosException(
            ErrorKind.Damaged, $"The file '{_path}' has {value.GetRawText()} as '{name}', which is impossible; download the model again.");

    public NoosException Lacks(string name) => new(ErrorKind.Damaged, $"The file '{_path}' lacks '{name}'; download the model again.");
}
