using Noos.Corpus.Documents.Filters;

namespace Noos.Corpus.Shards;

/// <summary>What has been built of a source so far.</summary>
/// <param name="Source">Name of the source.</param>
/// <param name="Train">The shard to train on.</param>
/// <param name="HeldOut">The shard to measure with.</param>
/// <param name="Duplicates">Documents left out because an equal one came before.</param>
/// <param name="Filtered">What filters dropped and replaced, in their order.</param>
public sealed record ShardBuilderResult(
    string Source, ShardSize Train, ShardSize HeldOut, long Duplicates, IReadOnlyList<FilterCount> Filtered);

/// <summary>The size of a shard.</summary>
public readonly record struct ShardSize(long Documents, long Tokens, long Utf8Bytes);
