using Noos.Core;
using Noos.Language.Gguf;
using Noos.Language.Models;
using Noos.Testing;

namespace Noos.Language.Tests.Models;

public sealed class DecoderMetadataTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_the_file_says_is_read_under_the_prefix_of_its_architecture()
    {
        using var file = Write(
            ("general.architecture", "qwen3moe"),
            ("qwen3moe.block_count", 24u),
            ("qwen3moe.context_length", 4096ul),
            ("qwen3moe.embedding_length", (ushort)1024),
            ("qwen3moe.feed_forward_length", 3072u),
            ("qwen3moe.attention.head_count", 16u),
            ("qwen3moe.attention.head_count_kv", 4u),
            ("qwen3moe.attention.key_length", 128u),
            ("qwen3moe.attention.value_length", 96u),
            ("qwen3moe.expert_count", 64u),
            ("qwen3moe.expert_used_count", 8u),
            ("qwen3moe.rope.freq_base", 1e6f),
            ("qwen3moe.rope.scaling.type", "yarn"),
            ("tokenizer.ggml.tokens", new[] { "a", "b" }),
            ("llama.block_count", 7u));

        var metadata = new DecoderMetadata(file);

        Assert.Equal(
            ("qwen3moe", 24L, 4096L, 1024L, 3072L),
            (metadata.Architecture, metadata.BlockCount, metadata.ContextLength, metadata.EmbeddingLength, metadata.FeedForwardLength));
        Assert.Equal((16L, 4L, 128L, 96L), (metadata.HeadCount, metadata.KeyValueHeadCount, metadata.KeyLength, metadata.ValueLength));
        Assert.Equal((64L, 8L, 2), (metadata.ExpertCount, metadata.ExpertUsedCount, metadata.VocabularySize));
        Assert.Equal((1e6, "yarn"), (metadata.GetFloat("rope.freq_base"), metadata.GetString("rope.scaling.type")));
        Assert.Equal("qwen3moe.rope.freq_base", metadata.Key("rope.freq_base"));
    }

    [Fact]
    public void What_the_file_does_not_say_is_null_or_the_default_of_llama_cpp()
    {
        using var file = Write(("general.architecture", "llama"), ("llama.embedding_length", 512u), ("llama.attention.head_count", 8u));

        var metadata = new DecoderMetadata(file);

        Assert.Equal((64L, 64L), (metadata.KeyLength, metadata.ValueLength));
        Assert.Null(metadata.KeyValueHeadCount);
        Assert.Equal([8L], metadata.KeyValueHeadCounts);
        Assert.Null(metadata.BlockCount);
        Assert.Null(metadata.ExpertCount);
        Assert.Null(metadata.VocabularySize);
        Assert.Null(metadata.GetFloat("rope.freq_base"));

        using var nothing = Write();
        var empty = new DecoderMetadata(nothing);
        Assert.Null(empty.Architecture);
        Assert.Equal(0, empty.KeyLength);
        Assert.Empty(empty.KeyValueHeadCounts);
    }

    [Fact]
    public void Numbers_of_each_block_are_all_there_and_the_first_stands_for_them()
    {
        using var file = Write(
            ("general.architecture", "openelm"),
            ("openelm.block_count", 3u),
            ("openelm.embedding_length", 128u),
            ("openelm.attention.head_count", new[] { 4u, 8u, 8u }),
            ("openelm.attention.head_count_kv", new[] { 1, 2, 4 }));

        var metadata = new DecoderMetadata(file);

        Assert.Equal((4L, 1L), (metadata.HeadCount, metadata.KeyValueHeadCount));
        Assert.Equal([4L, 8L, 8L], metadata.GetIntegers("attention.head_count"));
        Assert.Equal([1L, 2L, 4L], metadata.KeyValueHeadCounts);

        // Seven key-value heads over all blocks, keys and values of 128 / 4 each.
        Assert.Equal(7 * (32 + 32), ModelInspection.Read(file).CacheValuesPerToken);
    }

    [Fact]
    public void A_value_of_another_type_is_damage()
    {
        using var file = Write(("general.architecture", "llama"), ("llama.block_count", "many"), ("llama.rope.freq_base", "high"));

        var metadata = new DecoderMetadata(file);

        Assert.Equal(ErrorKind.Damaged, Assert.Throws<NoosException>(() => metadata.BlockCount).Kind);
        Assert.Equal(ErrorKind.Damaged, Assert.Throws<NoosException>(() => metadata.GetFloat("rope.freq_base")).Kind);
    }

    GgufFile Write(params ReadOnlySpan<(string Key, GgufValue Value)> metadata)
    {
        var writer = new GgufWriter();
        foreach (var (key, value) in metadata)
        {
            writer.Add(key, value);
        }

        var path = _folder.File("model.gguf");
        writer.WriteTo(path);
        return GgufFile.Open(path);
    }
}
