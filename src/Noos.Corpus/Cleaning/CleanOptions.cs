using Noos.Corpus.Cleaning.Duplicates;
using Noos.Corpus.Cleaning.Policies;

namespace Noos.Corpus.Cleaning;

/// <summary>What a corpus is made of and with. What is null is left as the folder has it from an earlier call.</summary>
public sealed record CleanOptions
{
    /// <summary>WARC and WET files, and folders with some; may be empty where the folder has a plan.</summary>
    public IReadOnlyList<string> Inputs { get; init; } = [];

    /// <summary>Bytes of an archive that are a unit of work.</summary>
    public long RangeBytes { get; init; } = 64 << 20;

    /// <summary>A tokenizer.json, to count tokens with.</summary>
    public string? Tokenizer { get; init; }

    /// <summary>Patterns of addresses that are on a list, as <see cref="Signals.AddressList"/> reads them.</summary>
    public IReadOnlyList<string>? Addresses { get; init; }

    /// <summary>Words of a list.</summary>
    public IReadOnlyList<string>? Words { get; init; }

    /// <summary>Wordings of examinations that are kept out of training.</summary>
    public IReadOnlyList<string>? Exams { get; init; }

    public IReadOnlyList<CleanPolicy>? Policies { get; init; }

    public MatchOptions Matching { get; init; } = new();
}
