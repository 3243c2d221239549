using System.Text.Json;
using System.Text.Json.Serialization;
using Noos.Core;
using Noos.Core.Storage;
using Noos.Corpus.Archive;

namespace Noos.Corpus.Cleaning;

/// <summary>
/// The ranges of a corpus in their order, which gives every page its number. Only grows: what is added later comes behind.
/// </summary>
/// <param name="Ranges">Never empty.</param>
public sealed record CleanPlan(IReadOnlyList<CleanRange> Ranges)
{
    static readonly string[] s_extensions = [".warc.gz", ".warc", ".wet.gz", ".wet", ".warc.zst"];

    /// <summary>The plan of a folder; null where it has none.</summary>
    /// <exception cref="NoosException">It is damaged.</exception>
    public static CleanPlan? TryRead(CorpusFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        try
        {
            return File.Exists(folder.Plan)
                ? JsonSerializer.Deserialize(File.ReadAllBytes(folder.Plan), CleanPlanJsonContext.Default.CleanPlan) : null;
        }
        catch (JsonException e)
        {
            throw new NoosException(ErrorKind.Damaged, $"The plan '{folder.Plan}' is damaged; clean into a new folder.", e);
        }
    }

    /// <summary>A plan with what is new in some inputs: files that are not in it yet, and what has grown behind those that are.</summary>
    /// <param name="folder">Of the corpus.</param>
    /// <param name="inputs">Archives, and folders with archives.</param>
    /// <param name="rangeBytes">Of an archive that can be read in parts.</param>
    /// <exception cref="NoosException">An input is not there, or there is none at all.</exception>
    public CleanPlan Add(CorpusFolder folder, IEnumerable<string> inputs, long rangeBytes)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rangeBytes);
        var ends = Ranges.GroupBy(range => range.Path, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.Max(range => range.End), StringComparer.Ordinal);
        var ranges = new List<CleanRange>(Ranges);
        foreach (var path in inputs.SelectMany(FindArchives).Distinct(StringComparer.Ordinal))
        {
            var name = Path.GetRelativePath(folder.Root, path).Replace('\\', '/');
            var length = new FileInfo(path).Length;
            var start = ends.GetValueOrDefault(name);
            using var reader = WarcReader.Open(path);
            // One that cannot be read in parts cannot have grown in a way that could be read, either.
            var step = reader.IsPacked ? rangeBytes : long.MaxValue;
            for (; start < length && (reader.IsPacked || start == 0); start = ranges[^1].End)
            {
                ranges.Add(new CleanRange(name, start, length - start <= step ? length : start + step));
            }
        }

        return ranges.Count > 0
            ? new CleanPlan(ranges)
            : throw new NoosException(ErrorKind.NotFound, "There is no archive to clean; name WARC or WET files, or a folder with some.");
    }

    /// <summary>Writes it whole.</summary>
    public void Write(CorpusFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        var json = JsonSerializer.SerializeToUtf8Bytes(this, CleanPlanJsonContext.Default.CleanPlan);
        AtomicFile.Write(folder.Plan, stream => stream.Write(json));
    }

    static IEnumerable<string> FindArchives(string input)
    {
        var path = Path.GetFullPath(input);
        if (Directory.Exists(path))
        {
            return Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)
                .Where(file => Array.Exists(s_extensions, extension => file.EndsWith(extension, StringComparison.OrdinalIgnoreCase)))
                .Order(StringComparer.Ordinal);
        }

        return File.Exists(path)
            ? [path]
            : throw new NoosException(ErrorKind.NotFound, $"There is no file or folder '{input}'; check its name.");
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(CleanPlan))]
sealed partial class CleanPlanJsonContext : JsonSerializerContext;
