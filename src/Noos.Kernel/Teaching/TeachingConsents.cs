using System.Text.Json;
using System.Text.Json.Serialization;
using Noos.Core;
using Noos.Core.Storage;

namespace Noos.Kernel.Teaching;

/// <summary>
/// Who has agreed that models are trained on what they taught, and when: a small file in the home. Who is not in it has not agreed.
/// Thread-safe; only the program that holds the home writes it.
/// </summary>
/// <param name="home">Its folder.</param>
sealed class TeachingConsents(string home)
{
    const string FileName = "teaching.json";

    // Of the program and not of an object: each reads the file anew, so that nobody keeps what was taken back.
    static readonly Lock s_lock = new();

    string Path => System.IO.Path.Combine(home, FileName);

    /// <summary>By owner.</summary>
    /// <exception cref="NoosException">The file cannot be read: nobody has agreed to that (Damaged).</exception>
    public IReadOnlyDictionary<string, DateTimeOffset> Read()
    {
        try
        {
            return File.Exists(Path)
                ? JsonSerializer.Deserialize(File.ReadAllBytes(Path), ConsentJson.Default.DictionaryStringDateTimeOffset) ?? []
                : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new NoosException(
                ErrorKind.Damaged, $"'{Path}', which says who agreed to be learned from, cannot be read; remove it, and agree anew.", e);
        }
    }

    /// <param name="owner">Who.</param>
    /// <param name="agreed">When; null takes it back.</param>
    public void Set(string owner, DateTimeOffset? agreed)
    {
        lock (s_lock)
        {
            var consents = new Dictionary<string, DateTimeOffset>(Read(), StringComparer.Ordinal);
            if (agreed is { } time)
            {
                consents[owner] = time;
            }
            else if (!consents.Remove(owner))
            {
                return;
            }

            AtomicFile.Write(
                Path, stream => JsonSerializer.Serialize(stream, consents, ConsentJson.Default.DictionaryStringDateTimeOffset),
                UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }
}

[JsonSerializable(typeof(Dictionary<string, DateTimeOffset>))]
sealed partial class ConsentJson : JsonSerializerContext;
