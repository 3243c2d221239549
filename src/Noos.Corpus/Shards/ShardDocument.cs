namespace Noos.Corpus.Shards;

/// <summary>A document within a shard.</summary>
/// <param name="Ordinal">Its number in the shard, from 0.</param>
/// <param name="FirstToken">Position of its first token, which is the separator.</param>
/// <param name="TokenCount">Tokens, the separator included.</param>
/// <param name="Record">Where it comes from; null in shards that remember nothing of their documents.</param>
public readonly record struct ShardDocument(long Ordinal, long FirstToken, int TokenCount, DocumentRecord? Record);
