namespace Noos.Cpus.Library;

/// <summary>A model that is worth pulling, with what must be known before it is here.</summary>
/// <param name="Name">For people.</param>
/// <param name="Reference">What is pulled: OWNER/REPO:QUANTIZATION.</param>
/// <param name="License">Its SPDX name.</param>
/// <param name="Parameters">Number of values of all tensors.</param>
/// <param name="Bytes">Of its file. The hub has the last word: what is pulled is checked against its listing.</param>
/// <param name="Advice">What it is good for, in a sentence.</param>
public sealed record CatalogModel(string Name, string Reference, string License, long Parameters, long Bytes, string Advice)
{
    /// <summary>Parameters that work for one token: fewer than all where it has experts.</summary>
    public long ActiveParameters { get; init; } = Parameters;

    /// <summary>Prompt and answer together may have so many tokens.</summary>
    public required int ContextLength { get; init; }

    public required int BlockCount { get; init; }

    public required int EmbeddingLength { get; init; }

    public required int KeyValueHeadCount { get; init; }

    /// <summary>Numbers of a key, and of a value, of one head.</summary>
    public required int HeadLength { get; init; }
}
