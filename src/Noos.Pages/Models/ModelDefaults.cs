using System.Text.Json;
using System.Text.Json.Serialization;
using Noos.Core;
using Noos.Core.Storage;

namespace Noos.Pages.Models;

/// <summary>With which model the chats of each person begin. A small file in the home. Thread-safe.</summary>
/// <param name="home">The folder of the file; null keeps it in memory.</param>
sealed class ModelDefaults(string? home)
{
    const string FileName = "models.json";

    readonly Lock _lock = new();
    Dictionary<string, string>? _models;

    /// <summary>The name of the model; null for the usual one.</summary>
    public string? Find(string owner)
    {
        lock (_lock)
        {
            return Load().GetValueOrDefault(owner);
        }
    }

    /// <param name="owner">Whose chats.</param>
    /// <param name="model">Null for the usual one.</param>
    /// <exception cref="NoosException">The file cannot be written.</exception>
    public void Set(string owner, string? model)
    {
        lock (_lock)
        {
            var models = Load();
            if (model is null)
            {
                models.Remove(owner);
            }
            else
            {
                models[owner] = model;
            }

            if (home is not null)
            {
                AtomicFile.Write(
                    Path.Combine(home, FileName),
                    stream => JsonSerializer.Serialize(stream, models, ModelDefaultsJson.Default.DictionaryStringString));
            }
        }
    }

    Dictionary<string, string> Load()
    {
        if (_models is not null)
        {
            return _models;
        }

        try
        {
            var path = home is null ? null : Path.Combine(home, FileName);
            _models = File.Exists(path)
                ? JsonSerializer.Deserialize(File.ReadAllBytes(path), ModelDefaultsJson.Default.DictionaryStringString)
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            // Then chats begin with the usual model.
        }

        return _models ??= new(StringComparer.Ordinal);
    }
}

[JsonSerializable(typeof(Dictionary<string, string>))]
sealed partial class ModelDefaultsJson : JsonSerializerContext;
