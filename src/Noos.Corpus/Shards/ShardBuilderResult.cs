namespace Noos.Corpus.Shards;

/// <summary>What has been built of a source so far.</summary>
public sealed record ShardBuilderResult(string Source, ShardSize Train, ShardSize HeldOut, long Duplicates);

/// <summary>The size of a shard.</summary>
public readonly record struct ShardSize(long Documents, long Tokens, long Utf8Bytes);
