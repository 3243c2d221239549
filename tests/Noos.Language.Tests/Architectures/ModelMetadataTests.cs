using Noos.Core;
using Noos.Language.Architectures;
using Noos.Language.Gguf;
using Noos.Testing;

namespace Noos.Language.Tests.Architectures;

/// <summary>What the numbers of a model are where its file says them in an older way, or not at all: as llama.cpp has it.</summary>
public sealed class ModelMetadataTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(4f, null, "rope.scale_linear", 4f)]
    [InlineData(4f, null, "rope.scaling.factor", 4f)]
    [InlineData(4f, "linear", "rope.scaling.factor", 4f)]
    [InlineData(1f, "linear", "rope.scaling.factor", 0f)]
    [InlineData(1f, null, "rope.scaling.factor", 0f)]
    [InlineData(1f, "none", "rope.scaling.factor", 4f)]
    [InlineData(4f, "yarn", "rope.scale_linear", 4f)]
    [InlineData(1f, null, "rope.freq_base", 10_000f)]
    public void Positions_are_stretched_as_the_file_says_in_any_of_its_ways(float expected, string? type, string key, float value)
    {
        var config = Read("llama", type is null ? [(key, value)] : [("rope.scaling.type", type), (key, value)]);

        Assert.Equal((expected, type == "yarn"), (config.Rotary.Factor, config.Rotary.IsYarn));
    }

    [Fact]
    public void Number_that_is_given_for_each_block_counts_where_all_are_equal()
    {
        var config = Read("qwen3", ("attention.head_count_kv", new[] { 2, 2, 2 }), ("feed_forward_length", new[] { 96, 96, 96 }));

        Assert.Equal((2, 96), (config.KeyValueHeadCount, config.FeedForwardLength));
        Assert.Contains("head_count_kv", Refusal("qwen3", ("attention.head_count_kv", new[] { 2, 1, 2 })));
        Assert.Contains("head_count_kv", Refusal("qwen3", ("attention.head_count_kv", new[] { 2, 2 })));
    }

    [Fact]
    public void Windows_follow_the_pattern_of_the_file()
    {
        (string, GgufValue)[] window = [("attention.sliding_window", 32u)];
        Assert.Equal(6, Read("gemma3", window).SlidingWindowPattern);
        Assert.Equal(2, Read("gemma3", [.. window, ("attention.sliding_window_pattern", 2u)]).SlidingWindowPattern);
        Assert.True(Read("gemma3", [.. window, ("attention.sliding_window_pattern", 0u)]).IsLocal(2));
        Assert.Equal(6, Read("gemma3", [.. window, ("attention.sliding_window_pattern", new[] { 1, 0, 1 })]).SlidingWindowPattern);
        Assert.Equal(5_000, Read("gpt-oss", [.. window, ("rope.freq_base_swa", 5_000f)]).LocalRotary!.FrequencyBase);
    }

    [Fact]
    public void Experts_share_the_width_of_the_layer_where_they_have_none_of_their_own() =>
        Assert.Equal(24, Read("qwen3moe", ("expert_count", 8u), ("expert_used_count", 4u)).FeedForwardLength);

    [Theory]
    [InlineData("gemma3", "final_logit_softcapping")]
    [InlineData("qwen3", "attention.causal")]
    public void What_the_engine_does_not_compute_is_refused_and_not_passed_over(string architecture, string key)
    {
        GgufValue value = key == "attention.causal" ? false : 30f;

        Assert.Contains("does not compute", Refusal(architecture, (key, value)));
    }

    string Refusal(string architecture, params (string Key, GgufValue Value)[] values) =>
        Assert.Throws<NoosException>(() => Read(architecture, values)).Message;

    DecoderConfig Read(string architecture, params (string Key, GgufValue Value)[] values)
    {
        var all = new Dictionary<string, GgufValue>
        {
            ["context_length"] = 64u,
            ["embedding_length"] = 64u,
            ["block_count"] = 3u,
            ["feed_forward_length"] = 96u,
            ["attention.head_count"] = 4u,
            ["attention.layer_norm_rms_epsilon"] = 1e-6f,
        };
        foreach (var (key, value) in values)
        {
            all[key] = value;
        }

        var writer = new GgufWriter();
        writer.Add("general.architecture", architecture);
        foreach (var (key, value) in all)
        {
            writer.Add($"{architecture}.{key}", value);
        }

        writer.AddTensor("token_embd.weight", GgufTensorType.F32, [64, 4], new byte[64 * 4 * 4]);
        var path = _folder.File($"{Guid.NewGuid():N}.gguf");
        writer.WriteTo(path);
        using var file = GgufFile.Open(path);
        return DecoderConfig.Read(file);
    }
}
