using System.Globalization;
using Noos.Language.Safetensors;

namespace Noos.Training.Checkpoints;

/// <summary>A complete checkpoint on disk whose checksums were verified.</summary>
public sealed record Checkpoint(string Folder, TrainingState State)
{
    /// <summary>Opens the safetensors file of a blob, such as <c>model</c>.</summary>
    public SafetensorsFile Open(string blob) => SafetensorsFile.Open(PathOf(blob));

    /// <summary>
    /// Names of the blobs that hold a part each of one that was divided, in order; the name itself where it was not.
    /// </summary>
    public IReadOnlyList<string> ShardsOf(string blob)
    {
        if (File.Exists(PathOf(blob)))
        {
            return [blob];
        }

        // All are there: the completion marker names each file.
        var count = Directory.EnumerateFiles(Folder, blob + "-*-of-*.safetensors").Count();
        return [.. Enumerable.Range(0, count).Select(shard => NameOfShard(blob, shard, count))];
    }

    /// <summary>Name of a part of a divided blob.</summary>
    /// <param name="shard">From 0.</param>
    public static string NameOfShard(string blob, int shard, int count) =>
        string.Create(CultureInfo.InvariantCulture, $"{blob}-{shard + 1:D5}-of-{count:D5}");

    public string PathOf(string blob) => Path.Combine(Folder, blob + ".safetensors");
}
