using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using Noos.Core.Storage;
using Noos.Factory.Recipes;

namespace Noos.Factory.Stages;

/// <summary>
/// Remembers from what each output of a recipe was made (<c>stages.json</c>), so that only missing and stale ones are made again. A key
/// includes the keys recorded for the inputs of its stage, so that what is made anew makes everything after it stale. Not thread-safe.
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

    /// <summary>The key under which the stage is recorded when it is run now.</summary>
    public StageKey KeyOf(IStage stage, Recipe recipe)
    {
        var parts = stage.Inputs.Select(input => $"{input} {_keys.GetValueOrDefault(input)}").Prepend(stage.Key(recipe).Value);
        return new StageKey(Convert.ToHexStringLower(XxHash3.Hash(Encoding.UTF8.GetBytes(string.Join('\n', parts)))));
    }

    /// <summary>Whether the outputs of the stage exist and were made under this key.</summary>
    public bool IsFresh(IStage stage, StageKey key) =>
        _keys.GetValueOrDefault(stage.Name) == key.Value && stage.Outputs.All(Path.Exists);

    public void SetDone(IStage stage, StageKey key)
    {
        _keys[stage.Name] = key.Value;
        var json = JsonSerializer.SerializeToUtf8Bytes(_keys);
        AtomicFile.Write(_path, stream => stream.Write(json));
    }
}
