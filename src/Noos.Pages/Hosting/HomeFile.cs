using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Noos.Core;
using Noos.Core.Storage;

namespace Noos.Pages.Hosting;

/// <summary>
/// A small JSON file of the home with what the pages note: values by their keys. One that cannot be read is as empty, since a page without
/// its notes is still a page. Thread-safe.
/// </summary>
/// <param name="home">The folder of the file; null keeps it in memory.</param>
/// <param name="name">That of the file.</param>
/// <param name="type">How it is written.</param>
sealed class HomeFile<TKey, TValue>(string? home, string name, JsonTypeInfo<Dictionary<TKey, TValue>> type)
    where TKey : notnull
    where TValue : class
{
    readonly Lock _lock = new();
    Dictionary<TKey, TValue>? _values;

    /// <summary>Null where nothing is noted.</summary>
    public TValue? Find(TKey key)
    {
        lock (_lock)
        {
            return Load().GetValueOrDefault(key);
        }
    }

    /// <summary>Notes something else, or nothing any more.</summary>
    /// <param name="key">Of what.</param>
    /// <param name="change">From what is noted to what is noted from now on; null is nothing.</param>
    /// <exception cref="NoosException">The file cannot be written; what was noted holds.</exception>
    public void Change(TKey key, Func<TValue?, TValue?> change)
    {
        lock (_lock)
        {
            var before = Load().GetValueOrDefault(key);
            var after = change(before);
            if (Equals(before, after))
            {
                return;
            }

            var values = new Dictionary<TKey, TValue>(Load());
            if (after is null)
            {
                values.Remove(key);
            }
            else
            {
                values[key] = after;
            }

            if (home is not null)
            {
                AtomicFile.Write(Path.Combine(home, name), stream => JsonSerializer.Serialize(stream, values, type));
            }

            _values = values;
        }
    }

    Dictionary<TKey, TValue> Load()
    {
        if (_values is not null)
        {
            return _values;
        }

        try
        {
            var path = home is null ? null : Path.Combine(home, name);
            _values = File.Exists(path) ? JsonSerializer.Deserialize(File.ReadAllBytes(path), type) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            // Then it begins anew.
        }

        return _values ??= [];
    }
}
