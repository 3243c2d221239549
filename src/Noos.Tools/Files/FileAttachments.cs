using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Text;
using Noos.Corpus.Documents;

namespace Noos.Tools.Files;

/// <summary>
/// Makes parts of a message of the files that a person gives with it: a small file whole, a large one as an overview that says how to read
/// on. Thread-safe.
/// </summary>
public sealed class FileAttachments(FileToolOptions? options = null, TimeProvider? timeProvider = null)
{
    const int MaxOverviewLength = 3000;
    const int MinOverviewTokens = 60;

    // The most characters that a token stands for in text that is worth reading.
    const int MaxCharactersPerToken = 6;

    readonly FileToolOptions _options = options ?? new FileToolOptions();
    readonly TimeProvider _timeProvider = timeProvider ?? TimeProvider.System;
    readonly Lazy<DocumentReaderRegistry> _readers =
        new(() => DocumentReaderRegistry.CreateForFiles((options ?? new FileToolOptions()).Limits));

    /// <summary>
    /// The parts of some files, in their order: together they stay within the budget as far as overviews can be that short.
    /// </summary>
    /// <param name="paths">Where the files lie, and what they are called.</param>
    /// <param name="budget">How much the model is shown.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="NoosException">A file is damaged (Damaged), or has a password or is too large to be read (Refused).</exception>
    public async Task<IReadOnlyList<FilePart>> CreateAsync(
        IReadOnlyList<(string Path, string Name)> paths, PromptBudget budget, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(paths);
        ArgumentNullException.ThrowIfNull(budget);
        var parts = new List<FilePart>(paths.Count);
        var left = budget.MaxTokens;
        foreach (var (path, name) in paths)
        {
            // What one file leaves, the next may have.
            var share = Math.Max(MinOverviewTokens, left / (paths.Count - parts.Count));
            var part = await CreateAsync(path, name, budget with { MaxTokens = share }, cancellationToken);
            left -= budget.Count(part.Text ?? "");
            parts.Add(part);
        }

        return parts;
    }

    async Task<FilePart> CreateAsync(string path, string name, PromptBudget budget, CancellationToken cancellationToken)
    {
        using var file = DocumentFile.Open(path, _readers.Value, name);
        if (file.Format is { IsProtected: false } format && format.Refuse(name) is { } refusal)
        {
            // It is there all the same: code can open it, and devices may read it some day.
            return Part($"{name}: {format.Description}, {ByteSize.Format(file.Length)}. {refusal}");
        }

        var maxLength = (int)Math.Min(int.MaxValue / 2, (long)budget.MaxTokens * MaxCharactersPerToken);
        var overview = await CreateOverviewAsync(maxLength);
        if (overview.IsWhole && budget.Count(overview.Text) > budget.MaxTokens)
        {
            overview = await CreateOverviewAsync(0);
        }

        return Part(overview.IsWhole ? overview.Text : Fit(overview.Text, budget));

        FilePart Part(string text) => new(name, name, file.Format.MediaType, text) { Origin = Origin.File };

        Task<FileOverview> CreateOverviewAsync(int maxWholeLength) => FileOverview.CreateAsync(
            file, maxWholeLength, Math.Min(MaxOverviewLength, maxLength), _options, _timeProvider, cancellationToken);
    }

    /// <summary>
    /// An overview that fits: its first line and its last, which says how to read on, and as many between as there is room for.
    /// </summary>
    static string Fit(string overview, PromptBudget budget)
    {
        var lines = overview.Split('\n').ToList();
        while (lines.Count > 2 && budget.Count(string.Join('\n', lines)) > budget.MaxTokens)
        {
            var removed = Math.Max(1, (lines.Count - 2) / 4);
            lines.RemoveRange(lines.Count - 1 - removed, removed);
        }

        return string.Join('\n', lines);
    }
}
