using System.IO.Hashing;
using System.Text.Json;

namespace Noos.Factory.Stages;

/// <summary>A hash of everything that a stage is made from. Equal keys: the stage would make the same again.</summary>
public readonly record struct StageKey(string Value)
{
    /// <param name="settings">The settings that the stage reads; hashed as JSON.</param>
    /// <param name="sourceFiles">Taken by path, length and time, not by content: sources have gigabytes.</param>
    public static StageKey From(object settings, params IEnumerable<string> sourceFiles)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var hash = new XxHash3();
        hash.Append(JsonSerializer.SerializeToUtf8Bytes(settings, settings.GetType()));
        foreach (var file in sourceFiles.Select(path => new FileInfo(path)))
        {
            var stamp = $"{file.FullName} {(file.Exists ? file.Length : -1)} {(file.Exists ? file.LastWriteTimeUtc.Ticks : 0)}";
            hash.Append(JsonSerializer.SerializeToUtf8Bytes(stamp));
        }

        return new StageKey(Convert.ToHexStringLower(hash.GetCurrentHash()));
    }
}
