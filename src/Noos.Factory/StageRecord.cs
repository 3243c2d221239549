using System.IO.Hashing;
using System.Text.Json;
using Noos.Core.Storage;

namespace Noos.Factory;

/// <summary>
/// Remembers from what each result of a recipe was made (<c>stages.json</c>), so that only missing and stale ones are made again: the
/// settings of the stage, its source files by length and time, and the stage before it.
/// </summary>
public sealed class StageRecord
{
    readonly string _path;
    readonly Dictionary<string, string> _keys;

    StageRecord(string path, Dictionary<string, string> keys)
    {
        _path = path;
        _keys = keys;
    }

    public static StageRecord Open(RecipeFolder folder)
    {
        var path = Path.Combine(folder.Root, "stages.json");
        try
        {
            return new StageRecord(path, JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllBytes(path)) ?? []);
        }
        catch (Exception exception) when (exception is IOException or JsonException)
        {
            // Without a record everything is stale: work is done again, nothing is lost.
            return new StageRecord(path, []);
        }
    }

    /// <summary>Names what a stage is made from.</summary>
    public static string Key(object settings, IEnumerable<string> sourceFiles, string before)
    {
        var hash = new XxHash3();
        hash.Append(JsonSerializer.SerializeToUtf8Bytes(settings, settings.GetType()));
        foreach (var file in sourceFiles.Select(path => new FileInfo(path)))
        {
            hash.Append(JsonSerializer.SerializeToUtf8Bytes($"{file.FullName} {(file.Exists ? file.Length : -1)} {(file.Exists ? file.LastWriteTimeUtc.Ticks : 0)}"));
        }

        hash.Append(JsonSerializer.SerializeToUtf8Bytes(before));
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    public bool IsFresh(string stage, string key) => _keys.GetValueOrDefault(stage) == key;

    public void Done(string stage, string key)
    {
        _keys[stage] = key;
        var json = JsonSerializer.SerializeToUtf8Bytes(_keys);
        AtomicFile.Write(_path, stream => stream.Write(json));
    }
}
