using System.IO.Hashing;
using System.Text.Json;
using Noos.Core.Storage;

namespace Noos.Training.Checkpoints;

/// <summary>Length and XxHash3 (hexadecimal) of one file.</summary>
sealed record FileSeal(long Length, string XxHash3);

/// <summary>
/// The <c>DONE</c> file, written and flushed last: a checkpoint without it is incomplete, one whose files do not match it is corrupted.
/// </summary>
/// <param name="Ordinal">
/// Number of the checkpoint in its run, from 1: every so-many-th is kept for good, whatever the distance of their steps.
/// </param>
/// <param name="Files">Length and checksum of each file by name.</param>
sealed record CompletionMarker(long Ordinal, IReadOnlyDictionary<string, FileSeal> Files)
{
    const string FileName = "DONE";

    static readonly JsonSerializerOptions s_options = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>The marker of a folder, or null when there is none that can be read.</summary>
    public static CompletionMarker? TryRead(string folder)
    {
        try
        {
            return JsonSerializer.Deserialize<CompletionMarker>(File.ReadAllBytes(Path.Combine(folder, FileName)), s_options)
                is { Files: not null } marker ? marker : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    public void Write(string folder) =>
        AtomicFile.Write(Path.Combine(folder, FileName), stream => JsonSerializer.Serialize(stream, this, s_options));

    /// <summary>Says what is wrong with the files of a folder; null when all are intact.</summary>
    public string? FindDamage(string folder)
    {
        foreach (var (name, seal) in Files)
        {
            if (Path.GetFileName(name) != name || seal is null)
            {
                return "its DONE file is damaged";
            }

            try
            {
                using var stream = new FileStream(Path.Combine(folder, name), FileMode.Open, FileAccess.Read,
                    FileShare.Read | FileShare.Delete, 1 << 20, FileOptions.SequentialScan);
                var hash = new XxHash3();
                if (stream.Length == seal.Length)
                {
                    hash.Append(stream);
                }

                if (stream.Length != seal.Length || Format(hash) != seal.XxHash3)
                {
                    return $"{name} does not match its checksum";
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return $"{name} cannot be read";
            }
        }

        return null;
    }

    public static string Format(XxHash3 hash) => Convert.ToHexStringLower(hash.GetCurrentHash());
}
