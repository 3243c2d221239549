using System.Text.Json.Serialization;
using Noos.Core;
using Noos.Pages.Hosting;

namespace Noos.Pages.Models;

/// <summary>With which model the chats of each person begin. Thread-safe.</summary>
/// <param name="home">The folder of its file; null keeps it in memory.</param>
sealed class ModelDefaults(string? home)
{
    readonly HomeFile<string, string> _file = new(home, "models.json", ModelDefaultsJson.Default.DictionaryStringString);

    /// <summary>The name of the model; null for the usual one.</summary>
    public string? Find(string owner) => _file.Find(owner);

    /// <param name="owner">Whose chats.</param>
    /// <param name="model">Null for the usual one.</param>
    /// <exception cref="NoosException">The file cannot be written.</exception>
    public void Set(string owner, string? model) => _file.Change(owner, _ => model);
}

[JsonSerializable(typeof(Dictionary<string, string>))]
sealed partial class ModelDefaultsJson : JsonSerializerContext;
