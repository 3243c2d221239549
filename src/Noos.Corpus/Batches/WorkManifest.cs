using System.Text.Json;
using System.Text.Json.Serialization;

namespace Noos.Corpus.Batches;

/// <summary>Says that a unit of work is done, by whom, from what, and what it has made; written after its outputs.</summary>
public sealed record WorkManifest
{
    public required string Stage { get; init; }

    public required int Unit { get; init; }

    /// <summary>Everything that decided the outputs.</summary>
    public required string Key { get; init; }

    public string Worker { get; init; } = "";

    public DateTimeOffset Finished { get; init; }

    /// <summary>How long one thread worked on it.</summary>
    public double Seconds { get; init; }

    public IReadOnlyList<WorkOutput> Outputs { get; init; } = [];

    public IReadOnlyDictionary<string, long> Counts { get; init; } = new Dictionary<string, long>(StringComparer.Ordinal);

    internal static WorkManifest? TryRead(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), WorkJsonContext.Default.WorkManifest);
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            // Not there, or of another format: the unit is not done.
            return null;
        }
    }
}

/// <summary>A file that a unit has made.</summary>
/// <param name="Path">Relative to the folder.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Digest">XxHash3-128 of its bytes.</param>
public sealed record WorkOutput(string Path, long Bytes, string Digest);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(WorkManifest))]
sealed partial class WorkJsonContext : JsonSerializerContext;
