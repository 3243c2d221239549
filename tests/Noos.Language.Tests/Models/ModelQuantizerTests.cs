using System.Globalization;
using Noos.Core;
using Noos.Language.Gguf;
using Noos.Language.Models;
using Noos.Testing;
using Noos.Testing.RandomModels;

namespace Noos.Language.Tests.Models;

public sealed class ModelQuantizerTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    static readonly RandomModelShape s_shape = RandomModelShape.Parse("tiny-qwen3") with
    {
        BlockCount = 2,
        FeedForwardLength = 256,
        HeadLength = 64,
        VocabularySize = 300,
    };

    string Input => _folder.File("in.gguf");

    string Output => _folder.File("out.gguf");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("q4_k_m")]
    [InlineData("q2_k")]
    [InlineData("iq4_xs")]
    [InlineData("bf16")]
    public void Run_makes_the_file_that_would_have_been_written_at_once(string name)
    {
        var mix = QuantizationMix.Parse(name);
        var direct = _folder.File("direct.gguf");
        RandomModelFile.Write(Input, s_shape, GgufTensorType.F32);
        RandomModelFile.Write(direct, s_shape, mix);

        Run(mix);

        using var made = GgufFile.Open(Output);
        using var expected = GgufFile.Open(direct);
        // The random model is in the order of converters, what llama-quantize writes in that of names.
        GgufTensor[] sorted =
        [
            .. expected.Tensors.OrderBy(tensor => BlockOf(tensor.Name)).ThenBy(tensor => tensor.Name, StringComparer.Ordinal),
        ];
        Assert.NotEqual(expected.Tensors[0].Name, sorted[0].Name);
        Assert.Equal(sorted, made.Tensors, (one, other) =>
            one.Name == other.Name && one.Type == other.Type && one.Dimensions.SequenceEqual(other.Dimensions));
        Assert.All(sorted.Zip(made.Tensors), pair =>
            Assert.True(expected.Data(pair.First).SequenceEqual(made.Data(pair.Second)), pair.First.Name));
        Assert.Equal(expected.Metadata.Keys.Order(), made.Metadata.Keys.Order());
        Assert.Equal(mix.FileType, made.GetInteger("general.file_type"));
        Assert.Equal(expected.GetStrings("tokenizer.ggml.tokens"), made.GetStrings("tokenizer.ggml.tokens"));
    }

    static int BlockOf(string name) =>
        name.StartsWith("blk.", StringComparison.Ordinal) ? int.Parse(name.Split('.')[1], CultureInfo.InvariantCulture) : -1;

    [Fact]
    public void Types_of_q4_k_m_are_those_of_llama_quantize()
    {
        // Eight blocks: the first, the last, and every third between deserve more bits.
        var plan = new QuantizationPlan(QuantizationMix.Parse("q4_k_m"), "qwen3", BlockCount: 8, HeadsPerKeyValueHead: 2, ExpertCount: 0);
        var tensors = RandomModelTensors.List(s_shape with { BlockCount = 8 }, 512)
            .Select(tensor => (tensor.Name, tensor.Dimensions, GgufTensorType.F32));

        var types = plan.Choose(tensors);

        Assert.Equal(GgufTensorType.Q6_K, types["token_embd.weight"]);
        Assert.Equal(GgufTensorType.F32, types["blk.0.attn_q_norm.weight"]);
        Assert.Equal(GgufTensorType.Q4_K, types["blk.0.attn_q.weight"]);
        Assert.Equal([0, 3, 6, 7], Enumerable.Range(0, 8).Where(block => types[$"blk.{block}.attn_v.weight"] == GgufTensorType.Q6_K));
        Assert.Equal([0, 3, 6, 7], Enumerable.Range(0, 8).Where(block => types[$"blk.{block}.ffn_down.weight"] == GgufTensorType.Q6_K));
    }

    [Theory]
    [InlineData(GgufTensorType.Q4_K, 576, GgufTensorType.Q5_0)]
    [InlineData(GgufTensorType.Q6_K, 576, GgufTensorType.Q8_0)]
    [InlineData(GgufTensorType.IQ4_XS, 576, GgufTensorType.IQ4_NL)]
    [InlineData(GgufTensorType.Q4_K, 512, GgufTensorType.Q4_K)]
    [InlineData(GgufTensorType.Q4_K, 100, GgufTensorType.F16)]
    [InlineData(GgufTensorType.Q8_0, 100, GgufTensorType.F16)]
    public void Rows_that_do_not_fit_get_the_nearest_type_that_does(GgufTensorType type, int columns, GgufTensorType expected) =>
        Assert.Equal(expected, QuantizationPlan.Fit(type, columns));

    [Theory]
    [InlineData("Q4_K", "q4_k_m")]
    [InlineData("q6_K", "q6_k")]
    [InlineData("Q3_K_L", "q3_k_l")]
    public void Names_are_those_of_llama_quantize(string name, string expected) => Assert.Equal(expected, QuantizationMix.Parse(name).Name);

    [Fact]
    public void Quantized_models_are_refused_unless_the_loss_is_accepted()
    {
        var mix = QuantizationMix.Parse("q4_k_m");
        RandomModelFile.Write(Input, s_shape, GgufTensorType.Q8_0);

        Assert.Contains("--requantize", Assert.Throws<NoosException>(() => Run(mix)).Message);
        Assert.False(File.Exists(Output));
        Run(mix, requantize: true);

        using var made = GgufFile.Open(Output);
        Assert.Contains(made.Tensors, tensor => tensor.Type == GgufTensorType.Q4_K);
    }

    [Theory]
    [InlineData(float.NaN, "not finite")]
    [InlineData(float.NegativeInfinity, "not finite")]
    [InlineData(1e9f, "too large")]
    public void Values_that_the_type_cannot_hold_are_refused_by_the_name_of_the_tensor(float value, string reason)
    {
        var values = new float[1024];
        values[700] = value;
        var writer = new GgufWriter();
        writer.Add("general.architecture", "qwen3");
        writer.AddTensor(
            "blk.0.ffn_up.weight", GgufTensorType.F32, [256, 4], System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(values));
        writer.WriteTo(Input);

        var message = Assert.Throws<NoosException>(() => Run(QuantizationMix.Parse("q4_k_m"))).Message;

        Assert.Contains("blk.0.ffn_up.weight", message);
        Assert.Contains(reason, message);
        Assert.Equal([Input], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void A_cancelled_run_leaves_nothing()
    {
        RandomModelFile.Write(Input, s_shape, GgufTensorType.F32);
        using var cancellation = new CancellationTokenSource();

        Assert.Throws<OperationCanceledException>(() => ModelQuantizer.Run(
            Input, Output, QuantizationMix.Parse("q4_0"), requantize: false, threads: 2, _ => cancellation.Cancel(), cancellation.Token));

        Assert.Equal([Input], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void Progress_ends_with_every_value_of_the_model()
    {
        RandomModelFile.Write(Input, s_shape, GgufTensorType.F16);
        var last = default(QuantizationProgress);

        ModelQuantizer.Run(Input, Output, QuantizationMix.Parse("q5_1"), requantize: false, threads: 1, progress =>
            last = progress, CancellationToken.None);

        using var made = GgufFile.Open(Output);
        Assert.Equal(made.Tensors.Sum(tensor => tensor.Count), last.Total);
        Assert.Equal(last.Total, last.Done);
    }

    [Fact]
    public void The_input_is_not_overwritten()
    {
        RandomModelFile.Write(Input, s_shape, GgufTensorType.F16);

        Assert.Contains("another file", Assert.Throws<NoosException>(() => ModelQuantizer.Run(
            Input, Input, QuantizationMix.Parse("q4_0"), requantize: false, threads: 1, null, CancellationToken.None)).Message);
    }

    [Fact]
    public void A_model_in_parts_becomes_one_file()
    {
        RandomModelFile.Write(Input, s_shape, GgufTensorType.F16);
        Split(Input, _folder.File("in"));
        ModelQuantizer.Run(Input, Output, QuantizationMix.Parse("q6_k"), requantize: false, threads: 1, null, CancellationToken.None);
        var whole = File.ReadAllBytes(Output);

        ModelQuantizer.Run(_folder.File("in-00001-of-00002.gguf"), Output, QuantizationMix.Parse("q6_k"), requantize: false, threads: 1,
            null, CancellationToken.None);

        Assert.Equal(whole, File.ReadAllBytes(Output));
    }

    static void Split(string path, string name)
    {
        using var file = GgufFile.Open(path);
        var half = file.Tensors.Count / 2;
        for (var part = 0; part < 2; part++)
        {
            var writer = new GgufWriter();
            foreach (var (key, value) in file.Metadata.Where(_ => part == 0))
            {
                writer.Add(key, value);
            }

            writer.Add("split.no", (ushort)part);
            writer.Add("split.count", (ushort)2);
            writer.Add("split.tensors.count", file.Tensors.Count);
            foreach (var tensor in part == 0 ? file.Tensors.Take(half) : file.Tensors.Skip(half))
            {
                writer.AddTensor(tensor.Name, tensor.Type, tensor.Dimensions, file.Data(tensor));
            }

            writer.WriteTo($"{name}-{part + 1:D5}-of-00002.gguf");
        }
    }

    void Run(QuantizationMix mix, bool requantize = false) =>
        ModelQuantizer.Run(Input, Output, mix, requantize, threads: 2, progress: null, CancellationToken.None);
}
